namespace Ledgerfold.Tests.Samples.Checkout;

// begin
public sealed record CreateOrder(string OrderId, string Sku, int Quantity, decimal Total);
public sealed record RequestPayment(string OrderId);
public sealed record ConfirmOrder(string OrderId, string Authorization);
public sealed record RejectOrder(string OrderId, string Reason);
public sealed record CancelOrder(string OrderId);

public static class Order
{
    public abstract record Event;
    public sealed record OrderCreated(string OrderId, string Sku, int Quantity, decimal Total) : Event;
    public sealed record PaymentRequested(string OrderId, decimal Total) : Event;
    public sealed record OrderConfirmed(string OrderId, string Sku, string Authorization) : Event;
    public sealed record OrderRejected(string OrderId, string Sku, string Reason) : Event;
    public sealed record OrderCancelled(string OrderId, string Sku) : Event;

    public enum Status { None, Pending, Confirmed, Rejected, Cancelled }

    public sealed record State(Status Status, string Sku, decimal Total);

    public static State Apply(State order, object fact) => fact switch
    {
        OrderCreated created => new(Status.Pending, created.Sku, created.Total),
        OrderConfirmed => order with { Status = Status.Confirmed },
        OrderRejected => order with { Status = Status.Rejected },
        OrderCancelled => order with { Status = Status.Cancelled },
        _ => order,
    };

    public static Decision Decide(CreateOrder command, State order) => order.Status is Status.None
        ? Decision.Of(new OrderCreated(command.OrderId, command.Sku, command.Quantity, command.Total))
        : Decision.Reject("ORDER_EXISTS", "orderId");

    public static Decision Decide(RequestPayment command, State order) => order.Status is Status.Pending
        ? Decision.Of(new PaymentRequested(command.OrderId, order.Total))
        : Decision.Reject("ORDER_NOT_PENDING");

    public static Decision Decide(ConfirmOrder command, State order) => order.Status switch
    {
        Status.Pending => Decision.Of(new OrderConfirmed(command.OrderId, order.Sku, command.Authorization)),
        Status.Confirmed => Decision.Nothing,
        _ => Decision.Reject("ORDER_NOT_PENDING"),
    };

    public static Decision Decide(RejectOrder command, State order) => order.Status is Status.Pending
        ? Decision.Of(new OrderRejected(command.OrderId, order.Sku, command.Reason))
        : Decision.Nothing;

    public static Decision Decide(CancelOrder command, State order) => order.Status is Status.Pending
        ? Decision.Of(new OrderCancelled(command.OrderId, order.Sku))
        : Decision.Reject("ORDER_NOT_PENDING");

    public static readonly Decider<State> Decider = new("order", new State(Status.None, "", 0), Apply);
}
// end
