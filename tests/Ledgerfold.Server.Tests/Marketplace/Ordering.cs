using System.Text.Json;
using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Ordering
{
    [Fact]
    public async Task Freezes_the_price_of_the_offer()
    {
        await using var shop = await WithTea();

        var made = await shop.Post("/orders", Order(quantity: 2), "k1");
        var shown = await shop.Get($"/orders/{made.Field("orderId")}");

        Assert.Equal((201, $"{Root}/orders/{made.Field("orderId")}"), (made.Status, made.Location));
        Assert.Equal("""{"amount":"20.00","currency":"EUR"}""", made.Field("total"));
        Assert.Equal("ada", shown.Field("customerId"));
        Assert.Equal(
            """[{"number":1,"sku":"tea","vendorId":"V1","quantity":2,"unitPrice":"""
                + """{"amount":"10.00","currency":"EUR"},"discount":{"amount":"0.00","currency":"EUR"},"net":{"amount":"20.00","currency":"EUR"}}]""",
            shown.Field("lines"));
        Assert.DoesNotContain("tok_1", shown.Text);
    }

    [Fact]
    public async Task Answers_the_same_bytes_for_the_same_key_whatever_it_waits()
    {
        await using var shop = await WithTea();

        var first = await shop.Post("/orders", Order(), "k1");
        var second = await shop.Post("/orders?wait=5", Order(), "k1");
        var other = await shop.Post("/orders", Order(quantity: 2), "k1");

        Assert.Equal((201, true, first.Text), (second.Status, second.IsReplayed, second.Text));
        Assert.Equal((422, "key-reused"), (other.Status, other.Code));
    }

    [Fact]
    public async Task Is_refused_at_another_price_than_the_offer_has()
    {
        await using var shop = await WithTea();
        await shop.Sells("V1", "sake", "9", 1, "JPY");

        await shop.Refuses(409, "PRICE_CHANGED", "/lines/0/unitPrice", "/orders", Order(price: "9.99"));
        await shop.Refuses(422, "CURRENCY_MISMATCH", "/lines/0/unitPrice", "/orders", Order(sku: "sake", price: "9.00"));
        await shop.Refuses(422, "OFFER_NOT_FOUND", "/lines/0/sku", "/orders", Order(sku: "coffee"));
        await shop.Refuses(422, "OFFER_NOT_FOUND", "/lines/0/sku", "/orders", Order(vendor: "V9"));
        Assert.Contains("10.00 EUR", (await shop.Post("/orders", Order(price: "9.99"))).Text);
    }

    [Fact]
    public async Task Comes_to_nothing_at_once_where_all_is_sold()
    {
        await using var shop = await WithTea(quantity: 1);
        var id = (await shop.Made("/reservations", """{"sku":"tea","vendorId":"V1","quantity":1,"ttlSeconds":60}""")).GetProperty("reservationId").GetString();
        await shop.Get("/stock/tea");

        foreach (var wait in new[] { "", "?wait=10" })
        {
            var order = await shop.Made($"/orders{wait}", Order());
            Assert.Equal(("Rejected", "INSUFFICIENT_STOCK"), (order.GetProperty("status").GetString(), order.GetProperty("reason").GetString()));
            var history = (await shop.Get($"/orders/{order.GetProperty("orderId").GetString()}/history")).Json.GetProperty("items");
            Assert.Equal(["OrderCreated", "OrderRejected"], history.EnumerateArray().Select(static step => step.GetProperty("type").GetString()));
        }

        await shop.Made($"/reservations/{id}/releases", "{}");
        await shop.Get("/stock/tea");
        Assert.NotEqual("Rejected", (await shop.Made("/orders", Order())).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Is_not_turned_away_for_goods_whose_reservation_is_over()
    {
        await using var shop = await WithTea(quantity: 1);
        await shop.Made("/reservations", """{"sku":"tea","vendorId":"V1","quantity":1,"ttlSeconds":60}""");
        await shop.Get("/stock/tea");

        await shop.Advance(TimeSpan.FromSeconds(60));

        var order = await shop.Made("/orders", Order());
        var history = (await shop.Get($"/orders/{order.GetProperty("orderId").GetString()}/history")).Json.GetProperty("items");
        Assert.Equal("OrderValidated", history[1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Knows_its_own_tenant_alone()
    {
        await using var shop = await WithTea();
        var id = (await shop.Made("/orders", Order())).GetProperty("orderId").GetString();

        Assert.Equal(404, (await shop.Get($"/orders/{id}", tenant: "other")).Status);
        Assert.Equal(404, (await shop.Get($"/orders/{id}/history", tenant: "other")).Status);
        Assert.Empty((await shop.Get("/orders", tenant: "other")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal((422, "OFFER_NOT_FOUND"), await shop.Post("/orders", Order(), tenant: "other") is var foreign ? (foreign.Status, foreign.Code) : default);
        var theirs = await shop.Post($"/orders/{id}/cancellations", """{"reason":"mine"}""", tenant: "other");
        Assert.Equal((404, "ORDER_NOT_FOUND"), (theirs.Status, theirs.Code));
    }
}
