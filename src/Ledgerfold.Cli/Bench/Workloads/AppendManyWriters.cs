namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>64 callers that each await their own event, against 64 events a sync.</summary>
internal sealed class AppendManyWriters : Workload
{
    public const int Writers = 64;

    public override string Name => "append-64-writers";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * 100_000);

    public static StandardEvents.Line[] LinesOf(StandardEvents events, long firstBlock = 0) =>
        [.. Enumerable.Range(0, Writers).Select(writer => events.LineOf(writer, Writers, firstBlock))];

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        var lines = LinesOf(events);
        await using var ledger = plan.CreateLedger();
        using var raw = new RawYardstick(plan.Directory);
        await Appending.Singly(ledger, lines, plan.WarmUp);
        var before = (await ledger.ReadRange()).Head;
        var bytes = (int)(Writers * (await BatchFigures.After(ledger, 0)).BytesPerEvent);
        raw.Run(bytes, Writers, plan.WarmUp / 4);

        var effort = new Effort();
        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => Appending.Singly(ledger, lines, plan.Stretch),
            () => Task.FromResult(raw.Run(bytes, Writers, plan.Stretch)));
        var spent = effort.PerEvent(pairs.Ones.Sum(slice => slice.Events));
        var batch = await BatchFigures.After(ledger, before);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = pairs.OtherPerSecond,
            Ratio = pairs.Ratio,
            RatioSpread = pairs.Spread,
            P50Micros = pairs.OneLatencies.Micros(0.5),
            P99Micros = pairs.OneLatencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.BytesBeyond(Effort.OfLine(events)),
            Bars = [Bar.Least("ratio to 64 events a sync", pairs.Ratio, 0.55)],
        }.With("eventsPerSync", batch.Events).With("rawP50Micros", pairs.OtherLatencies.Micros(0.5)).With("bytesPerSync", batch.Bytes);
    }
}
