namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// Accounts for every unit of one article: confirmed, or left over because a hold gave it back (a payment that did not come, an order that
/// was cancelled), or still reserved. A unit that was never sold, or whose hold ended for no reason that an order gives, is unexplained.
/// </summary>
internal static class HotUnits
{
    public static HotReport Of(string id, Recount count)
    {
        if (!count.Articles.TryGetValue(id, out var article))
            return new HotReport(id, 0, 0, 0, []);
        List<HeldUnits> holds =
        [
            .. article.Free.Select(free => Explain(free, count)),
            .. article.Open.Select(open => new HeldUnits(
                open.Value, OrderOf(open.Key), "reserved", EndOf(OrderOf(open.Key), count) ?? "", Since: null)),
        ];
        var explained = holds.Where(static hold => hold.Why.Length > 0).Sum(static hold => hold.Units);
        return new HotReport(id, article.OnHand, article.Confirmed, article.OnHand - article.Confirmed - explained, holds);
    }

    private static HeldUnits Explain(FreeUnits free, Recount count)
    {
        var orderId = free.ReservationId is { } reservation ? OrderOf(reservation) : null;
        if (orderId is null || !count.Orders.TryGetValue(orderId, out var order))
            return new HeldUnits(free.Quantity, orderId, free.How, Why: "", Since: null);
        var isOver = order.End is OrderEnd.Rejected or OrderEnd.Cancelled;
        return new HeldUnits(free.Quantity, orderId, free.How, isOver ? EndOf(orderId, count)! : "", free.Since);
    }

    private static string? EndOf(string orderId, Recount count) =>
        count.Orders.TryGetValue(orderId, out var order) ? order.Code ?? $"{order.End}" : null;

    /// <summary>A reservation of a checkout is named by its order, a colon, and the line.</summary>
    private static string OrderOf(string reservationId) =>
        reservationId.LastIndexOf(':') is > 0 and var colon ? reservationId[..colon] : reservationId;
}
