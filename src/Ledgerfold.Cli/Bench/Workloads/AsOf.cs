using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// Asks for one aggregate of 100,000 events, spread evenly among ten times as many events of others as <c>--events</c> says, at random
/// moments: by a version, a position and a time, and as a row of a projection; cold, with nothing in memory, and warm.
/// </summary>
internal sealed class AsOf : Workload
{
    private const int EventsOfOne = 100_000;
    private const int LeastApart = 10;
    private const int OthersThan = 10;
    private const int OrderEvents = 100; // of each of the others, roughly
    private const int ColdRounds = 15;
    private const int Callers = 16;

    public override string Name => "as-of";

    public override long EventsOnDisk(BenchPlan plan) => EventsOf(plan);

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic((int)(EventsOf(plan) / OrderEvents) + 1);
        var own = Math.Min(EventsOfOne, EventsOf(plan) / LeastApart);
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {EventsOf(plan):N0} events, {own:N0} of them of one order");
        await Fill(ledger, traffic, EventsOf(plan), (int)(EventsOf(plan) / own));
        var subject = new Subject(traffic, (await ledger.ReadRange()).Head, await TimesOf(ledger));

        BenchPlan.Say("asking cold");
        var cold = new LatencyHistogram();
        for (var round = 0; round < ColdRounds; round++)
            await subject.AskNow(new TimelineEngine(ledger, [OrderTraffic.Shop]), own, cold);
        BenchPlan.Say("asking warm");
        var engine = new TimelineEngine(ledger, [OrderTraffic.Shop]);
        await subject.AskNow(engine, own, new LatencyHistogram());
        await plan.Warm(length => subject.AskFor(engine, length));
        var effort = new Effort();
        var warm = await subject.AskFor(engine, TimeSpan.FromSeconds(plan.Seconds));
        return new WorkloadResult
        {
            Name = Name,
            Unit = "answers",
            EventsPerSecond = warm.PerSecond,
            P50Micros = warm.Latencies.Micros(0.5),
            P99Micros = warm.Latencies.Micros(0.99),
            AllocatedBytesPerEvent = effort.PerEvent(warm.Events).Bytes,
            Bars = [Bar.Most("warm p99 in ms", warm.Latencies.Micros(0.99) / 1_000, 50)],
        }.With("coldP50Micros", cold.Micros(0.5))
            .With("coldP99Micros", cold.Micros(0.99))
            .With("subjectEvents", own)
            .With("ledgerEvents", subject.Head);
    }

    private static long EventsOf(BenchPlan plan) => plan.Events * OthersThan;

    /// <summary>Order 0 gets one event in so many, the others get the rest in turn.</summary>
    private static async Task Fill(EmbeddedLedger ledger, OrderTraffic traffic, long events, int apart)
    {
        var codec = new EventCodec(OrderTraffic.Shop.EventTypes);
        var blocks = new BlockNumbers(0, events / apart); // an append names a stream once
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (blocks.TryTake(out var number))
            {
                var writes = Enumerable.Range(0, apart).SelectMany(e => WritesOf((number * apart) + e));
                Appending.Check(await ledger.Append(new AppendRequest { Tenant = OrderTraffic.Tenant, Writes = [.. writes] }));
            }
        })));

        IEnumerable<StreamWrite> WritesOf(long number) =>
            traffic.Append(codec, number, number % apart == 0 ? 0 : 1 + (int)(number % (traffic.Orders - 1))).Writes;
    }

    private static async Task<(DateTimeOffset First, DateTimeOffset Last)> TimesOf(EmbeddedLedger ledger)
    {
        return (await TimeOf(backward: false), await TimeOf(backward: true));

        async Task<DateTimeOffset> TimeOf(bool backward)
        {
            await foreach (var page in ledger.Read(new ReadRequest { Tenant = OrderTraffic.Tenant, Backward = backward, Limit = 1 }))
                return page.Events[0].RecordedAt;
            throw new InvalidOperationException("the ledger is empty");
        }
    }

    /// <summary>The order that is asked for.</summary>
    private sealed class Subject(OrderTraffic traffic, long head, (DateTimeOffset First, DateTimeOffset Last) times)
    {
        private readonly Random _random = new(1);

        public long Head => head;

        public async Task AskNow(TimelineEngine engine, long changes, LatencyHistogram latencies)
        {
            var state = await Timed(engine, Moment.Now, latencies);
            if (state.Changes != changes)
                throw new InvalidOperationException($"the order was changed {state.Changes} times and not {changes}");
        }

        public async Task<Slice> AskFor(TimelineEngine engine, TimeSpan length)
        {
            var latencies = new LatencyHistogram();
            var started = TimeProvider.System.GetTimestamp();
            var row = engine.Of(OrderSummary.Projection, traffic.StreamOf(0), OrderTraffic.Tenant);
            var newest = (await Timed(engine, Moment.Now, new LatencyHistogram())).Changes;
            await row.At(Moment.Now);
            long count = 0;
            for (; TimeProvider.System.GetElapsedTime(started) < length; count++)
            {
                var position = _random.NextInt64(head + 1);
                switch (count % 4)
                {
                    case 0:
                        var version = _random.NextInt64(newest + 1);
                        if ((await Timed(engine, Moment.AfterVersion(version), latencies)).Changes != version)
                            throw new InvalidOperationException($"the state after version {version} is another");
                        break;
                    case 1:
                        await Timed(engine, Moment.AfterPosition(position), latencies);
                        break;
                    case 2:
                        var time = times.First + ((times.Last - times.First) * _random.NextDouble());
                        await Timed(engine, Moment.RecordedAt(time), latencies);
                        break;
                    default:
                        var before = TimeProvider.System.GetTimestamp();
                        (await row.At(Moment.AfterPosition(position))).OrThrow();
                        latencies.AddSince(before);
                        break;
                }
            }

            return new Slice(count, TimeProvider.System.GetElapsedTime(started), latencies);
        }

        private async Task<Order.State> Timed(TimelineEngine engine, Moment moment, LatencyHistogram latencies)
        {
            var timeline = engine.Of(Order.Decider, traffic.IdOf(0), OrderTraffic.Tenant);
            var before = TimeProvider.System.GetTimestamp();
            var state = (await timeline.At(moment)).OrThrow();
            latencies.AddSince(before);
            return state!;
        }
    }
}
