namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// The marketplace's key figures as far as the events allow, in the form in which <c>GET /kpis</c> gives them. A rate without anything to
/// count is left out, and rates have six decimals.
/// </summary>
internal sealed record KpiReport
{
    public OrderKpis? Orders { get; init; }

    public decimal? Conversion { get; init; }

    public decimal? OversellRate { get; init; }

    public decimal? AuthorizationRate { get; init; }

    public decimal? FraudBlockRate { get; init; }

    public ReservationKpis? Reservations { get; init; }

    public IReadOnlyList<MoneyKpis> Money { get; init; } = [];

    public static KpiReport Of(Recount count)
    {
        var orders = count.Orders.Values;
        var confirmed = orders.Where(static order => order.WasConfirmed).ToList();
        var rejected = orders.Where(static order => order.Code is not null).CountBy(static order => order.Code!)
            .OrderBy(static one => one.Key, StringComparer.Ordinal).ToDictionary();
        var authorized = count.Payments.Values.Count(static payment => payment.WasAuthorized);
        var declined = count.Payments.Values.Count(static payment => payment.WasDeclined);
        var articles = count.Articles.Values;
        var reservations = new ReservationKpis(
            articles.Sum(static one => one.Reservations),
            articles.Sum(static one => one.Commits),
            articles.Sum(static one => one.Releases),
            articles.Sum(static one => one.Expiries));
        return new KpiReport
        {
            Orders = new OrderKpis(
                count.Orders.Count,
                confirmed.Count,
                orders.Count(static order => order.End is OrderEnd.Cancelled),
                rejected.Values.Sum(),
                rejected),
            Conversion = Rate(confirmed.Count, count.Orders.Count),
            OversellRate = Rate(count.Oversells, reservations.Made),
            AuthorizationRate = Rate(authorized, authorized + declined),
            FraudBlockRate = Rate(rejected.GetValueOrDefault("FRAUD_BLOCKED"), count.Assessed),
            Reservations = reservations,
            Money =
            [
                .. confirmed.Select(static order => order.ConfirmedFor).GroupBy(static one => one.Currency, static one => one.Value)
                    .Select(static sum => new MoneyKpis(SumKpi.Of(sum.Sum(), sum.Key), SumKpi.Of(sum.Average(), sum.Key))),
            ],
        };
    }

    internal static decimal? Rate(decimal part, decimal whole) => whole == 0 ? null : Math.Round(part / whole, 6);
}

/// <summary>What became of orders.</summary>
internal sealed record OrderKpis(int Created, int Confirmed, int Cancelled, int Rejected, IReadOnlyDictionary<string, int> RejectedByCode);

/// <summary>What became of reservations.</summary>
internal sealed record ReservationKpis(int Made, int Committed, int Released, int Expired)
{
    public decimal? Conversion => KpiReport.Rate(Committed, Made);

    public decimal? Expiry => KpiReport.Rate(Expired, Made);
}

/// <summary>What confirmed orders came to in one currency, and that by order.</summary>
internal sealed record MoneyKpis(SumKpi Gmv, SumKpi AverageOrderValue);

/// <summary>Money, as everywhere on the wire.</summary>
internal sealed record SumKpi(string Amount, string Currency)
{
    /// <summary>Rounded to cents, which is what the currencies of a load have.</summary>
    public static SumKpi Of(decimal value, string currency) =>
        new($"{Math.Round(value, 2, MidpointRounding.AwayFromZero):0.00}", currency);
}
