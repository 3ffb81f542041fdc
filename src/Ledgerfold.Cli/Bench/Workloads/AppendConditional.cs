namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// The same 64 callers with a condition each: nobody used my tag since my last append. The tag has older events everywhere in the ledger,
/// so that the check has to look; nobody else uses it, so that it holds.
/// </summary>
internal sealed class AppendConditional : Workload
{
    public override string Name => "append-64-conditional";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * 150_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        var lines = AppendManyWriters.LinesOf(events);
        await using var ledger = plan.CreateLedger();
        using var raw = new RawYardstick(plan.Directory);
        await Appending.Singly(ledger, lines, plan.WarmUp / 2);
        await Appending.Singly(ledger, lines, plan.WarmUp, conditional: true);
        var bytes = (int)(AppendManyWriters.Writers * (await BatchFigures.After(ledger, 0)).BytesPerEvent);
        raw.Run(bytes, AppendManyWriters.Writers, plan.WarmUp / 4);

        var raws = new List<double>();
        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => Appending.Singly(ledger, lines, plan.Stretch, conditional: true),
            () =>
            {
                raws.Add(raw.Run(bytes, AppendManyWriters.Writers, plan.Stretch / 2).PerSecond);
                return Appending.Singly(ledger, lines, plan.Stretch);
            });
        var effort = new Effort();
        var last = await Appending.Singly(ledger, lines, plan.Stretch, conditional: true);
        var spent = effort.PerEvent(last.Events);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = Pairs.Median(raws),
            Ratio = pairs.OnePerSecond / Pairs.Median(raws),
            P50Micros = pairs.OneLatencies.Micros(0.5),
            P99Micros = pairs.OneLatencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.BytesBeyond(Effort.OfLine(events)),
            Bars = [Bar.Least("ratio to append-64-writers", pairs.Ratio, 0.8)],
        }.With("unconditionalPerSecond", pairs.OtherPerSecond).With("unconditionalRatioSpread", [pairs.Spread.Low, pairs.Spread.High]);
    }
}
