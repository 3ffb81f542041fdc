namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>Draws the conclusions from what was counted.</summary>
/// <param name="count">What the events say.</param>
/// <param name="answers">What callers were told of their orders, by id; nothing where that is not known.</param>
/// <param name="provider">What the provider holds, where that can be read.</param>
/// <param name="oncePerCard">Each card is for one purchase: two that are paid with it are one too many, whatever their orders.</param>
internal sealed class Findings(Recount count, IReadOnlyDictionary<string, string> answers, ProviderCount? provider, bool oncePerCard)
{
    private const int ToldMax = 20;

    private readonly List<string> _told = [];

    /// <summary>All of it.</summary>
    /// <param name="hot">The article (<c>vendor:sku</c>) of which every unit has to be accounted for.</param>
    public RecountReport Report(string? hot)
    {
        count.Close();
        var ends = count.Orders.Values.CountBy(static order => order.End).ToDictionary();
        var decided = count.Orders.Values.Where(static order => order.DecidedAt is not null)
            .Select(static order => (order.DecidedAt!.Value - order.CreatedAt).TotalMilliseconds).Order().ToArray();
        return new RecountReport
        {
            Oversold = Sum(count.Articles, static one => one.Value.Oversold, static one => $"{one.Key}: {one.Value.Oversold} oversold"),
            PaidTwice = PaidTwice(),
            OrphanedHolds = Orphans(),
            ConfirmedUnpaid = Unpaid(),
            Lost = Lost(),
            UnevenArticles = (int)Sum(
                count.Articles,
                static one => one.Value.Committed == one.Value.Confirmed ? 0 : 1,
                static one => $"{one.Key}: {one.Value.Committed} committed, {one.Value.Confirmed} in confirmed orders"),
            WrongParts = (int)Sum(
                count.Orders,
                static one => one.Value.HasWrongParts ? 1 : 0,
                static one => $"order {one.Key}: parts of {one.Value.VendorTotals}"),
            WrongEnds = (int)Sum(
                count.Articles, static one => one.Value.WrongEnds, static one => $"{one.Key}: {one.Value.WrongEnds} ends too many"),
            Open = ends.GetValueOrDefault(OrderEnd.Open),
            Events = count.Events,
            Created = count.Orders.Count,
            Confirmed = ends.GetValueOrDefault(OrderEnd.Confirmed),
            Rejected = ends.GetValueOrDefault(OrderEnd.Rejected),
            Cancelled = ends.GetValueOrDefault(OrderEnd.Cancelled),
            OnHold = ends.GetValueOrDefault(OrderEnd.OnHold),
            RejectedBy = count.Orders.Values.Where(static order => order.End is OrderEnd.Rejected).CountBy(static order => order.Code!)
                .OrderBy(static one => one.Key, StringComparer.Ordinal).ToDictionary(),
            OpenCheckoutsPeak = count.OpenCheckoutsPeak,
            RefusedWhileFree = count.RefusedWhileFree,
            DecidedP50Millis = Percentile.Of(decided, 0.5),
            DecidedP99Millis = Percentile.Of(decided, 0.99),
            DecidedMaxMillis = Percentile.Of(decided, 1),
            Hot = hot is null ? null : HotUnits.Of(hot, count),
            Kpis = KpiReport.Of(count),
            Findings = _told,
        };
    }

    private int PaidTwice()
    {
        var byPurchase = count.Payments.Values.Where(static payment => payment.HasMoney)
            .CountBy(payment => oncePerCard ? $"card {payment.Card}" : $"order {payment.OrderId}")
            .Where(static one => one.Value > 1);
        return (int)(Sum(byPurchase, static one => one.Value - 1, static one => $"{one.Key}: paid {one.Value} times")
            + Sum(
                count.Payments,
                static one => one.Value.IsOverdrawn ? 1 : 0,
                static one => $"payment {one.Key}: {one.Value.Captured} taken"));
    }

    private int Orphans()
    {
        var ofEvents = count.Payments.Where(one => one.Value.HasMoney && !IsConfirmed(one.Value.OrderId)).Select(static one => one.Key);
        var ofProvider = provider?.Held.Where(id => !count.Payments.TryGetValue(id, out var payment) || !payment.HasMoney
            || !IsConfirmed(payment.OrderId)) ?? [];
        return (int)Sum(
            ofEvents.Union(ofProvider, StringComparer.Ordinal), static _ => 1, static id => $"payment {id}: held for no confirmed order");
    }

    private int Unpaid()
    {
        var paid = count.Payments.Values.Where(static payment => payment.WasAuthorized).Select(static payment => payment.OrderId)
            .ToHashSet(StringComparer.Ordinal);
        return (int)Sum(
            count.Orders.Where(one => one.Value.WasConfirmed && one.Value.Total.Value > 0 && !paid.Contains(one.Key)),
            static _ => 1,
            static one => $"order {one.Key}: confirmed and not paid");
    }

    /// <summary>What was said for good must hold; what was still pending may end in any way.</summary>
    private int Lost() =>
        (int)Sum(answers, one => IsKept(one.Key, one.Value) ? 0 : 1, static one => $"order {one.Key}: was answered {one.Value}");

    private bool IsKept(string orderId, string status)
    {
        if (!count.Orders.TryGetValue(orderId, out var order))
            return false;
        if (status.Equals("confirmed", StringComparison.OrdinalIgnoreCase))
            return order.WasConfirmed;
        return !status.Equals("rejected", StringComparison.OrdinalIgnoreCase) || order.End is OrderEnd.Rejected;
    }

    private bool IsConfirmed(string orderId) => count.Orders.TryGetValue(orderId, out var order) && order.End is OrderEnd.Confirmed;

    /// <summary>Adds up, and tells of the first few that count.</summary>
    private long Sum<T>(IEnumerable<T> all, Func<T, long> value, Func<T, string> tell)
    {
        long sum = 0;
        foreach (var one in all)
        {
            if (value(one) is not (not 0 and var much))
                continue;
            sum += much;
            if (_told.Count < ToldMax)
                _told.Add(tell(one));
        }

        return sum;
    }
}
