namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// 64 callers on two ledgers in turn that hold the same events: in more than a thousand tiny segments, and in ten. Both are opened with
/// the usual segment size before they are measured, so that what differs is what came before.
/// </summary>
internal sealed class ManySegments : Workload
{
    private const int Segments = 1_024; // one for each block of a single caller: a block is larger than what fills a segment

    private const string Many = "many";
    private const string Few = "few";

    public override string Name => "many-segments";

    public override long EventsOnDisk(BenchPlan plan) => (2 * Segments * StandardEvents.BlockEvents) + (long)(plan.Seconds * 100_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        BenchPlan.Say($"writing {Segments * StandardEvents.BlockEvents:N0} events twice");
        await Write(plan, events, Many, segmentBytes: 256 * 1024, callers: 1);
        await Write(plan, events, Few, segmentBytes: Segments * StandardEvents.BlockEvents * 620L / 10, callers: 4);
        await using var many = plan.OpenLedger(Many);
        await using var few = plan.OpenLedger(Few);
        var manyLines = AppendManyWriters.LinesOf(events, firstBlock: 1 << 20);
        var fewLines = AppendManyWriters.LinesOf(events, firstBlock: 1 << 20);
        var manySegments = plan.SegmentsOf(Many);
        var fewSegments = plan.SegmentsOf(Few);
        await Appending.Singly(many, manyLines, plan.WarmUp);
        await Appending.Singly(few, fewLines, plan.WarmUp);

        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => Appending.Singly(many, manyLines, plan.Stretch),
            () => Appending.Singly(few, fewLines, plan.Stretch));
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            P50Micros = pairs.OneLatencies.Micros(0.5),
            P99Micros = pairs.OneLatencies.Micros(0.99),
            Bars =
            [
                Bar.Least("ratio to the ledger of ten segments", pairs.Ratio, 0.8),
                Bar.Least("segments", manySegments, 1_000),
            ],
        }.With("fewPerSecond", pairs.OtherPerSecond)
            .With("fewRatioSpread", [pairs.Spread.Low, pairs.Spread.High])
            .With("segments", manySegments)
            .With("fewSegments", fewSegments);
    }

    private static async Task Write(BenchPlan plan, StandardEvents events, string name, long segmentBytes, int callers)
    {
        await using var ledger = plan.CreateLedger(name, options => options with { SegmentBytes = segmentBytes });
        await Appending.InBulk(ledger, events, new BlockNumbers(0, Segments), callers);
    }
}
