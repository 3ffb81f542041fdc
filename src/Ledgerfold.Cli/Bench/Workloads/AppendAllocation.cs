namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>Bytes that the process allocates for an appended event, the caller's request left out: one event an append, and 512.</summary>
internal sealed class AppendAllocation : Workload
{
    public override string Name => "append-allocation";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * 100_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        const int blocks = 200;
        var events = new StandardEvents();
        var lines = AppendManyWriters.LinesOf(events, firstBlock: 1 << 20);
        await using var ledger = plan.CreateLedger();
        await Appending.Singly(ledger, lines, plan.WarmUp);
        await Appending.InBulk(ledger, events, new BlockNumbers(0, blocks));

        var effort = new Effort();
        var singly = await Appending.Singly(ledger, lines, TimeSpan.FromSeconds(plan.Seconds / 4));
        var (spent, ofLine) = (effort.PerEvent(singly.Events), Effort.OfLine(events));
        effort = new Effort();
        var bulk = await Appending.InBulk(ledger, events, new BlockNumbers(blocks, blocks));
        var (spentInBulk, ofBlock) = (effort.PerEvent(bulk.Events), Effort.OfBlock(events));
        var (perSingle, perBulk) = (spent.BytesBeyond(ofLine), spentInBulk.BytesBeyond(ofBlock));
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = singly.PerSecond,
            AllocatedBytesPerEvent = perSingle,
            Bars =
            [
                Bar.Most("bytes allocated per event, one event an append", perSingle, 400),
                Bar.Most("bytes allocated per event, 512 events an append", perBulk, 400),
            ],
        }.With("cpuMicrosPerEvent", spent.CpuMicros)
            .With("bulkAllocatedBytesPerEvent", perBulk)
            .With("bulkCpuMicrosPerEvent", spentInBulk.CpuMicros)
            .With("generatorBytesPerEvent", ofLine)
            .With("generatorBulkBytesPerEvent", ofBlock);
    }
}
