using System.Text.Json;
using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Instances of which each waits for a timer: as many as there are to be, due in a year, and then 10,000 more that are due within one
/// second. How late each fires, from when it was due to when that is on disk and its instance has taken it up.
/// </summary>
internal sealed class Timers : Workload
{
    private const int Due = 10_000;

    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(5);

    public override string Name => "timers";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events * 3;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        await using var ledger = plan.CreateLedger();
        await using var folds = plan.OpenFolds();
        await using var commands = new Commands(Parcel.Awaiting, ledger, new CommandsOptions { Folds = folds });
        await using var engine = new ProcessEngine(ledger, folds, [Parcel.Awaiting], commands);
        await engine.Start();

        BenchPlan.Say($"setting {plan.Events:N0} timers");
        var never = TimeProvider.System.GetUtcNow().AddDays(365);
        var started = TimeProvider.System.GetTimestamp();
        await Parcel.Begin(ledger, 0, plan.Events, number => new Parcel.Awaited(Parcel.NameOf(number), never));
        var head = (await ledger.ReadRange()).Head;
        await engine.WaitUntil("waiting", head);
        var set = TimeProvider.System.GetElapsedTime(started);
        await engine.Search(new InstanceSearch { Process = "waiting", Limit = 1 }, (await ledger.ReadRange()).Head);
        GC.Collect();
        var heap = ProcessMemory.HeapMB;

        BenchPlan.Say($"{Due:N0} of {plan.Events + Due:N0} fall due within a second");
        var first = TimeProvider.System.GetUtcNow() + Ahead;
        await Parcel.Begin(ledger, plan.Events, Due, number => new Parcel.Awaited(
            Parcel.NameOf(number), first + TimeSpan.FromSeconds((number - plan.Events) / (double)Due)));
        var late = await WaitForAll(ledger, head, first);
        GC.Collect();
        return new WorkloadResult
        {
            Name = Name,
            Unit = "timers set",
            EventsPerSecond = plan.Events / set.TotalSeconds,
            P50Micros = late.Fired[Due / 2].TotalMicroseconds,
            P99Micros = late.Fired[Due / 100 * 99].TotalMicroseconds,
            Bars = [Bar.Most("seconds until the last of 10,000 was taken up, after it was due", late.Last.TotalSeconds, 2)],
        }.With("lastFiredSecondsLate", late.Fired[^1].TotalSeconds)
            .With("heapMBPending", heap)
            .With("heapMBAfter", ProcessMemory.HeapMB)
            .With("pending", plan.Events);
    }

    /// <summary>How late each was on disk, the least late first, and how late the last one was taken up.</summary>
    private static async Task<(List<TimeSpan> Fired, TimeSpan Last)> WaitForAll(EmbeddedLedger ledger, long after, DateTimeOffset first)
    {
        var (late, taken) = (new List<TimeSpan>(), 0);
        var query = EventQuery.Of(new QueryItem { Category = "$process", Types = ["ProcessAdvanced", "TimerFired"] });
        await foreach (var page in ledger.Read(new ReadRequest { Query = query, After = after, Follow = true }))
        {
            foreach (var recorded in page.Events)
            {
                if (recorded.Type == "TimerFired")
                    late.Add(recorded.RecordedAt - DueOf(recorded));
                else if (recorded.Version == 3 && ++taken == Due) // set, fired, taken up
                    return ([.. late.Order()], recorded.RecordedAt - (first + TimeSpan.FromSeconds(1)));
            }
        }

        throw new InvalidOperationException("the ledger ended a read that follows it");
    }

    private static DateTimeOffset DueOf(RecordedEvent fired)
    {
        using var said = JsonDocument.Parse(fired.Data);
        return said.RootElement.GetProperty("due").GetDateTimeOffset();
    }
}
