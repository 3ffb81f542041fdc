using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Loads the state of aggregates of 1,000 events whose events lie as far apart as those of the others allow: from all its events, and from
/// a snapshot with one event behind it. Nothing is kept in memory between two loads but what the kernel keeps of the files.
/// </summary>
internal sealed class LoadThousand : Workload
{
    private const int EventsOfOne = 1_000;

    private static readonly Module Looking = new Module("looking")
        .Events(OrderTraffic.Shop.EventTypes)
        .Handles<Look>(static (command, context) => command.Load(context));

    public override string Name => "load-1000";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events * 2;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic((int)(plan.Events / EventsOfOne));
        await using var ledger = plan.CreateLedger();
        await using var folds = plan.OpenFolds();
        BenchPlan.Say($"writing {traffic.Orders:N0} orders of {EventsOfOne:N0} events");
        await traffic.Fill(ledger, (long)traffic.Orders * EventsOfOne);

        BenchPlan.Say("loading from all events");
        var replay = await Measure(plan, traffic, ledger, new CommandsOptions { HotStatesMax = 0 }, EventsOfOne);
        await TakeSnapshots(traffic, ledger, folds);
        BenchPlan.Say("loading from snapshots");
        var snapshot = await Measure(plan, traffic, ledger, new CommandsOptions { HotStatesMax = 0, Folds = folds }, EventsOfOne + 2);
        var (p50, p50OfSnapshot) = (replay.Latencies.Micros(0.5), snapshot.Latencies.Micros(0.5));
        return new WorkloadResult
        {
            Name = Name,
            Unit = "loads",
            EventsPerSecond = replay.PerSecond,
            P50Micros = p50,
            P99Micros = replay.Latencies.Micros(0.99),
            Bars =
            [
                Bar.Most("all events, p50 in ms", p50 / 1_000, 4),
                Bar.Most("snapshot, p50 in µs", p50OfSnapshot, 100),
            ],
        }.With("snapshotP50Micros", p50OfSnapshot)
            .With("snapshotP99Micros", snapshot.Latencies.Micros(0.99))
            .With("ledgerEvents", (await ledger.ReadRange()).Head);
    }

    /// <summary>One command has the snapshot written, one more stands behind it.</summary>
    private static async Task TakeSnapshots(OrderTraffic traffic, EmbeddedLedger ledger, EmbeddedFoldStore folds)
    {
        await using var commands = new Commands(OrderTraffic.Shop, ledger, new CommandsOptions { Folds = folds });
        for (var round = 0; round < 2; round++)
        {
            for (var order = 0; order < traffic.Orders; order++)
            {
                var add = new AddItem(traffic.IdOf(order), "V1", "A1", 1, "EUR", "so that there is one more");
                if (await commands.Send(add, new CommandOrigin { Tenant = OrderTraffic.Tenant }) is not CommandAnswer.Accepted)
                    throw new InvalidOperationException($"order {order} took no command");
                if (order % 100 == 0)
                    await commands.SnapshotsWritten; // only so many may wait
            }

            await commands.SnapshotsWritten;
        }
    }

    private static async Task<Slice> Measure(
        BenchPlan plan, OrderTraffic traffic, EmbeddedLedger ledger, CommandsOptions options, long changes)
    {
        await using var commands = new Commands(Looking, ledger, options);
        var random = new Random(1);
        await plan.Warm(Load);
        return await Load(TimeSpan.FromSeconds(plan.Seconds / 2));

        async Task<Slice> Load(TimeSpan length)
        {
            var latencies = new LatencyHistogram();
            var started = TimeProvider.System.GetTimestamp();
            long count = 0;
            while (TimeProvider.System.GetElapsedTime(started) < length)
            {
                var look = new Look(traffic.IdOf(random.Next(traffic.Orders)), changes, latencies);
                if (await commands.Send(look, new CommandOrigin { Tenant = OrderTraffic.Tenant }) is not CommandAnswer.Rejected)
                    throw new InvalidOperationException($"{look.OrderId} cannot be looked at");
                count++;
            }

            return new Slice(count, TimeProvider.System.GetElapsedTime(started), latencies);
        }
    }

    /// <summary>Loads an order, checks that all of it is there, and leaves it as it is.</summary>
    private sealed class Look(string orderId, long changes, LatencyHistogram latencies)
    {
        public string OrderId => orderId;

        public async Task Load(Model.Deciding.HandlerContext context)
        {
            var before = TimeProvider.System.GetTimestamp();
            var state = await context.Load(Order.Decider, orderId);
            latencies.AddSince(before);
            if (state.Changes != changes)
                throw new InvalidOperationException($"{orderId} was changed {state.Changes} times");
            context.Reject("ONLY_LOOKED");
        }
    }
}
