using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// New commands, each with an id of its own, on 10,000 aggregates at random, 64 in flight; against 64 callers that append a standard event
/// each to the same ledger, in turn.
/// </summary>
internal sealed class CommandsOnMany : Workload
{
    private const int Aggregates = 10_000;

    public override string Name => "commands";

    public override long EventsOnDisk(BenchPlan plan) => (long)(plan.Seconds * 300_000);

    public override Task<WorkloadResult> Run(BenchPlan plan) => Measure(plan, Name, Aggregates, least: 0.6);

    /// <summary>Measures commands on so many aggregates beside appends.</summary>
    public static async Task<WorkloadResult> Measure(BenchPlan plan, string name, int aggregates, double least)
    {
        var traffic = new OrderTraffic(aggregates);
        var numbers = new CommandNumbers();
        var lines = AppendManyWriters.LinesOf(new StandardEvents());
        await using var ledger = plan.CreateLedger();
        await using var folds = plan.OpenFolds();
        await using var commands = new Commands(OrderTraffic.Shop, ledger, new CommandsOptions { Folds = folds });
        await plan.Warm(async length =>
        {
            await Sending.New(commands, traffic, numbers, length);
            await Appending.Singly(ledger, lines, length / 2);
        });

        var (sending, appending) = (new Efforts(), new Efforts());
        var pairs = await Pairs.Measure(
            plan.Pairs,
            () => sending.Count(() => Sending.New(commands, traffic, numbers, plan.Stretch)),
            () => appending.Count(() => Appending.Singly(ledger, lines, plan.Stretch)));
        var before = (await ledger.ReadRange()).Head;
        await Sending.New(commands, traffic, numbers, plan.Stretch);
        var batch = await BatchFigures.After(ledger, before);
        return new WorkloadResult
        {
            Name = name,
            Unit = "commands",
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = pairs.OtherPerSecond,
            Ratio = pairs.Ratio,
            RatioSpread = pairs.Spread,
            P50Micros = pairs.OneLatencies.Micros(0.5),
            P99Micros = pairs.OneLatencies.Micros(0.99),
            AllocatedBytesPerEvent = sending.PerEvent.Bytes,
            Bars = [Bar.Least("ratio to append-64-writers", pairs.Ratio, least)],
        }.With("p999Micros", pairs.OneLatencies.Micros(0.999))
            .With("appendP50Micros", pairs.OtherLatencies.Micros(0.5))
            .With("cpuMicrosPerCommand", sending.PerEvent.CpuMicros)
            .With("cpuMicrosPerAppend", appending.PerEvent.CpuMicros)
            .With("eventsPerSync", batch.Events)
            .With("bytesPerEvent", batch.BytesPerEvent);
    }
}
