using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Kpis;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;
using Marketplace.Tests.Orders;

namespace Marketplace.Tests.Kpis;

public sealed class Counting_what_happened
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Gives_the_rates_of_a_small_day()
    {
        var tally = Tally.None;
        var position = 0L;
        Count(4, OrderCase.Created(OrderCase.Basket));
        Count(1, new Order.OrderConfirmed("O1", Euro(1000)), new Order.OrderConfirmed("O2", Euro(1001)));
        Count(1, new Order.OrderRejected("O3", Inventory.InsufficientStock), new Order.OrderRejected("O4", CheckoutProcess.FraudBlocked));
        Count(1, new Order.OrderCancelled("O1", "no longer"));
        Count(8, new Inventory.StockReserved("tea", "V1", "O1:1", 1, Noon));
        Count(3, new Inventory.ReservationCommitted("tea", "V1", "O1:1", 1));
        Count(1, new Inventory.ReservationExpired("tea", "V1", "O2:1", 1), new Inventory.OversellDetected("tea", "V1", 2));
        Count(3, new FraudCheck.FraudAssessed("O1", "ada", "tok", null, Euro(1), 0, [], 1, Verdict.Pass, null));
        Count(3, new Payment.PaymentAuthorized("O1", "O1", Euro(1), "A1", Noon, Noon));
        Count(1, new Payment.PaymentDeclined("O2", "O2", "PAYMENT_DECLINED"));
        Count(1, new Payment.PaymentProcessed("O1", "O1", Euro(300), 1), new Payment.RefundIssued("O1", "O1", Euro(100), 1, null));

        var kpis = KpiJson.Of(Noon, Noon.AddDays(1), tally);

        Assert.Equal((4, 2, 1, 2), (kpis.Orders.Created, kpis.Orders.Confirmed, kpis.Orders.Cancelled, kpis.Orders.Rejected));
        Assert.Equal(1, kpis.Orders.RejectedByCode[Inventory.InsufficientStock]);
        Assert.Equal((0.5m, 0.125m, 0.75m, 0.333333m), (kpis.Conversion, kpis.OversellRate, kpis.AuthorizationRate, kpis.FraudBlockRate));
        Assert.Equal((8, 3, 1, 0.375m, 0.125m), (kpis.Reservations.Made, kpis.Reservations.Committed, kpis.Reservations.Expired, kpis.Reservations.Conversion, kpis.Reservations.Expiry));
        var money = Assert.Single(kpis.Money);
        Assert.Equal(("20.01", "10.01", "3.00", "1.00", 0.333333m), (money.Gmv.Amount, money.AverageOrderValue!.Amount, money.Captured.Amount, money.Refunded.Amount, money.RefundRate));

        void Count(int times, params object[] facts)
        {
            for (var n = 0; n < times; n++)
                tally = facts.Aggregate(tally, (all, fact) => all.With(fact, ++position));
        }
    }

    [Fact]
    public void Says_nothing_of_what_did_not_happen()
    {
        var kpis = KpiJson.Of(Noon, Noon, Tally.None);

        Assert.Equal((null, null, null, null), (kpis.Conversion, kpis.OversellRate, kpis.AuthorizationRate, kpis.FraudBlockRate));
        Assert.Empty(kpis.Money);
    }

    [Fact]
    public void Keeps_currencies_apart_and_counts_further_than_one_amount_can()
    {
        var tally = Tally.None.With(new Order.OrderConfirmed("O1", new Money(5, "JPY")), 1);
        for (var position = 2; position < 12; position++)
            tally = tally.With(new Order.OrderConfirmed("O2", new Money(2_000_000_000_000_000_000, "KWD")), position);

        var money = KpiJson.Of(Noon, Noon, tally).Money.ToList();

        Assert.Equal([("JPY", "5"), ("KWD", "20000000000000000.000")], money.Select(static one => (one.Currency, one.Gmv.Amount)));
    }

    [Fact]
    public void Keeps_few_codes_however_many_there_are()
    {
        var tally = Enumerable.Range(1, 100).Aggregate(Tally.None, static (all, n) => all.With(new Order.OrderRejected("O", $"CODE_{n}"), n));

        Assert.InRange(tally.OrdersRejected.Count, 1, 33);
        Assert.Equal(100, tally.OrdersRejected.Values.Sum());
    }

    [Fact]
    public void Is_the_same_in_whatever_order_streams_come_and_however_often_each_event_is_delivered()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new SeededRandom(seed);
            var streams = Enumerable.Range(0, 12).Select(n => Stream(random, n)).ToArray();
            var once = Folded(Interleaved(streams, new SeededRandom(seed + 1_000)), random: null);
            var shuffled = Folded(Interleaved(streams, new SeededRandom(seed + 2_000)), random);

            Assert.True(once == shuffled, $"seed {seed}:\n{once}\n{shuffled}");
        }
    }

    [Fact]
    public void Survives_a_row_of_the_store()
    {
        var tally = Tally.None.With(new Order.OrderConfirmed("O1", Euro(1)), 1).With(new Order.OrderRejected("O1", "A_CODE"), 2);

        var read = JsonSerializer.Deserialize<Tally>(JsonSerializer.SerializeToUtf8Bytes(tally, EventJson.Options), EventJson.Options)!;

        Assert.Equal(KpiText(tally), KpiText(read));
    }

    /// <summary>The rows that a store would hold, all summed up; with chance, each event is delivered again at once or after some others.</summary>
    private static string Folded(IEnumerable<(DateTimeOffset At, object Fact)> events, SeededRandom? random)
    {
        var rows = new Dictionary<string, Tally>(StringComparer.Ordinal);
        var told = new List<(DateTimeOffset At, object Fact, long Position)>();
        foreach (var (at, fact) in events)
        {
            told.Add((at, fact, told.Count + 1));
            Deliver(told[^1]);
            if (random is null)
                continue;
            foreach (var again in told.TakeLast(random.Between(1, 6)))
                Deliver(again);
        }

        return string.Join('\n', rows.OrderBy(static row => row.Key, StringComparer.Ordinal).Select(static row => $"{row.Key} {KpiText(row.Value)}"));

        void Deliver((DateTimeOffset At, object Fact, long Position) one)
        {
            foreach (var key in TallySpan.KeysOf(one.At))
                rows[key] = rows.GetValueOrDefault(key, Tally.None).With(one.Fact, one.Position);
        }
    }

    private static string KpiText(Tally tally) => JsonSerializer.Serialize(KpiJson.Of(Noon, Noon, tally), EventJson.Options);

    /// <summary>One stream keeps its order; which of them goes on next is drawn.</summary>
    private static IEnumerable<(DateTimeOffset, object)> Interleaved((DateTimeOffset, object)[][] streams, SeededRandom random)
    {
        var next = new int[streams.Length];
        for (var left = streams.Sum(static one => one.Length); left > 0; left--)
        {
            int stream;
            do
            {
                stream = random.Below(streams.Length);
            }
            while (next[stream] == streams[stream].Length);
            yield return streams[stream][next[stream]++];
        }
    }

    private static (DateTimeOffset, object)[] Stream(SeededRandom random, int n)
    {
        var id = $"O{n}";
        var amount = new Money(random.Between(1, 10_000), random.Pick(["EUR", "JPY"]));
        ImmutableArray<object> facts = random.Below(4) switch
        {
            0 => [OrderCase.Created(OrderCase.Basket), new Order.OrderConfirmed(id, amount), new Order.OrderCancelled(id, "no")],
            1 => [OrderCase.Created(OrderCase.Basket), new Order.OrderRejected(id, random.Pick(["A_CODE", "B_CODE"]))],
            2 => [new Payment.PaymentAuthorized(id, id, amount, "A", Noon, Noon), new Payment.PaymentProcessed(id, id, amount, 1), new Payment.RefundIssued(id, id, amount, 1, null)],
            _ => [new Inventory.StockReserved("tea", "V1", $"{id}:1", 1, Noon), new Inventory.ReservationExpired("tea", "V1", $"{id}:1", 1)],
        };
        return [.. facts.Select((fact, at) => (Noon.AddMinutes(random.Below(3) + (at * 50)), fact))];
    }

    private static Money Euro(long cents) => new(cents, "EUR");
}
