namespace Ledgerfold.Tests.Hosting;

public sealed record CreateOrder(string OrderId, string Customer, decimal Total);

public sealed record OrderSummary(string Customer, decimal Total);

/// <summary>A small domain, as a user writes it.</summary>
public static class Shop
{
    public abstract record Event;

    public sealed record OrderCreated(string OrderId, string Customer, decimal Total) : Event;

    public static Decision Decide(CreateOrder command, bool exists) => exists
        ? Decision.Reject("ORDER_EXISTS", "orderId")
        : Decision.Of(new OrderCreated(command.OrderId, command.Customer, command.Total));

    public static readonly Decider<bool> Orders = new("order", false, static (_, _) => true) { Snapshots = SnapshotPolicy.Every(1) };

    public static readonly Projection<OrderSummary> Summaries = new("order-summaries", version: 1)
    {
        Query = EventQuery.OfCategory("order"),
        Key = static (_, recorded) => recorded.Stream,
        Apply = static (summary, fact, _) => fact is OrderCreated created ? new(created.Customer, created.Total) : summary,
        Indexes = static summary => [new("customer", summary.Customer)],
        Inline = true,
    };

    public static Module Module => new Module("shop")
        .Events(EventTypes.Of<Event>())
        .Decides(Orders, static orders => orders.On<CreateOrder>(static command => command.OrderId, Decide))
        .Projects(Summaries);
}
