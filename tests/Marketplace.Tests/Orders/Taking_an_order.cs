using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Marketplace.Amounts;
using Marketplace.Orders;
using Marketplace.Stock;
using Marketplace.Vendors;
using static Marketplace.Tests.Orders.OrderCase;

namespace Marketplace.Tests.Orders;

public sealed class Taking_an_order
{
    private static readonly ImmutableArray<OrderTaking.Offered> AsOrdered =
        [.. Basket.Lines.Select(static line => new OrderTaking.Offered(Vendor.Status.Active, line.UnitPrice))];

    [Fact]
    public void Goes_into_checkout_where_all_is_as_ordered() =>
        Assert.Equal(Spoken(Order.Decide(Basket, Order.State.None)), Spoken(OrderTaking.Decide(Basket, Order.State.None, AsOrdered, isSoldOut: false)));

    [Fact]
    public void Ends_at_once_where_a_line_is_sold_out()
    {
        var decision = Facts(OrderTaking.Decide(Basket, Order.State.None, AsOrdered, isSoldOut: true));

        Assert.Equal(["OrderCreated", "OrderRejected"], decision.Select(static fact => fact.GetType().Name));
        Assert.Equal(new Order.OrderRejected("O1", Inventory.InsufficientStock), decision[1]);
    }

    [Theory]
    [InlineData("OFFER_NOT_FOUND", "lines[1].sku", Vendor.Status.Active, null, "EUR")]
    [InlineData("OFFER_NOT_FOUND", "lines[1].sku", Vendor.Status.None, 3000L, "EUR")]
    [InlineData("VENDOR_SUSPENDED", "lines[1].vendorId", Vendor.Status.Suspended, 3000L, "EUR")]
    [InlineData("PRICE_CHANGED", "lines[1].unitPrice", Vendor.Status.Active, 3001L, "EUR")]
    [InlineData("CURRENCY_MISMATCH", "lines[1].unitPrice", Vendor.Status.Active, 3000L, "USD")]
    public void Is_refused_for_the_line_that_is_not_as_ordered(string code, string field, Vendor.Status vendor, long? price, string currency)
    {
        var offered = AsOrdered.SetItem(1, new OrderTaking.Offered(vendor, price is { } minor ? new Money(minor, currency) : null));

        var rejection = Assert.IsType<Decision.Rejection>(OrderTaking.Decide(Basket, Order.State.None, offered, isSoldOut: true));

        Assert.Equal((code, field), (rejection.Code, rejection.Field));
    }

    [Fact]
    public void Happens_once()
    {
        var order = Order.Apply(Order.State.None, Created(Basket));

        Assert.Equal("ORDER_EXISTS", Assert.IsType<Decision.Rejection>(OrderTaking.Decide(Basket, order, AsOrdered, isSoldOut: false)).Code);
    }

    private static ImmutableArray<object> Facts(Decision decision) => Assert.IsType<Decision.Events>(decision).Facts;

    private static string Spoken(Decision decision) => JsonSerializer.Serialize(Facts(decision), EventJson.Options);
}
