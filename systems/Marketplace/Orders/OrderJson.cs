using Marketplace.Amounts;

namespace Marketplace.Orders;

/// <summary>An order as it stands, without what is known of its card.</summary>
/// <param name="Status">One of the names of <see cref="Order.Status"/>, as written there.</param>
/// <param name="Reason">Why it was rejected, for programs; why it was put on hold or cancelled, for people.</param>
/// <param name="PaymentId">What its payment is called, once it is requested; null where there is nothing to pay.</param>
/// <param name="Version">How many events it rests on.</param>
internal sealed record OrderJson(
    string OrderId,
    string CustomerId,
    string Status,
    string? Reason,
    string Currency,
    IEnumerable<BillLine> Lines,
    IEnumerable<VendorPart> Vendors,
    Money Discount,
    Money Total,
    Destination? Destination,
    string? PaymentId,
    string? Version)
{
    public static OrderJson Of(string orderId, Order.State order, long? version = null)
    {
        var bill = order.Bill!;
        return new OrderJson(
            orderId,
            order.CustomerId!,
            $"{order.Status}",
            order.Reason,
            bill.Total.Currency,
            bill.Lines,
            bill.Vendors,
            bill.Discount,
            bill.Total,
            order.Destination,
            bill.Total.IsZero ? null : orderId, // as checkout names it
            version is { } known ? $"{known}" : null);
    }
}

/// <summary>What one event made of an order.</summary>
internal sealed record OrderStepJson(string Version, string Position, DateTimeOffset At, string Type, string? Actor, OrderJson Order);
