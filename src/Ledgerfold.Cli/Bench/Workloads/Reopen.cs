using System.Diagnostics;
using System.Globalization;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Opens a ledger whose writer was killed while its active segment was all but full and the index of the one before was being built: in a
/// new process each time, on a copy of what the killed one left, at a twentieth of the size and at half of it.
/// </summary>
internal sealed class Reopen : Workload
{
    private const int Openings = 3;
    private const int CopiedBytesMax = 16 * 1024 * 1024;

    public override string Name => "reopen";

    public override long EventsOnDisk(BenchPlan plan) => (plan.Events * 11 / 20) + 1_500_000;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var small = await Measure(plan, "small", plan.Events / 20);
        var large = await Measure(plan, "large", plan.Events / 2);
        return new WorkloadResult
        {
            Name = Name,
            Unit = "events replayed",
            EventsPerSecond = large.Replayed / large.Open,
            Bars =
            [
                Bar.Most("seconds to open the smaller one", small.Open, 1.5),
                Bar.Most("seconds to open the larger one", large.Open, 1.5),
                Bar.Most("larger to smaller", large.Open / small.Open, 1.25),
            ],
        }.With("openSeconds", [small.Open, large.Open])
            .With("withRuntimeStartSeconds", [small.WithStart, large.WithStart])
            .With("events", [small.Events, large.Events])
            .With("activeSegmentFull", [small.Full, large.Full]);
    }

    private static async Task<Opened> Measure(BenchPlan plan, string name, long events)
    {
        var killed = Path.Combine(plan.Directory, name);
        BenchPlan.Say($"writing {events:N0} events in a process that is then killed");
        var report = await KillWhenReady(killed, events);
        List<double> opens = [], starts = [];
        long head = 0;
        for (var o = 0; o < Openings; o++)
        {
            var copy = $"{killed}-{o}";
            Copy(killed, copy);
            var started = TimeProvider.System.GetTimestamp();
            var answer = (await SelfProcess.Run(BenchLedgerVerb.OpenArguments(copy))).Split(' ');
            starts.Add(TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            opens.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
            head = long.Parse(answer[1], CultureInfo.InvariantCulture);
            Directory.Delete(copy, recursive: true);
        }

        Directory.Delete(killed, recursive: true);
        if (head < report.Acknowledged)
            throw new InvalidOperationException($"{report.Acknowledged} events were acknowledged, {head} came back");
        return new Opened(Pairs.Median(opens), Pairs.Median(starts), head, head - report.IndexedThrough, report.Full);
    }

    /// <summary>Starts a writer, lets it tell that it is where it should be, and kills it in the middle of an append.</summary>
    private static async Task<Victim.Ready> KillWhenReady(string directory, long events)
    {
        using var victim = SelfProcess.Start(BenchLedgerVerb.VictimArguments(directory, events));
        try
        {
            var line = await victim.StandardOutput.ReadLineAsync();
            return Victim.Ready.Parse(line ?? throw new InvalidOperationException("the writer ended before it could be killed"));
        }
        finally
        {
            victim.Kill(); // SIGKILL
            await victim.WaitForExitAsync();
        }
    }

    /// <summary>Copies what opening may change; whole segments and runs, which it may not, are linked.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        var paths = Directory.GetFiles(from).Order(StringComparer.Ordinal).ToArray();
        var lastSegments = paths.Where(path => path.EndsWith(".log", StringComparison.Ordinal)).TakeLast(2).ToArray();
        foreach (var path in paths)
        {
            var target = Path.Combine(to, Path.GetFileName(path));
            if (new FileInfo(path).Length <= CopiedBytesMax || lastSegments.Contains(path))
                CopyDurably(path, target);
            else
                RawFile.Link(path, target);
        }
    }

    /// <summary>Copies a file and syncs the copy, so that the first sync of the one who opens it has none of ours to wait for.</summary>
    private static void CopyDurably(string path, string target)
    {
        File.Copy(path, target);
        using var file = RawFile.OpenRead(target);
        file.Sync();
    }

    private sealed record Opened(double Open, double WithStart, long Events, long Replayed, double Full);
}
