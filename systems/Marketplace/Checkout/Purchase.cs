using System.Collections.Immutable;
using System.Globalization;
using Marketplace.Amounts;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;

namespace Marketplace.Checkout;

/// <summary>What a checkout knows of its order, and how far it is. Immutable.</summary>
/// <param name="CustomerId">Who ordered.</param>
/// <param name="Lines">What was ordered, in the order in which it is reserved.</param>
/// <param name="Total">What is to be paid.</param>
/// <param name="Payment">How; null where there is nothing to pay.</param>
public sealed record Purchase(string CustomerId, ImmutableArray<PurchaseLine> Lines, Money Total, PaymentDetails? Payment)
{
    /// <summary>What it is at.</summary>
    public Stage Stage { get; init; }

    /// <summary>Until when everything that is reserved is so at least.</summary>
    public DateTimeOffset ReservedUntil { get; init; }

    /// <summary>When the order was found to be confirmed.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>How often there was no stock for what is confirmed and lapsed all the same.</summary>
    public int Shortages { get; init; }

    /// <summary>Whether the order was cancelled once confirmed; where its vendors were told by then, the return sees to it.</summary>
    public bool IsCancelled { get; init; }

    internal static Purchase Of(Order.OrderValidated order, DateTimeOffset reservedUntil) => new(
        order.CustomerId,
        [
            .. order.Goods
                .OrderBy(static goods => goods.Sku, StringComparer.Ordinal)
                .ThenBy(static goods => goods.VendorId, StringComparer.Ordinal)
                .ThenBy(static goods => goods.Line)
                .Select(static goods => new PurchaseLine(goods)),
        ],
        order.Total,
        order.Payment)
    { ReservedUntil = reservedUntil };

    internal PurchaseLine Line(string? of) => Lines.First(line => line.Of == of);

    /// <summary>The line that is reserved behind one; null behind the last.</summary>
    internal PurchaseLine? Behind(string? of) => Lines.SkipWhile(line => line.Of != of).Skip(1).FirstOrDefault();

    internal Purchase With(PurchaseLine line) => this with { Lines = Lines.Replace(Line(line.Of), line) };

    internal AssessFraud Assess(string orderId, FraudHistory? history) => new(orderId, CustomerId, Payment!.Card, Total)
    {
        Device = Payment.Device,
        AddressCheck = Payment.AddressCheck,
        CardCheckFailed = Payment.CardCheck == PaymentDetails.CardCheckFailed,
        IpCountry = Payment.IpCountry,
        CardCountry = Payment.CardCountry,
        History = history,
    };
}

/// <summary>What a checkout is at; it goes from one to a later one only.</summary>
public enum Stage
{
    /// <summary>The lines are reserved, one after the other.</summary>
    Reserving,

    /// <summary>The order is assessed for fraud.</summary>
    Assessing,

    /// <summary>A person looks at it.</summary>
    Reviewing,

    /// <summary>A person said yes, and the reservations are renewed.</summary>
    Approved,

    /// <summary>The payment is asked for.</summary>
    Paying,

    /// <summary>All is in order, but for reservations that are about to lapse.</summary>
    Renewing,

    /// <summary>The order is being confirmed.</summary>
    Confirming,

    /// <summary>The order is confirmed: what is reserved is sold, and the vendors are told.</summary>
    Selling,

    /// <summary>It was cancelled while it was being sold: goods and money go back.</summary>
    TakingBack,
}

/// <summary>A line of the order, and its reservation.</summary>
/// <param name="Goods">What.</param>
/// <param name="Reservation">The how many-th reservation for it: another one where the last lapsed.</param>
/// <param name="IsSold">Whether the reservation is committed.</param>
public sealed record PurchaseLine(OrderedGoods Goods, int Reservation = 1, bool IsSold = false)
{
    private const int LivesSeconds = 900;
    private const int ReviewSeconds = 48 * 3600;

    /// <summary>How long a reservation lives, and by how much one is renewed.</summary>
    internal static readonly TimeSpan Lives = TimeSpan.FromSeconds(LivesSeconds);

    /// <summary>By how much one is extended for a review.</summary>
    internal static readonly TimeSpan LivesOn = TimeSpan.FromSeconds(ReviewSeconds);

    /// <summary>Which of the steps that go on side by side is its.</summary>
    internal string Of => Goods.Line.ToString(CultureInfo.InvariantCulture);

    internal ReserveStock Reserve(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId), Goods.Quantity, LivesSeconds);

    internal ReleaseReservation Release(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId));

    internal ExtendReservation Extend(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId), ReviewSeconds);

    internal ExtendReservation Renew(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId), LivesSeconds);

    internal CommitReservation Commit(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId));

    internal FreeCommitted Free(string orderId) => new(Goods.Sku, Goods.VendorId, IdIn(orderId), Goods.Quantity);

    /// <summary>
    /// <c>order:line</c>, and <c>order:line:2</c> after the first lapsed: a reservation has one end, so what is reserved anew is another.
    /// </summary>
    private string IdIn(string orderId) => string.Create(
        CultureInfo.InvariantCulture, $"{orderId}:{Goods.Line}{(Reservation == 1 ? "" : $":{Reservation}")}");
}
