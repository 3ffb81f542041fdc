namespace Ledgerfold.Tests.Samples.Checkout;

public static class AsDecision
{
    // begin
    public sealed record CheckOut(string OrderId, string Sku, int Quantity, decimal Total, string Authorization);

    public static async Task Handle(CheckOut command, HandlerContext context)
    {
        var tag = $"authorization:{command.Authorization}";
        var isUsed = await context.Fold(EventQuery.Tagged(tag), initial: false, static (_, _) => true);
        var order = await context.Load(Order.Decider, command.OrderId);
        var stock = await context.Load(Stock.Decider, command.Sku);
        if (order.Status is not Order.Status.None)
            context.Reject("ORDER_EXISTS", "orderId");
        else if (isUsed)
            context.Reject("PAYMENT_DECLINED", "authorization");
        else if (stock.Available < command.Quantity)
            context.Reject("INSUFFICIENT_STOCK", "quantity");
        else
            Accept(command, tag, context);
    }

    private static void Accept(CheckOut command, string tag, HandlerContext context)
    {
        context.Append(
            Order.Decider,
            command.OrderId,
            new Order.OrderCreated(command.OrderId, command.Sku, command.Quantity, command.Total),
            new Fact(new Order.OrderConfirmed(command.OrderId, command.Sku, command.Authorization)) { Tags = [tag] });
        context.Append(
            Stock.Decider,
            command.Sku,
            new Stock.StockReserved(command.Sku, command.OrderId, command.Quantity),
            new Stock.ReservationCommitted(command.Sku, command.OrderId));
    }

    public static readonly Module Module = Shop.Module.Handles<CheckOut>(Handle);
    // end
}
