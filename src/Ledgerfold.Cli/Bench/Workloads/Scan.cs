using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>Reads every event through the port and touches every field, from a warm page cache.</summary>
internal sealed class Scan : Workload
{
    private const int RawReadBytes = 256 * 1024;

    public override string Name => "scan";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events / 10;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        var blocks = EventsOnDisk(plan) / StandardEvents.BlockEvents;
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {blocks * StandardEvents.BlockEvents:N0} events to scan");
        await Appending.InBulk(ledger, events, new BlockNumbers(0, blocks));
        var warm = await Pass(ledger);
        var passes = Math.Clamp((int)(plan.Seconds / Math.Max(0.01, warm.Elapsed.TotalSeconds) / 2), 3, 50);
        var effort = new Effort();
        await Pass(ledger);
        var spent = effort.PerEvent(warm.Events);
        var pairs = await Pairs.Measure(passes, () => Pass(ledger), () => Task.FromResult(RawPass(plan, warm.Events)));
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = pairs.OtherPerSecond,
            Ratio = pairs.Ratio,
            RatioSpread = pairs.Spread,
            AllocatedBytesPerEvent = spent.Bytes,
            Bars =
            [
                Bar.Least("events a second", pairs.OnePerSecond, 1_500_000),
                Bar.Most("bytes allocated per event", spent.Bytes, 900),
            ],
        }.With("eventsPerSecondSpread", [pairs.Ones.Min(pass => pass.PerSecond), pairs.Ones.Max(pass => pass.PerSecond)])
            .With("cpuMicrosPerEvent", spent.CpuMicros)
            .With("ledgerEvents", warm.Events);
    }

    /// <summary>Looks at every field, so that nothing can be left for later; the sum keeps the compiler from leaving it out.</summary>
    public static long Touch(RecordedEvent recorded)
    {
        var sum = recorded.Position + recorded.Version + recorded.SchemaVersion + recorded.Id.GetHashCode() + recorded.RecordedAt.Ticks
            + (recorded.EffectiveAt?.Ticks ?? 0) + (recorded.Erased ? 1 : 0)
            + Ends(recorded.Tenant) + Ends(recorded.Stream) + Ends(recorded.Type) + Ends(recorded.ContentType)
            + Ends(recorded.CorrelationId) + Ends(recorded.CausationId) + Ends(recorded.Actor) + Ends(recorded.TraceParent);
        foreach (var tag in recorded.Tags)
            sum += Ends(tag);
        foreach (var (name, value) in recorded.Headers)
            sum += Ends(name) + Ends(value);
        var data = recorded.Data.Span;
        return sum + data.Length + data[0] + data[^1];

        static int Ends(string? text) => text is { Length: > 0 } ? text.Length + text[0] + text[^1] : 0;
    }

    private static async Task<Slice> Pass(EmbeddedLedger ledger)
    {
        var started = TimeProvider.System.GetTimestamp();
        long count = 0, sum = 0;
        await foreach (var page in ledger.Read(new ReadRequest { Tenant = StandardEvents.Tenant }))
        {
            foreach (var recorded in page.Events)
                sum += Touch(recorded);
            count += page.Events.Length;
        }

        if (sum == 0 || count != (await ledger.ReadRange()).Head)
            throw new InvalidOperationException($"the scan found {count} events");
        return new Slice(count, TimeProvider.System.GetElapsedTime(started), new LatencyHistogram());
    }

    /// <summary>Reads the bytes of all segments, and does nothing with them.</summary>
    private static Slice RawPass(BenchPlan plan, long events)
    {
        var started = TimeProvider.System.GetTimestamp();
        var buffer = new byte[RawReadBytes];
        foreach (var path in Directory.GetFiles(Path.Combine(plan.Directory, "ledger"), "segment-*.log"))
        {
            using var file = RawFile.OpenRead(path);
            for (long at = 0, read; (read = file.Read(buffer, at)) > 0; at += read)
            {
            }
        }

        return new Slice(events, TimeProvider.System.GetElapsedTime(started), new LatencyHistogram());
    }
}
