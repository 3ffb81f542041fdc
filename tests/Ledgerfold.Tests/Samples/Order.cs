namespace Ledgerfold.Tests.Samples;

// begin
public sealed record CreateOrder(string OrderId, string Customer, decimal Total);
public sealed record ConfirmOrder(string OrderId);
public sealed record CancelOrder(string OrderId, string Reason);

public static class Order
{
    public abstract record Event;
    public sealed record OrderCreated(string Customer, decimal Total) : Event;
    public sealed record OrderConfirmed : Event;
    public sealed record OrderCancelled(string Reason) : Event;

    public enum Status { None, Pending, Confirmed, Cancelled }

    public static Status Apply(Status status, object fact) => fact switch
    {
        OrderCreated => Status.Pending,
        OrderConfirmed => Status.Confirmed,
        OrderCancelled => Status.Cancelled,
        _ => status,
    };

    public static Decision Decide(CreateOrder command, Status status) => status is Status.None
        ? Decision.Of(new OrderCreated(command.Customer, command.Total))
        : Decision.Reject("ORDER_EXISTS", "orderId");

    public static Decision Decide(ConfirmOrder command, Status status) => status switch
    {
        Status.Pending => Decision.Of(new OrderConfirmed()),
        Status.Confirmed => Decision.Nothing,
        _ => Decision.Reject("ORDER_NOT_PENDING"),
    };

    public static Decision Decide(CancelOrder command, Status status) => status is Status.Pending or Status.Confirmed
        ? Decision.Of(new OrderCancelled(command.Reason))
        : Decision.Reject("ORDER_NOT_OPEN");

    public static readonly Decider<Status> Decider = new("order", Status.None, Apply);
}
// end
