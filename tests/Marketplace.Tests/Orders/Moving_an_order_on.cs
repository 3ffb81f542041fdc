using Ledgerfold.Model.Deciding;
using Ledgerfold.Testing;
using Marketplace.Orders;
using static Marketplace.Orders.Order;
using static Marketplace.Tests.Orders.OrderCase;

namespace Marketplace.Tests.Orders;

public sealed class Moving_an_order_on
{
    /// <summary>From where, by what: the events that follow, the code it is refused with, or nothing.</summary>
    public static TheoryData<string, string, string> Table => new()
    {
        { "None", "hold", "ORDER_NOT_FOUND" },
        { "None", "confirm", "ORDER_NOT_FOUND" },
        { "None", "reject", "ORDER_NOT_FOUND" },
        { "None", "cancel", "ORDER_NOT_FOUND" },
        { "None", "line", "ORDER_NOT_FOUND" },
        { "None", "vendors", "ORDER_NOT_FOUND" },
        { "Pending", "hold", "OrderPutOnHold" },
        { "Pending", "confirm", "OrderConfirmed" },
        { "Pending", "reject", "OrderRejected" },
        { "Pending", "cancel", "OrderCancelled" },
        { "Pending", "line", "ORDER_NOT_CONFIRMED" },
        { "Pending", "vendors", "ORDER_NOT_CONFIRMED" },
        { "OnHold", "hold", "" },
        { "OnHold", "confirm", "OrderConfirmed" },
        { "OnHold", "reject", "OrderRejected" },
        { "OnHold", "cancel", "OrderCancelled" },
        { "OnHold", "line", "ORDER_NOT_CONFIRMED" },
        { "OnHold", "vendors", "ORDER_NOT_CONFIRMED" },
        { "Confirmed", "hold", "ORDER_CONFIRMED" },
        { "Confirmed", "confirm", "" },
        { "Confirmed", "reject", "ORDER_CONFIRMED" },
        { "Confirmed", "cancel", "OrderCancelled" },
        { "Confirmed", "line", "ORDER_NOT_CONFIRMED" },
        { "Confirmed", "vendors", "VendorOrderCreated VendorOrderCreated" },
        { "Sold", "reject", "ORDER_CONFIRMED" },
        { "Sold", "cancel", "OrderCancelled" },
        { "Sold", "line", "OrderLineCancelled" },
        { "Sold", "vendors", "" },
        { "Completed", "hold", "ALREADY_SHIPPED" },
        { "Completed", "confirm", "" },
        { "Completed", "reject", "ALREADY_SHIPPED" },
        { "Completed", "cancel", "ALREADY_SHIPPED" },
        { "Completed", "line", "ALREADY_SHIPPED" },
        { "Rejected", "hold", "ORDER_REJECTED" },
        { "Rejected", "confirm", "ORDER_REJECTED" },
        { "Rejected", "reject", "" },
        { "Rejected", "cancel", "ORDER_REJECTED" },
        { "Rejected", "line", "ORDER_REJECTED" },
        { "Rejected", "vendors", "ORDER_REJECTED" },
        { "Cancelled", "hold", "ORDER_CANCELLED" },
        { "Cancelled", "confirm", "ORDER_CANCELLED" },
        { "Cancelled", "reject", "" },
        { "Cancelled", "cancel", "" },
        { "Cancelled", "line", "ORDER_CANCELLED" },
        { "Cancelled", "vendors", "ORDER_CANCELLED" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Goes_forward_only(string from, string by, string expected) =>
        Assert.Equal(expected, Spoken(From(from).When(By(by)).Decision));

    /// <summary>No goods can leave yet, so that these states are only reached once fulfilment writes its events.</summary>
    [Theory]
    [InlineData(Status.PartiallyShipped)]
    [InlineData(Status.Shipped)]
    [InlineData(Status.Delivered)]
    [InlineData(Status.Completed)]
    public void Is_too_late_for_a_cancellation_once_goods_have_left(Status status)
    {
        var shipped = State.None with { Status = status };

        Assert.Equal("ALREADY_SHIPPED", Spoken(Order.Decide(new CancelOrder("O1", "late"), shipped)));
        Assert.Equal("ALREADY_SHIPPED", Spoken(Order.Decide(new CancelOrderLine("O1", 1, "late"), shipped)));
    }

    [Fact]
    public void Confirms_what_is_to_be_paid() => Held.When(new ConfirmOrder("O1")).Then(new OrderConfirmed("O1", Euro(6990)));

    [Fact]
    public void Is_confirmed_only_as_long_as_its_goods_are_safe()
    {
        var limit = new DateTimeOffset(2025, 1, 1, 0, 10, 0, TimeSpan.Zero);

        Pending.At(limit.AddMicroseconds(-1)).When(new ConfirmOrder("O1", limit)).Then(new OrderConfirmed("O1", Euro(6990)));
        Pending.At(limit).When(new ConfirmOrder("O1", limit)).ThenRejected("CONFIRMATION_TOO_LATE", "before");
        Confirmed.At(limit).When(new ConfirmOrder("O1", limit)).Then();
    }

    [Fact]
    public void Keeps_the_code_it_was_first_rejected_with()
    {
        Pending.When(new RejectOrder("O1", "PAYMENT_DECLINED")).Then(new OrderRejected("O1", "PAYMENT_DECLINED"));
        Assert.Equal("INSUFFICIENT_STOCK", Fold(Created(Basket), new OrderRejected("O1", "INSUFFICIENT_STOCK")).Reason);
    }

    [Fact]
    public void Gives_each_vendor_its_part_once()
    {
        var lines = Bill.For(Basket).Lines;
        VendorOrderCreated[] parts =
        [
            new("O1", "O1:V1", "V1", [lines[0], lines[2]], Euro(490), Euro(4390)),
            new("O1", "O1:V2", "V2", [lines[1]], Euro(0), Euro(2600)),
        ];

        Confirmed.When(new CreateVendorOrders("O1")).Then(parts[0], parts[1]);
        Confirmed.Given(parts[0], parts[1]).When(new CreateVendorOrders("O1")).Then();
    }

    [Fact]
    public void Takes_a_line_out_and_goes_on_with_the_others()
    {
        var first = new OrderLineCancelled("O1", 1, "tea", "V1", 2, Euro(1733), Euro(0), "broken");
        var third = new OrderLineCancelled("O1", 3, "pot", "V1", 1, Euro(2167), Euro(490), "broken");
        var second = new OrderLineCancelled("O1", 2, "cup", "V2", 1, Euro(2600), Euro(0), "broken");

        Sold.When(new CancelOrderLine("O1", 1, "broken")).Then(first);
        Sold.Given(first).When(new CancelOrderLine("O1", 1, "broken")).ThenRejected("LINE_NOT_FOUND", "line");
        Sold.Given(first).When(new CancelOrderLine("O1", 3, "broken")).Then(third);
        Sold.Given(first, third).When(new CancelOrderLine("O1", 2, "broken")).Then(second, new OrderCancelled("O1", "broken", Sold: []));
        Assert.Equal(Euro(2600), Fold(Created(Basket), first, third).Bill!.Total);
    }

    [Fact]
    public void Says_with_a_cancellation_what_its_vendors_were_to_deliver()
    {
        Pending.When(new CancelOrder("O1", "why")).Then(new OrderCancelled("O1", "why"));
        Confirmed.When(new CancelOrder("O1", "why")).Then(new OrderCancelled("O1", "why"));
        Sold.When(new CancelOrder("O1", "why")).Then(new OrderCancelled("O1", "why", [new(1, "tea", "V1", 2), new(2, "cup", "V2", 1), new(3, "pot", "V1", 1)]));
    }

    [Fact]
    public async Task Names_the_member_that_is_at_fault()
    {
        await Refusal.IsFor("orderId", Module, new ConfirmOrder("O 1"));
        await Refusal.IsFor("orderId", Module, new CreateVendorOrders(""));
        await Refusal.IsFor("code", Module, new RejectOrder("O1", "too late"));
        await Refusal.IsFor("reason", Module, new CancelOrder("O1", ""));
        await Refusal.IsFor("reason", Module, new PutOrderOnHold("O1", " "));
        await Refusal.IsFor("line", Module, new CancelOrderLine("O1", 0, "why"));
    }

    [Fact]
    public void Keeps_a_state_that_bears_being_kept() => SnapshotCheck.Holds(
        Decider,
        Created(Basket with { Destination = new("DE", PostalCode: "10115") }),
        Validated(Basket),
        new OrderPutOnHold("O1", "score 55"),
        new OrderConfirmed("O1", Euro(6990)),
        new OrderLineCancelled("O1", 1, "tea", "V1", 2, Euro(1733), Euro(0), "broken"),
        new OrderCancelled("O1", "all of it"));

    private static State Fold(params object[] events) => events.Aggregate(State.None, Apply);

    private static Scenario From(string status) => status switch
    {
        "None" => Nothing,
        "Pending" => Pending,
        "OnHold" => Held,
        "Confirmed" => Confirmed,
        "Sold" => Sold,
        "Rejected" => Rejected,
        "Cancelled" => Cancelled,
        _ => Completed,
    };

    private static object By(string command) => command switch
    {
        "hold" => new PutOrderOnHold("O1", "score 55"),
        "confirm" => new ConfirmOrder("O1"),
        "reject" => new RejectOrder("O1", "FRAUD_BLOCKED"),
        "cancel" => new CancelOrder("O1", "changed my mind"),
        "line" => new CancelOrderLine("O1", 1, "broken"),
        _ => new CreateVendorOrders("O1"),
    };

    private static string Spoken(Decision decision) => decision switch
    {
        Decision.Rejection rejection => rejection.Code,
        Decision.Events events => string.Join(' ', events.Facts.Select(static fact => fact.GetType().Name)),
        _ => throw new InvalidOperationException(),
    };
}
