namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// How long 64 callers wait while segments fill, roll and are sealed, against a bare write and sync of 64 events: six times as long as
/// the other workloads, so that there are enough of the slowest thousandth to count.
/// </summary>
internal sealed class LatencyOverRolls : Workload
{
    private const int Times = 6;
    private const double SlackMillis = 10;

    public override string Name => "latency-over-rolls";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * Times * 60_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        // A short run rolls as often as a long one.
        var segmentBytes = (long)(256 * 1024 * 1024 * Math.Min(1, plan.Seconds / BenchPlan.SecondsDefault));
        var events = new StandardEvents();
        var lines = AppendManyWriters.LinesOf(events);
        await using var ledger = plan.CreateLedger(change: options => options with { SegmentBytes = segmentBytes });
        using var raw = new RawYardstick(plan.Directory);
        await Appending.Singly(ledger, lines, plan.WarmUp);
        var bytes = (int)(AppendManyWriters.Writers * (await BatchFigures.After(ledger, 0)).BytesPerEvent);
        raw.Run(bytes, AppendManyWriters.Writers, plan.WarmUp / 4);
        var segments = plan.SegmentsOf();

        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => Appending.Singly(ledger, lines, plan.Stretch * Times * 4 / 3),
            () => Task.FromResult(raw.Run(bytes, AppendManyWriters.Writers, plan.Stretch * Times * 2 / 3)));
        var (engine, bare) = (pairs.OneLatencies, pairs.OtherLatencies);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = pairs.OtherPerSecond,
            Ratio = pairs.Ratio,
            RatioSpread = pairs.Spread,
            P50Micros = engine.Micros(0.5),
            P99Micros = engine.Micros(0.99),
            Bars = [Bar.Most("p99.9 over that of the yardstick in ms", (engine.Micros(0.999) - bare.Micros(0.999)) / 1000, SlackMillis)],
        }.With("p999Micros", engine.Micros(0.999))
            .With("maxMicros", engine.MaxMicros)
            .With("rawP999Micros", bare.Micros(0.999))
            .With("rawMaxMicros", bare.MaxMicros)
            .With("segmentRolls", plan.SegmentsOf() - segments);
    }
}
