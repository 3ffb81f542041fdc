using System.Collections.Immutable;
using Ledgerfold.Model.Folding;
using Marketplace.Amounts;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;

namespace Marketplace.Kpis;

/// <summary>
/// What happened within one span of time, counted. Every fact counts by itself and never by what came before it, so that it is the same
/// in whatever order streams are interleaved; and what was counted already, known by its position, counts no more. Each fact stands in
/// the tallies of its minute, its hour and its day, so that any span is the sum of few of them.
/// </summary>
public sealed record Tally
{
    // a code is written by a program, and there is no end to what programs may write
    private const int CodesMax = 32;
    private const string OtherCodes = "OTHER";

    public static Tally None { get; } = new();

    /// <summary>By span of time; the key is that of <see cref="TallySpan"/>.</summary>
    public static readonly Projection<Tally> Projection = new("kpis")
    {
        Query = EventQuery.OfTypes(
            nameof(Order.OrderCreated), nameof(Order.OrderConfirmed), nameof(Order.OrderRejected), nameof(Order.OrderCancelled),
            nameof(Inventory.StockReserved), nameof(Inventory.ReservationRejected), nameof(Inventory.ReservationCommitted),
            nameof(Inventory.ReservationReleased), nameof(Inventory.ReservationExpired), nameof(Inventory.OversellDetected),
            nameof(FraudCheck.FraudAssessed), nameof(Payment.PaymentAuthorized), nameof(Payment.PaymentDeclined),
            nameof(Payment.PaymentProcessed), nameof(Payment.RefundIssued)),
        Unknown = UnknownEvents.PassOver,
        Keys = static (_, recorded) => TallySpan.KeysOf(recorded.RecordedAt),
        Apply = static (tally, fact, recorded) => (tally ?? None).With(fact, recorded.Position),
    };

    /// <summary>What keeps it.</summary>
    public static readonly Module Module = new Module("kpis")
        .Events(EventTypes.Of<Order.Event>())
        .Events(EventTypes.Of<Inventory.Event>())
        .Events(EventTypes.Of<FraudCheck.Event>())
        .Events(EventTypes.Of<Payment.Event>())
        .Projects(Projection);

    /// <summary>Everything up to here is counted.</summary>
    public long Position { get; init; }

    public long OrdersCreated { get; init; }
    public long OrdersConfirmed { get; init; }
    public long OrdersCancelled { get; init; }
    public ImmutableSortedDictionary<string, long> OrdersRejected { get; init; } = Empty<long>();
    public long ReservationsMade { get; init; }
    public long ReservationsRefused { get; init; }
    public long ReservationsCommitted { get; init; }
    public long ReservationsReleased { get; init; }
    public long ReservationsExpired { get; init; }
    public long Oversells { get; init; }
    public long OrdersAssessed { get; init; }
    public long PaymentsAuthorized { get; init; }
    public long PaymentsDeclined { get; init; }

    /// <summary>By currency.</summary>
    public ImmutableSortedDictionary<string, MoneyTally> Money { get; init; } = Empty<MoneyTally>();

    /// <summary>Both together.</summary>
    public Tally Plus(Tally other) => new()
    {
        Position = Math.Max(Position, other.Position),
        OrdersCreated = OrdersCreated + other.OrdersCreated,
        OrdersConfirmed = OrdersConfirmed + other.OrdersConfirmed,
        OrdersCancelled = OrdersCancelled + other.OrdersCancelled,
        OrdersRejected = other.OrdersRejected.Aggregate(OrdersRejected, static (all, one) => Added(all, one.Key, one.Value)),
        ReservationsMade = ReservationsMade + other.ReservationsMade,
        ReservationsRefused = ReservationsRefused + other.ReservationsRefused,
        ReservationsCommitted = ReservationsCommitted + other.ReservationsCommitted,
        ReservationsReleased = ReservationsReleased + other.ReservationsReleased,
        ReservationsExpired = ReservationsExpired + other.ReservationsExpired,
        Oversells = Oversells + other.Oversells,
        OrdersAssessed = OrdersAssessed + other.OrdersAssessed,
        PaymentsAuthorized = PaymentsAuthorized + other.PaymentsAuthorized,
        PaymentsDeclined = PaymentsDeclined + other.PaymentsDeclined,
        Money = other.Money.Aggregate(Money, static (all, one) =>
            all.SetItem(one.Key, (all.GetValueOrDefault(one.Key) ?? MoneyTally.None).Plus(one.Value))),
    };

    /// <summary>The same with one more fact, unless it is counted.</summary>
    public Tally With(object fact, long position) => position <= Position ? this : Counted(fact) with { Position = position };

    private Tally Counted(object fact) => fact switch
    {
        Order.OrderCreated => this with { OrdersCreated = OrdersCreated + 1 },
        Order.OrderConfirmed of => In(
            of.Total, static (money, amount) => money with { Gross = money.Gross + amount, Orders = money.Orders + 1 })
            with
        { OrdersConfirmed = OrdersConfirmed + 1 },
        Order.OrderRejected of => this with { OrdersRejected = Added(OrdersRejected, of.Code, 1) },
        Order.OrderCancelled => this with { OrdersCancelled = OrdersCancelled + 1 },
        Inventory.StockReserved => this with { ReservationsMade = ReservationsMade + 1 },
        Inventory.ReservationRejected => this with { ReservationsRefused = ReservationsRefused + 1 },
        Inventory.ReservationCommitted => this with { ReservationsCommitted = ReservationsCommitted + 1 },
        Inventory.ReservationReleased => this with { ReservationsReleased = ReservationsReleased + 1 },
        Inventory.ReservationExpired => this with { ReservationsExpired = ReservationsExpired + 1 },
        Inventory.OversellDetected => this with { Oversells = Oversells + 1 },
        FraudCheck.FraudAssessed => this with { OrdersAssessed = OrdersAssessed + 1 },
        Payment.PaymentAuthorized => this with { PaymentsAuthorized = PaymentsAuthorized + 1 },
        Payment.PaymentDeclined => this with { PaymentsDeclined = PaymentsDeclined + 1 },
        Payment.PaymentProcessed of => In(of.Amount, static (money, amount) => money with { Captured = money.Captured + amount }),
        Payment.RefundIssued of => In(of.Amount, static (money, amount) => money with { Refunded = money.Refunded + amount }),
        _ => this,
    };

    private Tally In(Money amount, Func<MoneyTally, decimal, MoneyTally> add) => this with
    {
        Money = Money.SetItem(amount.Currency, add(Money.GetValueOrDefault(amount.Currency) ?? MoneyTally.None, amount.Minor)),
    };

    private static ImmutableSortedDictionary<string, long> Added(ImmutableSortedDictionary<string, long> all, string code, long count)
    {
        var under = all.ContainsKey(code) || all.Count < CodesMax ? code : OtherCodes;
        return all.SetItem(under, all.GetValueOrDefault(under) + count);
    }

    private static ImmutableSortedDictionary<string, T> Empty<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal);
}

/// <summary>Sums in one currency, in minor units; no sum of amounts that can be is more than can be counted.</summary>
/// <param name="Orders">How many orders were confirmed.</param>
/// <param name="Gross">What they came to.</param>
/// <param name="Captured">What was captured.</param>
/// <param name="Refunded">What was refunded.</param>
public sealed record MoneyTally(long Orders, decimal Gross, decimal Captured, decimal Refunded)
{
    public static MoneyTally None { get; } = new(0, 0, 0, 0);

    public MoneyTally Plus(MoneyTally other) =>
        new(Orders + other.Orders, Gross + other.Gross, Captured + other.Captured, Refunded + other.Refunded);
}
