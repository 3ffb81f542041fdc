using System.Collections.Immutable;
using System.Globalization;
using Ledgerfold.Model.Processing;
using Marketplace.Orders;
using Marketplace.Payments;

namespace Marketplace.Checkout;

/// <summary>
/// What follows where something that was sold will not leave: its goods are available again, and where the whole order is cancelled, its
/// payment is taken back. Of one line only the goods go back: what is captured later is less. An order that is cancelled before its vendors
/// were told is still in checkout's hands, and not in these.
/// </summary>
public static class ReturnProcess
{
    private const string Free = "free";
    private const string PayBack = "payBack";

    /// <summary>What an instance knows.</summary>
    public sealed record Return(string OrderId, ImmutableArray<PurchaseLine> Lines);

    public static readonly Process<Return> Process = new Process<Return>("return")
        .Starts<Order.OrderCancelled>(
            static cancelled => cancelled.Sold is null ? null : cancelled.OrderId,
            static (cancelled, react) =>
            {
                react.Run(PayBack, new TakeBackPayment(cancelled.OrderId, "The order was cancelled."));
                return Begin(cancelled.OrderId, cancelled.Sold!.Value, react);
            })
        .Starts<Order.OrderLineCancelled>(
            static cancelled => string.Create(CultureInfo.InvariantCulture, $"{cancelled.OrderId}:{cancelled.Line}"),
            static (cancelled, react) => Begin(
                cancelled.OrderId, [new(cancelled.Line, cancelled.Sku, cancelled.VendorId, cancelled.Quantity)], react))
        .Failed(Free, static (goods, failure, react) =>
        {
            // what lapsed and was made again was committed as another reservation
            if (failure.Code is not ("RESERVATION_EXPIRED" or "RESERVATION_RELEASED"))
                throw new InvalidOperationException($"What was sold cannot be freed: {failure.Code}.");
            var line = goods.Lines.First(one => one.Of == failure.Of);
            var next = line with { Reservation = line.Reservation + 1 };
            react.Run(Free, next.Free(goods.OrderId), of: next.Of);
            return goods with { Lines = goods.Lines.Replace(line, next) };
        })
        .Failed(PayBack, static (goods, failure, _) => failure.Code == "PAYMENT_NOT_FOUND" // there was nothing to pay
            ? goods
            : throw new InvalidOperationException($"The payment cannot be taken back: {failure.Code}."))
        .Finished([Free, PayBack], static (goods, react) =>
        {
            react.End();
            return goods;
        });

    private static Return Begin(string orderId, ImmutableArray<OrderedGoods> goods, Reactions react)
    {
        var all = new Return(orderId, [.. goods.Select(static one => new PurchaseLine(one))]);
        foreach (var line in all.Lines)
            react.Run(Free, line.Free(orderId), of: line.Of);
        return all;
    }
}
