namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Four callers with 512 events an append, in one go over at least eight segment rolls, zeroing and the sealing of indexes included.
/// </summary>
internal sealed class AppendBulk : Workload
{
    private const int Rolls = 9;
    private const long EventsMax = 4_000_000;
    private const int SegmentBytesMax = 256 * 1024 * 1024;
    private const int BytesPerEvent = 620; // fewer than a standard event takes

    public override string Name => "append-bulk";

    public override long EventsOnDisk(BenchPlan plan) => EventsOf(plan) * 5 / 4;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var count = EventsOf(plan);
        var segmentBytes = Math.Min(SegmentBytesMax, count * BytesPerEvent / Rolls);
        var events = new StandardEvents();
        await using var ledger = plan.CreateLedger(change: options => options with { SegmentBytes = segmentBytes });
        using var raw = new RawYardstick(plan.Directory);
        var warm = await Appending.InBulk(ledger, events, new BlockNumbers(0, count / 4 / StandardEvents.BlockEvents));
        var before = (await ledger.ReadRange()).Head;
        var batch = await BatchFigures.After(ledger, 0);
        var segments = plan.SegmentsOf();
        var raws = new List<Slice> { raw.Run((int)batch.Bytes, (int)batch.Events, plan.Stretch * 2) };

        var effort = new Effort();
        var collections = GC.CollectionCount(0);
        var bulk = await Appending.InBulk(
            ledger, events, new BlockNumbers(warm.Events / StandardEvents.BlockEvents, count / StandardEvents.BlockEvents));
        var spent = effort.PerEvent(bulk.Events);
        collections = GC.CollectionCount(0) - collections;
        var rolls = plan.SegmentsOf() - segments;
        batch = await BatchFigures.After(ledger, Math.Max(before, bulk.Events / 2));
        raws.Add(raw.Run((int)batch.Bytes, (int)Math.Max(1, batch.Events), plan.Stretch * 2));
        var rawPerSecond = Pairs.Median(raws.Select(slice => slice.PerSecond));
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = bulk.PerSecond,
            RawPerSecond = rawPerSecond,
            Ratio = bulk.PerSecond / rawPerSecond,
            P50Micros = bulk.Latencies.Micros(0.5),
            P99Micros = bulk.Latencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.BytesBeyond(Effort.OfBlock(events)),
            Bars =
            [
                Bar.Least("events a second", bulk.PerSecond, 300_000),
                Bar.Least("segment rolls", rolls, 8),
            ],
        }.With("segmentRolls", rolls)
            .With("eventsPerSync", batch.Events)
            .With("bytesPerSync", batch.Bytes)
            .With("engineMBps", bulk.PerSecond * batch.BytesPerEvent / 1e6)
            .With("rawMBps", rawPerSecond * batch.BytesPerEvent / 1e6)
            .With("maxMillis", bulk.Latencies.MaxMicros / 1000)
            .With("cpuMicrosPerEvent", spent.CpuMicros)
            .With("collections", collections);
    }

    private static long EventsOf(BenchPlan plan) => Math.Min(EventsMax, plan.Events / 5);
}
