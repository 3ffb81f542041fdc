using System.Collections.Immutable;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Orders;
using static Marketplace.Orders.Order;

namespace Marketplace.Tests.Orders;

/// <summary>Where the scenarios of orders begin: two lines of one vendor, one of another, 10.00 off, shipping from the first.</summary>
internal static class OrderCase
{
    public static readonly CreateOrder Basket = new(
        "O1",
        "ada",
        "EUR",
        [new("tea", "V1", 2, Euro(1000)), new("cup", "V2", 1, Euro(3000)), new("pot", "V1", 1, Euro(2500))],
        Euro(1000),
        [new("V1", Euro(490))],
        new("tok_1"));

    public static readonly Scenario Nothing = new(Module);

    public static readonly Scenario Pending = Nothing.Given(Created(Basket), Validated(Basket));

    public static readonly Scenario Held = Pending.Given(new OrderPutOnHold("O1", "score 55"));

    public static readonly Scenario Confirmed = Pending.Given(new OrderConfirmed("O1", Bill.For(Basket).Total));

    public static readonly Scenario Sold = Confirmed.Given(
        new VendorOrderCreated("O1", "O1:V1", "V1", [Lines[0], Lines[2]], Euro(490), Euro(4390)),
        new VendorOrderCreated("O1", "O1:V2", "V2", [Lines[1]], Euro(0), Euro(2600)));

    public static readonly Scenario Rejected = Pending.Given(new OrderRejected("O1", "INSUFFICIENT_STOCK"));

    public static readonly Scenario Cancelled = Pending.Given(new OrderCancelled("O1", "changed my mind"));

    public static readonly Scenario Completed = Confirmed.Given(new OrderCompleted("O1"));

    private static ImmutableArray<BillLine> Lines => Bill.For(Basket).Lines;

    public static Money Euro(long cents) => new(cents, "EUR");

    public static OrderValidated Validated(CreateOrder order) => OrderValidated.Of(Created(order));

    public static OrderCreated Created(CreateOrder order) =>
        new(order.OrderId, order.CustomerId, order.Currency, Bill.For(order), order.Payment, order.Destination);
}
