namespace Ledgerfold.Tests.Samples.Checkout;

/// <summary>What all three ways to check out have in common.</summary>
public static class Shop
{
    // begin
    public static readonly Module Module = new Module("shop")
        .Events(EventTypes.Of<Order.Event>())
        .Events(EventTypes.Of<Stock.Event>())
        .Decides(Order.Decider, orders => orders
            .On<CreateOrder>(command => command.OrderId, Order.Decide)
            .On<RequestPayment>(command => command.OrderId, Order.Decide)
            .On<ConfirmOrder>(command => command.OrderId, Order.Decide)
            .On<RejectOrder>(command => command.OrderId, Order.Decide)
            .On<CancelOrder>(command => command.OrderId, Order.Decide))
        .Decides(Stock.Decider, stocks => stocks
            .On<ReceiveStock>(command => command.Sku, static (command, _) => Decision.Of(new Stock.StockReceived(command.Sku, command.Quantity)))
            .On<ReserveStock>(command => command.Sku, Stock.Decide)
            .On<CommitReservation>(command => command.Sku, Stock.Decide)
            .On<ReleaseReservation>(command => command.Sku, Stock.Decide));
    // end
}
