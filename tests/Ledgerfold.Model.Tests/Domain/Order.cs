using Ledgerfold.Model.Deciding;

namespace Ledgerfold.Model.Tests.Domain;

public sealed record CreateOrder(string OrderId, string Customer, decimal Total);

public sealed record ConfirmOrder(string OrderId);

public sealed record CancelOrder(string OrderId, string Reason);

public static class Order
{
    public abstract record Event;

    public sealed record OrderCreated(string OrderId, string Customer, decimal Total) : Event;

    public sealed record OrderConfirmed(string OrderId) : Event;

    public sealed record OrderCancelled(string OrderId, string Reason) : Event;

    public enum Status
    {
        None,
        Pending,
        Confirmed,
        Cancelled,
    }

    public sealed record State(Status Status, decimal Total)
    {
        public static readonly State Initial = new(Status.None, 0);
    }

    public static State Apply(State state, object fact) => fact switch
    {
        OrderCreated created => new(Status.Pending, created.Total),
        OrderConfirmed => state with { Status = Status.Confirmed },
        OrderCancelled => state with { Status = Status.Cancelled },
        _ => state,
    };

    public static Decision Decide(CreateOrder command, State state) => state.Status != Status.None
        ? Decision.Reject("ORDER_EXISTS", "orderId")
        : Decision.Of(new OrderCreated(command.OrderId, command.Customer, command.Total));

    public static Decision Decide(ConfirmOrder command, State state) => state.Status switch
    {
        Status.Pending => Decision.Of(new OrderConfirmed(command.OrderId)),
        Status.Confirmed => Decision.Nothing,
        _ => Decision.Reject("ORDER_NOT_PENDING"),
    };

    public static Decision Decide(CancelOrder command, State state) => state.Status is Status.Pending or Status.Confirmed
        ? Decision.Of(new OrderCancelled(command.OrderId, command.Reason))
        : Decision.Reject("ORDER_NOT_OPEN");

    public static readonly Decider<State> Decider = new("order", State.Initial, Apply);
}
