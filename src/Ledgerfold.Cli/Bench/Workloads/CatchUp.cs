using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ledgerfold.Cli.Bench.Shop;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Bench.Workloads;

/// <summary>
/// A new projection over a ledger that is full: from its start until its rows show the last event and are on disk, written every second
/// meanwhile. Its store is then opened again and every row compared. Against the plainest loop that reads the same events, deserialises
/// each and puts it into a dictionary, in turn.
/// </summary>
internal sealed class CatchUp : Workload
{
    private const int KeysMax = 50_000;
    private const int PassesMax = 15;

    public override string Name => "catch-up";

    public override long EventsOnDisk(BenchPlan plan) => plan.Events * 3 / 2;

    public override async Task<WorkloadResult> Run(BenchPlan plan)
    {
        var traffic = new OrderTraffic((int)Math.Min(KeysMax, plan.Events / 20));
        await using var ledger = plan.CreateLedger();
        BenchPlan.Say($"writing {plan.Events:N0} events of {traffic.Orders:N0} orders");
        await traffic.Fill(ledger, plan.Events);
        var expected = await Fold(ledger);

        BenchPlan.Say("catching up");
        var passes = 0;
        var warm = await Pass(plan, ledger, expected, passes++);
        var pairs = await Pairs.Measure(
            Math.Clamp((int)(plan.Seconds / Math.Max(0.01, warm.Elapsed.TotalSeconds)), 3, PassesMax),
            () => Pass(plan, ledger, expected, passes++),
            () => BareLoop(ledger));
        var effort = new Effort();
        var last = await Pass(plan, ledger, expected, passes);
        var spent = effort.PerEvent(last.Events);
        return new WorkloadResult
        {
            Name = Name,
            EventsPerSecond = pairs.OnePerSecond,
            RawPerSecond = pairs.OtherPerSecond,
            Ratio = pairs.Ratio,
            RatioSpread = pairs.Spread,
            AllocatedBytesPerEvent = spent.Bytes,
            Bars =
            [
                Bar.Least("ratio to the bare loop", pairs.Ratio, 0.6),
                Bar.Least("events a second", pairs.OnePerSecond, 300_000),
            ],
        }.With("eventsPerSecondSpread", [pairs.Ones.Min(pass => pass.PerSecond), pairs.Ones.Max(pass => pass.PerSecond)])
            .With("cpuMicrosPerEvent", spent.CpuMicros)
            .With("keys", expected.Count)
            .With("ledgerEvents", last.Events);
    }

    private static async Task<Slice> Pass(
        BenchPlan plan, EmbeddedLedger ledger, Dictionary<string, OrderSummary.Row> expected, int pass)
    {
        var name = $"folds-{pass}";
        var head = (await ledger.ReadRange()).Head;
        TimeSpan elapsed;
        await using (var folds = plan.OpenFolds(name))
        {
            await using var engine = new FoldEngine(ledger, folds, [OrderTraffic.Shop]);
            var started = TimeProvider.System.GetTimestamp();
            await engine.Start();
            if (!await engine.WaitUntil(OrderSummary.Projection, head))
                throw new InvalidOperationException("the projection stopped");
            elapsed = TimeProvider.System.GetElapsedTime(started);
        }

        await using (var folds = plan.OpenFolds(name))
            await Compare(folds, expected, head);
        Directory.Delete(Path.Combine(plan.Directory, name), recursive: true);
        return new Slice(head, elapsed, new LatencyHistogram());
    }

    private static async Task Compare(EmbeddedFoldStore folds, Dictionary<string, OrderSummary.Row> expected, long head)
    {
        var fold = OrderSummary.Projection.Fold;
        if (await folds.ReadPosition(fold) != head)
            throw new InvalidOperationException("the rows do not stand at the head");
        var read = new FoldRead { Fold = fold, Tenant = OrderTraffic.Tenant, Limit = Limits.FoldPageRowsMax };
        var rows = 0;
        while (true)
        {
            var page = await folds.Read(read);
            foreach (var row in page.Rows)
            {
                var state = JsonSerializer.Deserialize(row.Data.Span, OrderJson.Default.Row);
                if (!expected.TryGetValue(Projection.KeyOf(row), out var other) || state != other)
                    throw new InvalidOperationException($"{row.Key} holds {state}, not {other}");
            }

            rows += page.Rows.Length;
            if (page.Next is not { } next)
                break;
            read = read with { Continue = next };
        }

        if (rows != expected.Count)
            throw new InvalidOperationException($"there are {rows} rows, not {expected.Count}");
    }

    /// <summary>What the rows must be, by the projection's own function and nothing else of the model.</summary>
    private static async Task<Dictionary<string, OrderSummary.Row>> Fold(EmbeddedLedger ledger)
    {
        var codec = new EventCodec(OrderTraffic.Shop.EventTypes);
        var rows = new Dictionary<string, OrderSummary.Row>(StringComparer.Ordinal);
        await foreach (var page in ledger.ReadAcrossTenants(new ReadRequest { Query = OrderSummary.Projection.Query }))
        {
            foreach (var recorded in page.Events)
            {
                ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(rows, recorded.Stream, out _);
                row = OrderSummary.Apply(row, codec.Decode(recorded)[0], recorded);
            }
        }

        return rows;
    }

    private static async Task<Slice> BareLoop(EmbeddedLedger ledger)
    {
        var contracts = new Dictionary<string, JsonTypeInfo>(StringComparer.Ordinal)
        {
            [nameof(Order.ItemAdded)] = OrderJson.Default.ItemAdded,
            [nameof(Order.ItemRemoved)] = OrderJson.Default.ItemRemoved,
        };
        var facts = new Dictionary<string, object>(StringComparer.Ordinal);
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        await foreach (var page in ledger.ReadAcrossTenants(new ReadRequest { Query = OrderSummary.Projection.Query }))
        {
            foreach (var recorded in page.Events)
                facts[recorded.Stream] = JsonSerializer.Deserialize(recorded.Data.Span, contracts[recorded.Type])!;
            count += page.Events.Length;
        }

        return new Slice(count, TimeProvider.System.GetElapsedTime(started), new LatencyHistogram());
    }
}
