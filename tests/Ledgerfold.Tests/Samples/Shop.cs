namespace Ledgerfold.Tests.Samples;

// begin
public static class Shop
{
    public static readonly Module Module = new Module("shop")
        .Events(EventTypes.Of<Order.Event>())
        .Decides(Order.Decider, orders => orders
            .On<CreateOrder>(command => command.OrderId, Order.Decide)
            .On<ConfirmOrder>(command => command.OrderId, Order.Decide)
            .On<CancelOrder>(command => command.OrderId, Order.Decide))
        .Projects(OrderSummary.Projection);
}
// end
