using System.Globalization;
using Marketplace.Amounts;
using Marketplace.Checkout;

namespace Marketplace.Kpis;

/// <summary>
/// How business went within a time. A rate without anything to count is null, and a rate is rounded to six decimals. Everything counts
/// when it is recorded: an order that is made before midnight and confirmed after it is made on the one day and confirmed on the other.
/// </summary>
/// <param name="From">From this minute on.</param>
/// <param name="To">Up to this minute, which is not within.</param>
/// <param name="Conversion">Confirmed by created.</param>
/// <param name="OversellRate">How often more was promised than there was, by reservations made.</param>
/// <param name="AuthorizationRate">Authorized by authorized and declined.</param>
/// <param name="FraudBlockRate">Orders rejected as fraud, by orders assessed.</param>
internal sealed record KpiJson(
    DateTimeOffset From,
    DateTimeOffset To,
    OrderKpis Orders,
    decimal? Conversion,
    decimal? OversellRate,
    decimal? AuthorizationRate,
    decimal? FraudBlockRate,
    ReservationKpis Reservations,
    IEnumerable<MoneyKpis> Money)
{
    public static KpiJson Of(DateTimeOffset from, DateTimeOffset to, Tally sum) => new(
        from,
        to,
        new OrderKpis(
            sum.OrdersCreated, sum.OrdersConfirmed, sum.OrdersCancelled, sum.OrdersRejected.Values.Sum(), sum.OrdersRejected),
        Rate(sum.OrdersConfirmed, sum.OrdersCreated),
        Rate(sum.Oversells, sum.ReservationsMade),
        Rate(sum.PaymentsAuthorized, sum.PaymentsAuthorized + sum.PaymentsDeclined),
        Rate(sum.OrdersRejected.GetValueOrDefault(CheckoutProcess.FraudBlocked), sum.OrdersAssessed),
        new ReservationKpis(
            sum.ReservationsMade,
            sum.ReservationsRefused,
            sum.ReservationsCommitted,
            sum.ReservationsReleased,
            sum.ReservationsExpired,
            Rate(sum.ReservationsCommitted, sum.ReservationsMade),
            Rate(sum.ReservationsExpired, sum.ReservationsMade)),
        sum.Money.Select(static one => MoneyKpis.Of(one.Key, one.Value)));

    internal static decimal? Rate(decimal part, decimal whole) => whole == 0 ? null : decimal.Round(part / whole, 6);
}

/// <summary>What became of orders.</summary>
internal sealed record OrderKpis(
    long Created, long Confirmed, long Cancelled, long Rejected, IReadOnlyDictionary<string, long> RejectedByCode);

/// <summary>What became of reservations.</summary>
/// <param name="Conversion">Committed by made.</param>
/// <param name="Expiry">Expired by made.</param>
internal sealed record ReservationKpis(
    long Made, long Refused, long Committed, long Released, long Expired, decimal? Conversion, decimal? Expiry);

/// <summary>What came of it in one currency.</summary>
/// <param name="Gmv">What confirmed orders came to.</param>
/// <param name="AverageOrderValue">That, by order.</param>
/// <param name="RefundRate">Refunded by captured.</param>
internal sealed record MoneyKpis(
    string Currency, SumJson Gmv, SumJson? AverageOrderValue, SumJson Captured, SumJson Refunded, decimal? RefundRate)
{
    public static MoneyKpis Of(string currency, MoneyTally sum) => new(
        currency,
        SumJson.Of(sum.Gross, currency),
        sum.Orders == 0 ? null : SumJson.Of(decimal.Round(sum.Gross / sum.Orders, MidpointRounding.AwayFromZero), currency),
        SumJson.Of(sum.Captured, currency),
        SumJson.Of(sum.Refunded, currency),
        KpiJson.Rate(sum.Refunded, sum.Captured));
}

/// <summary>Money, as everywhere, but it may be a sum of more than one amount can be.</summary>
internal sealed record SumJson(string Amount, string Currency)
{
    public static SumJson Of(decimal minor, string currency)
    {
        var decimals = Amounts.Currency.DecimalsOf(currency);
        var unit = 1m;
        for (var d = 0; d < decimals; d++)
            unit *= 10;
        return new SumJson((minor / unit).ToString($"F{decimals}", CultureInfo.InvariantCulture), currency);
    }
}
