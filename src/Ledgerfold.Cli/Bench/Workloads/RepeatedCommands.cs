using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>Commands that were answered before, sent again word for word, at random over all of them, 64 in flight.</summary>
internal sealed class RepeatedCommands : Workload
{
    private const int Aggregates = 10_000;

    public override string Name => "repeat";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events + (long)(plan.Seconds * 200_000);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic(Aggregates);
        var numbers = new CommandNumbers();
        await using var ledger = plan.CreateLedger();
        await using var commands = new Commands(OrderTraffic.Shop, ledger);
        BenchPlan.Say($"sending at least {plan.Events / 2:N0} commands to repeat");
        while (numbers.Taken < plan.Events / 2)
            await Sending.New(commands, traffic, numbers, plan.Stretch);
        var head = (await ledger.ReadRange()).Head;
        await plan.Warm(length => Sending.Again(commands, traffic, numbers.Taken, seed: 1, length));

        var effort = new Effort();
        var slices = new List<Slice>();
        for (var p = 0; p < plan.Pairs; p++)
            slices.Add(await Sending.Again(commands, traffic, numbers.Taken, 100 * (p + 2), plan.Stretch * 2));
        var spent = effort.PerEvent(slices.Sum(slice => slice.Events));
        if ((await ledger.ReadRange()).Head != head)
            throw new InvalidOperationException("a repeated command was written again");
        var rates = slices.Select(slice => slice.PerSecond).ToArray();
        var latencies = new LatencyHistogram();
        foreach (var slice in slices)
            latencies.Add(slice.Latencies);
        return new WorkloadResult
        {
            Name = Name,
            Unit = "answers",
            EventsPerSecond = Pairs.Median(rates),
            P50Micros = latencies.Micros(0.5),
            P99Micros = latencies.Micros(0.99),
            AllocatedBytesPerEvent = spent.Bytes,
            Bars = [Bar.Least("answers a second", Pairs.Median(rates), 40_000)],
        }.With("answersPerSecondSpread", [rates.Min(), rates.Max()])
            .With("cpuMicrosPerAnswer", spent.CpuMicros)
            .With("ledgerEvents", head);
    }
}
