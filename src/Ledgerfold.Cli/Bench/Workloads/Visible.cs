using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// How long it takes from an append to its event showing in a background projection, at 200 appends a second whether earlier ones are done
/// or not. Once for readers who ask for what they appended, by its token; and once for those who only look, which nobody hurries for.
/// </summary>
internal sealed class Visible : Workload
{
    private const int Orders = 10_000;
    private const double SlackMillis = 5;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(1);

    public override string Name => "visible";

    public override long EventsOnDisk(BenchPlan plan) => 500_000;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic(Orders);
        await using var ledger = plan.CreateLedger();
        await using var folds = plan.OpenFolds();
        await using var engine = new FoldEngine(ledger, folds, [OrderTraffic.Shop]);
        await engine.Start();
        var run = new Traffic(traffic, ledger, engine);
        await plan.Warm(length => run.Measure(length, run.Ask));
        var asked = await run.Measure(TimeSpan.FromSeconds(plan.Seconds), run.Ask);
        var looked = await run.Measure(TimeSpan.FromSeconds(plan.Seconds / 2), run.Look);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = asked.Visible.PerSecond,
            P50Micros = asked.Visible.Latencies.Micros(0.5),
            P99Micros = asked.Visible.Latencies.Micros(0.99),
            Bars =
            [
                Bar.Most(
                    "p99 over that of the append in ms",
                    (asked.Visible.Latencies.Micros(0.99) - asked.Appends.Micros(0.99)) / 1_000,
                    SlackMillis),
            ],
        }.With("appendP50Micros", asked.Appends.Micros(0.5))
            .With("appendP99Micros", asked.Appends.Micros(0.99))
            .With("unaskedP50Micros", looked.Visible.Latencies.Micros(0.5))
            .With("unaskedP99Micros", looked.Visible.Latencies.Micros(0.99));
    }

    private sealed class Traffic(OrderTraffic traffic, EmbeddedLedger ledger, FoldEngine engine)
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

        private readonly EventCodec _codec = new(OrderTraffic.Shop.EventTypes);
        private readonly ProjectionReader<OrderSummary.Row> _reader = new Projections(engine).Of(OrderSummary.Projection);
        private readonly Lock _lock = new();
        private long _number;

        /// <summary>Reads what was appended, at least as new as its token.</summary>
        public async Task Ask(string stream, long position)
        {
            var answer = await _reader.Get(stream, Consistency.AtLeast(position, Patience), OrderTraffic.Tenant);
            if (answer.OrThrow() is not { } row || row.LastPosition < position)
                throw new InvalidOperationException($"{stream} does not show position {position}");
        }

        /// <summary>Reads whatever there is until what was appended is among it.</summary>
        public async Task Look(string stream, long position)
        {
            while (true)
            {
                var answer = await _reader.Get(stream, Consistency.Eventual, OrderTraffic.Tenant);
                if (answer.OrThrow() is { } row && row.LastPosition >= position)
                    return;
                await Task.Delay(LookEvery, TimeProvider.System);
            }
        }

        public async Task<(Slice Visible, LatencyHistogram Appends)> Measure(TimeSpan length, Func<string, long, Task> see)
        {
            var (visible, appends) = (new LatencyHistogram(), new LatencyHistogram());
            var running = new List<Task>();
            var started = TimeProvider.System.GetTimestamp();
            using (var timer = new PeriodicTimer(Between, TimeProvider.System))
            {
                while (TimeProvider.System.GetElapsedTime(started) < length && await timer.WaitForNextTickAsync())
                    running.Add(Task.Run(() => One(_number++, see, visible, appends)));
            }

            await Task.WhenAll(running);
            return (new Slice(running.Count, TimeProvider.System.GetElapsedTime(started), visible), appends);
        }

        private async Task One(long number, Func<string, long, Task> see, LatencyHistogram visible, LatencyHistogram appends)
        {
            var order = (int)(number % traffic.Orders);
            var request = traffic.Append(_codec, number, order);
            var before = TimeProvider.System.GetTimestamp();
            var appended = Appending.Check(await ledger.Append(request));
            lock (_lock)
                appends.AddSince(before);
            await see(traffic.StreamOf(order), appended.Last);
            lock (_lock)
                visible.AddSince(before);
        }
    }
}
