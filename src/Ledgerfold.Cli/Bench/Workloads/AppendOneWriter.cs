namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>One event a call, awaited, against one write and sync per event.</summary>
internal sealed class AppendOneWriter : Workload
{
    public override string Name => "append-1-writer";

    public override long EventsOnDisk(BenchPlan plan) => 500_000;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        StandardEvents.Line[] lines = [events.LineOf(0, 64)];
        await using var ledger = plan.CreateLedger();
        using var raw = new RawYardstick(plan.Directory);
        await Appending.Singly(ledger, lines, plan.WarmUp);
        var batch = await BatchFigures.After(ledger, 0);
        raw.Run((int)batch.Bytes, 1, plan.WarmUp / 4);

        var effort = new Effort();
        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => Appending.Singly(ledger, lines, plan.Stretch),
            () => Task.FromResult(raw.Run((int)batch.Bytes, 1, plan.Stretch)));
        var spent = effort.PerEvent(pairs.Ones.Sum(slice => slice.Events));
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
            Bars = [Bar.Least("ratio to one write and sync per event", pairs.Ratio, 0.85)],
        }.With("rawP50Micros", pairs.OtherLatencies.Micros(0.5)).With("bytesPerSync", batch.Bytes);
    }
}
