using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load.Recounting;
using Ledgerfold.Cli.Load.Running;
using Ledgerfold.Cli.Load.Sending;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Load;

/// <summary>
/// A run from beginning to end: a server, what is for sale on it, the traffic from a process of its own, the wait until every checkout has
/// ended, the export of all events, and the recount by another process that knows nothing but that file.
/// </summary>
/// <param name="plan">How much.</param>
/// <param name="directory">Where the server's data, the export and the answers go.</param>
internal sealed class LoadRun(LoadPlan plan, string directory)
{
    private const string ProviderJournal = "provider.journal";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EndsByItself = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndsAtLast = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AdvanceEvery = TimeSpan.FromSeconds(5);

    // what is tried again behind the end of a checkout, such as giving up a hold that came late, is tried after 5 minutes at the longest
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(301);
    private static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(60);

    private readonly LoadTraffic _traffic = LoadTraffic.Of(plan);
    private readonly Cores _cores = Cores.OfThisMachine();

    /// <summary>On a server of our own.</summary>
    public async Task<LoadReport> OnOwnServer(CancellationToken cancel)
    {
        var device = DeviceFigures.Measure(directory);
        var data = Path.Combine(directory, "data");
        await using var server = await ServerProgram.Start(data, _cores, cancel);
        var address = await server.Address();
        string? key = null;
        using (var asking = new MarketplaceApi(address, apiKey: null))
        {
            if (await asking.WantsKey(cancel))
                key = await server.Claim(cancel);
        }

        var (report, kpis) = await WhileItRuns(server, () => Load(address, key, server.ProcessId, cancel));
        await server.Stop(cancel);
        var journal = Directory.EnumerateFiles(data, ProviderJournal, SearchOption.AllDirectories).FirstOrDefault();
        return await Finish(report with { Device = device }, kpis, journal, cancel);
    }

    /// <summary>On a server that runs already.</summary>
    public async Task<LoadReport> OnServer(Uri address, string? key, CancellationToken cancel)
    {
        var (report, kpis) = await Load(address, key, serverProcess: null, cancel);
        return await Finish(report, kpis, providerJournal: null, cancel);
    }

    /// <summary>A server that is gone is what went wrong, whatever else fails because of it.</summary>
    private static async Task<T> WhileItRuns<T>(ServerProgram server, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (server.HasEnded && failure is not OperationCanceledException)
        {
            throw server.Gone();
        }
    }

    private string Events => Path.Combine(directory, "events.ndjson");

    private string Answers => Path.Combine(directory, "answers.ndjson");

    private async Task<(LoadReport Report, JsonDocument? Kpis)> Load(
        Uri address, string? key, int? serverProcess, CancellationToken cancel)
    {
        using var api = new MarketplaceApi(address, key);
        var before = await api.Position(cancel);
        Say($"seeding {_traffic.Catalogue.All.Count()} articles, and what the provider does");
        await api.Seed(_traffic.Catalogue, cancel);
        await api.Script(_traffic.Purchases, cancel);

        Say($"sending {_traffic.Clicks.Count:N0} attempts over {plan.Schedule.Length.TotalSeconds:N0} s");
        await using var gauges = new GaugeWatch(api);
        await using var watch = serverProcess is { } process ? new ProcessWatch(process) : null;
        var machine = new MachineLoad();
        var sending = await GenerateVerb.Run(_cores, address, plan, Answers, key, cancel);
        var figures = watch is null ? null : await watch.End();
        var busyElsewhere = figures is null ? (double?)null : machine.Without(figures.CpuSeconds + sending.CpuSeconds);

        Say("waiting until every checkout has ended");
        var (drained, advanced) = await Drain(api, cancel);
        await Settle(api, cancel);
        var highest = await gauges.End();
        var kpis = plan.Profile is LoadProfile.Steady ? await api.Kpis(cancel) : null;
        Say("exporting the events");
        await api.Export(Events, kpis is null ? before : 0, cancel); // key figures are about all there is
        var report = new LoadReport
        {
            Profile = $"{plan.Profile}".ToLowerInvariant(),
            Sending = sending,
            Recount = new RecountReport(),
            Cores = _cores.Told,
            Server = figures,
            ServerGauges = highest,
            BusyElsewhere = busyElsewhere,
            DrainSeconds = Math.Round(drained.TotalSeconds, 1),
            AdvancedSeconds = advanced.TotalSeconds,
        };
        return (report, kpis);
    }

    /// <summary>Counts again, in a process of its own.</summary>
    private async Task<LoadReport> Finish(LoadReport report, JsonDocument? kpis, string? providerJournal, CancellationToken cancel)
    {
        Say("counting again");
        string[] arguments =
        [
            LoadVerb.Name, RecountVerb.Name, "--events", Events, "--answers", Answers, "--once-per-card", "--json",
            .. _traffic.Catalogue.Hot is { } hot ? (string[])["--hot", hot.Id] : [],
            .. providerJournal is null ? [] : (string[])["--provider", providerJournal],
        ];
        var recount = JsonSerializer.Deserialize<RecountReport>(
            await OwnProcess.Run(core: null, arguments, environment: null, cancel), BenchReport.Json)!;
        using (kpis)
        {
            return report with
            {
                Recount = recount,
                Kpis = kpis is null ? null : KpiComparison.Of(recount.Kpis, kpis.RootElement),
            };
        }
    }

    /// <summary>Waits until no order is pending; after a while it puts the clock forward, so that what hangs meets its limits.</summary>
    private static async Task<(TimeSpan Took, TimeSpan Advanced)> Drain(MarketplaceApi api, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (advanced, advanceAt) = (TimeSpan.Zero, EndsByItself);
        while (await api.HasPending(cancel))
        {
            var passed = TimeProvider.System.GetElapsedTime(started);
            if (passed > EndsAtLast)
                break; // the recount tells which
            if (passed > advanceAt && await api.Advance(Step, cancel))
                (advanced, advanceAt) = (advanced + Step, passed + AdvanceEvery);
            await Task.Delay(LookEvery, TimeProvider.System, cancel);
        }

        return (TimeProvider.System.GetElapsedTime(started), advanced);
    }

    /// <summary>
    /// Lets everything be done that is done behind the ends of checkouts: nobody waits for it any more, so the clock may go to it, twice,
    /// because what is tried again may have to be tried once more.
    /// </summary>
    private static async Task Settle(MarketplaceApi api, CancellationToken cancel)
    {
        await BeQuiet(api, cancel);
        for (var round = 0; round < 2 && await api.Advance(LongestPause, cancel); round++)
            await BeQuiet(api, cancel);
    }

    /// <summary>Waits until nothing is appended any more.</summary>
    private static async Task BeQuiet(MarketplaceApi api, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (position, since) = (await api.Position(cancel), started);
        while (TimeProvider.System.GetElapsedTime(since) < QuietFor && TimeProvider.System.GetElapsedTime(started) < QuietWithin)
        {
            await Task.Delay(LookEvery, TimeProvider.System, cancel);
            if (await api.Position(cancel) is var now && now != position)
                (position, since) = (now, TimeProvider.System.GetTimestamp());
        }
    }

    private static void Say(string what) => Console.Error.WriteLine(what);
}
