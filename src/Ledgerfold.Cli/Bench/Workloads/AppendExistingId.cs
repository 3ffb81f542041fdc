namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>Appends of events that stand in the ledger already, word for word, at random over all of it, 64 in flight.</summary>
internal sealed class AppendExistingId : Workload
{
    private const int AnswersBeforeYield = 16;

    public override string Name => "append-existing-id";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events / 4;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var events = new StandardEvents();
        var blocks = EventsOnDisk(plan) / StandardEvents.BlockEvents;
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {blocks * StandardEvents.BlockEvents:N0} events to repeat");
        await Appending.InBulk(ledger, events, new BlockNumbers(0, blocks));
        var head = (await ledger.ReadRange()).Head;
        await Repeat(ledger, events, blocks, plan.WarmUp, seed: 1);

        var effort = new Effort();
        var slices = new List<Slice>();
        for (var p = 0; p < plan.Pairs; p++)
            slices.Add(await Repeat(ledger, events, blocks, plan.Stretch * 2, seed: 100 * (p + 2)));
        var spent = effort.PerEvent(slices.Sum(slice => slice.Events));
        var rates = slices.Select(slice => slice.PerSecond).ToArray();
        var latencies = new LatencyHistogram();
        foreach (var slice in slices)
            latencies.Add(slice.Latencies);
        if ((await ledger.ReadRange()).Head != head)
            throw new InvalidOperationException("a repeat was written again");
        return new WorkloadResult
        {
            Name = Name,
            Unit = "answers",
            EventsPerSecond = Pairs.Median(rates),
            P50Micros = latencies.Micros(0.5),
            P99Micros = latencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.BytesBeyond(OfGenerator(events)),
            Bars = [Bar.Least("answers a second", Pairs.Median(rates), 60_000)],
        }.With("answersPerSecondSpread", [rates.Min(), rates.Max()]).With("cpuMicrosPerAnswer", spent.CpuMicros).With("ledgerEvents", head);
    }

    private static async Task<Slice> Repeat(ILedger ledger, StandardEvents events, long blocks, TimeSpan length, int seed)
    {
        var started = TimeProvider.System.GetTimestamp();
        var callers = Enumerable.Range(0, AppendManyWriters.Writers)
            .Select(caller => Task.Run(() => Repeat(ledger, events, blocks, started, length, new Random(seed + caller))));
        var slices = await Task.WhenAll(callers);
        var latencies = new LatencyHistogram();
        foreach (var slice in slices)
            latencies.Add(slice.Latencies);
        return new Slice(slices.Sum(slice => slice.Answers), TimeProvider.System.GetElapsedTime(started), latencies);
    }

    private static async Task<(long Answers, LatencyHistogram Latencies)> Repeat(
        ILedger ledger, StandardEvents events, long blocks, long started, TimeSpan length, Random random)
    {
        var latencies = new LatencyHistogram();
        long answers = 0;
        while (TimeProvider.System.GetElapsedTime(started) < length)
        {
            var request = events.Again(random.NextInt64(blocks), random.Next(StandardEvents.BlockEvents));
            var before = TimeProvider.System.GetTimestamp();
            Appending.Check(await ledger.Append(request), repeated: true);
            latencies.AddSince(before);
            if (++answers % AnswersBeforeYield == 0)
                await Task.Yield(); // answers that come at once would let one caller keep its thread and the others wait
        }

        return (answers, latencies);
    }

    private static double OfGenerator(StandardEvents events)
    {
        const int count = 10_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < count; i++)
            events.Again(i, i % StandardEvents.BlockEvents);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
    }
}
