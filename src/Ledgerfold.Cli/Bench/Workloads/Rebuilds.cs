using System.Text.Json;
using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// A projection is built again beside the rows that people see, while 5,000 events arrive a second: how fast beside the first build with
/// nobody about, what an append waits meanwhile, and whether the rows come out the same. Then it is compared, row by row.
/// </summary>
internal sealed class Rebuilds : Workload
{
    private const int OrdersMax = 1_000_000;
    private const int ArriveEach = 5_000; // a second
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);

    public override string Name => "rebuild";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events * 2;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic((int)Math.Min(OrdersMax, plan.Events));
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {plan.Events:N0} events of {traffic.Orders:N0} orders");
        await traffic.Fill(ledger, plan.Events);
        await using var folds = plan.OpenFolds();
        await using var engine = new FoldEngine(ledger, folds, [OrderTraffic.Shop]);
        await using var operations = new OperationEngine(ledger, FoldOperations.Of(engine));
        BenchPlan.Say("building the rows");
        var began = TimeProvider.System.GetTimestamp();
        await engine.Start();
        if (!await engine.WaitUntil(OrderSummary.Projection, plan.Events))
            throw new InvalidOperationException("the projection stopped");
        var first = plan.Events / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        await operations.Start();

        var arrivals = new Arrivals(traffic, ledger, plan.Events);
        BenchPlan.Say("events arrive");
        using (var quiet = new CancellationTokenSource(TimeSpan.FromSeconds(plan.Seconds), TimeProvider.System))
            await arrivals.Go(quiet.Token);
        var before = arrivals.Take();
        BenchPlan.Say("building them again");
        using var busy = new CancellationTokenSource();
        var arriving = arrivals.Go(busy.Token);
        var (caughtUp, compared, rows) = await Rebuild(ledger, operations);
        var during = arrivals.Take();
        await busy.CancelAsync();
        await arriving;
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = caughtUp,
            RawPerSecond = first,
            Ratio = caughtUp / first,
            P50Micros = during.Micros(0.5),
            P99Micros = during.Micros(0.99),
            Bars =
            [
                Bar.Least("ratio to the first build", caughtUp / first, 0.8),
                Bar.Most("p99 of an append over that before", during.Micros(0.99) / before.Micros(0.99), 2),
                Bar.Most("seconds to compare a million rows", compared * 1_000_000 / rows, 20),
            ],
        }.With("rows", rows).With("comparedInSeconds", compared).With("appendP99MicrosBefore", before.Micros(0.99));
    }

    private static async Task<(double CaughtUp, double Compared, long Rows)> Rebuild(EmbeddedLedger ledger, OperationEngine operations)
    {
        var fold = OrderSummary.Projection.Fold;
        var began = TimeProvider.System.GetTimestamp();
        var origin = new OperationOrigin("bench", "to see how long it takes");
        if (await operations.Begin(new RebuildRequest(fold.Name, fold.Version), origin) is not BeginAnswer.Begun { Id: var id })
            throw new InvalidOperationException("the rebuild was not begun");
        TimeSpan? folded = null;
        while (await operations.Wait(id, TimeSpan.FromMilliseconds(20)) is { HasEnded: false } state)
        {
            if (state.Progress?.Message == "comparing")
                folded ??= TimeProvider.System.GetElapsedTime(began);
        }

        var ended = (await operations.Find(id))!;
        if (ended.Result?.Deserialize<RebuildResult>(EventJson.Options) is not { Comparison: var comparison } || !comparison.IsSame)
            throw new InvalidOperationException($"the rebuild came to {ended.Phase}: {ended.Error} {ended.Result}");
        var whole = TimeProvider.System.GetElapsedTime(began);
        folded ??= whole;
        return (comparison.Position / folded.Value.TotalSeconds, (whole - folded.Value).TotalSeconds, comparison.Same);
    }

    /// <summary>Events that arrive at their time, whether or not those before are on disk.</summary>
    private sealed class Arrivals(OrderTraffic traffic, EmbeddedLedger ledger, long first)
    {
        private readonly EventCodec _codec = new(OrderTraffic.Shop.EventTypes);
        private readonly Lock _lock = new();
        private LatencyHistogram _latencies = new();
        private long _number = first;

        public LatencyHistogram Take()
        {
            lock (_lock)
            {
                var taken = _latencies;
                _latencies = new LatencyHistogram();
                return taken;
            }
        }

        public async Task Go(CancellationToken cancel)
        {
            var running = new List<Task>();
            var started = TimeProvider.System.GetTimestamp();
            using var timer = new PeriodicTimer(Tick, TimeProvider.System);
            for (long sent = 0; !cancel.IsCancellationRequested; running.RemoveAll(static one => one.IsCompletedSuccessfully))
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
                for (var due = TimeProvider.System.GetElapsedTime(started).TotalSeconds * ArriveEach; sent < due; sent++)
                    running.Add(One(_number++));
            }

            await Task.WhenAll(running);
        }

        private async Task One(long number)
        {
            var request = traffic.Append(_codec, number, (int)(number % traffic.Orders));
            var before = TimeProvider.System.GetTimestamp();
            Appending.Check(await ledger.Append(request));
            lock (_lock)
                _latencies.AddSince(before);
        }
    }
}
