namespace Ledgerfold.Tests.Samples;

// begin
public sealed record OrderSummary(string Customer, decimal Total, Order.Status Status)
{
    public static readonly Projection<OrderSummary> Projection = new("order-summaries", perStreamOf: "order")
    {
        Apply = static (summary, fact, _) => fact switch
        {
            Order.OrderCreated created => new(created.Customer, created.Total, Order.Status.Pending),
            Order.OrderConfirmed => summary! with { Status = Order.Status.Confirmed },
            Order.OrderCancelled => summary! with { Status = Order.Status.Cancelled },
            _ => summary,
        },
        Indexes = static summary => [new("customer", summary.Customer)],
    };
}
// end
