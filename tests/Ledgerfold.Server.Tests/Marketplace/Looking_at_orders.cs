using System.Text.Json;
using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Looking_at_orders
{
    [Fact]
    public async Task Tells_the_state_after_every_event()
    {
        await using var shop = await WithTea();
        var id = (await shop.Made("/orders?wait=10", Order())).GetProperty("orderId").GetString()!;
        await shop.Until(async () => (await Items(shop, $"/orders/{id}/history")).Count == 4);
        await shop.Made($"/orders/{id}/cancellations", """{"reason":"changed my mind"}""");

        var steps = await Items(shop, $"/orders/{id}/history");

        Assert.Equal(
            [
                ("1", "OrderCreated", "Pending"), ("2", "OrderValidated", "Pending"), ("3", "OrderConfirmed", "Confirmed"),
                ("4", "VendorOrderCreated", "Confirmed"), ("5", "OrderCancelled", "Cancelled"),
            ],
            steps.Select(static step => (step.GetProperty("version").GetString(), step.GetProperty("type").GetString(), step.GetProperty("order").GetProperty("status").GetString())));
        Assert.All(steps, static step => Assert.Equal("10.00", step.GetProperty("order").GetProperty("total").GetProperty("amount").GetString()));
        var page = (await shop.Get($"/orders/{id}/history?limit=2&after=1")).Json;
        Assert.Equal(["2", "3"], page.GetProperty("items").EnumerateArray().Select(static step => step.GetProperty("version").GetString()));
        Assert.Equal("3", page.GetProperty("next").GetString());
        Assert.Equal((404, "ORDER_NOT_FOUND"), Status(await shop.Get("/orders/O9/history")));
    }

    [Fact]
    public async Task Goes_back_to_a_version_a_position_and_a_time()
    {
        await using var shop = await WithTea();
        var id = (await shop.Made("/orders?wait=10", Order())).GetProperty("orderId").GetString()!;
        var before = await shop.Head();
        await shop.Advance(TimeSpan.FromHours(2));
        await shop.Made($"/orders/{id}/cancellations", """{"reason":"changed my mind"}""");
        var cancelledAt = (await Items(shop, $"/orders/{id}/history"))[^1].GetProperty("at").GetDateTimeOffset();

        foreach (var (at, status) in new[]
        {
            ("version=1", "Pending"), ("version=3", "Confirmed"), ("version=99", "Cancelled"), ($"at={before}", "Confirmed"),
            ($"at={Times(cancelledAt.AddHours(-1))}", "Confirmed"), ($"at={Times(cancelledAt)}", "Cancelled"),
        })
            Assert.Equal((at, status), (at, (await shop.Get($"/orders/{id}?{at}")).Field("status")));
        Assert.Equal((404, "ORDER_NOT_FOUND"), Status(await shop.Get($"/orders/{id}?version=0")));
        Assert.Equal((404, "ORDER_NOT_FOUND"), Status(await shop.Get($"/orders/{id}?at=2020-01-01")));
        Assert.Equal((400, "invalid"), Status(await shop.Get($"/orders/{id}?at=yesterday")));
        Assert.Equal((400, "invalid"), Status(await shop.Get($"/orders/{id}?version=-1")));
        Assert.Equal((400, "invalid"), Status(await shop.Get($"/orders/{id}?version=1&at=5")));
    }

    [Fact]
    public async Task Finds_those_of_a_customer_and_those_that_stand_alike_newest_first_and_in_pages()
    {
        await using var shop = await WithTea();
        var ofAda = new List<string>();
        for (var n = 0; n < 5; n++)
        {
            ofAda.Insert(0, (await shop.Made("/orders?wait=10", Order(card: $"tok-{n}"))).GetProperty("orderId").GetString()!);
            await shop.Made("/orders?wait=10", Order(customer: "bob", card: $"tok-of-bob-{n}"));
        }

        await shop.Made($"/orders/{ofAda[1]}/cancellations", """{"reason":"changed my mind"}""");
        await shop.Until(async () => (await Found(shop, "?status=Cancelled")).Length == 1);

        Assert.Equal(ofAda, await Found(shop, "?customerId=ada&limit=2"));
        Assert.Equal([ofAda[1]], await Found(shop, "?status=Cancelled"));
        Assert.Equal(ofAda.Where(id => id != ofAda[1]), await Found(shop, "?customerId=ada&status=Confirmed&limit=3"));
        Assert.Equal(9, (await Found(shop, "?status=Confirmed&limit=4")).Length);
        Assert.Equal(10, (await Found(shop, "?limit=3")).Distinct().Count());
        Assert.Empty(await Found(shop, "?customerId=ad"));
        Assert.Equal((400, "invalid"), Status(await shop.Get("/orders?status=confirmed")));
        Assert.Equal((400, "invalid"), Status(await shop.Get("/orders?customerId=a%20b")));
        Assert.Equal((400, "invalid"), Status(await shop.Get("/orders?after=nonsense")));
        Assert.Equal((400, "invalid"), Status(await shop.Get("/orders?limit=0")));
    }

    [Fact]
    public async Task Has_all_of_one_order_in_one_place()
    {
        await using var shop = await WithTea();
        var id = (await shop.Made("/orders?wait=10", Order())).GetProperty("orderId").GetString()!;
        await shop.Until(async () => (await Items(shop, $"/orders/{id}/history")).Count == 4);
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("committed") == "1");

        var row = (await shop.Server.Get($"/api/v1/projections/orders/rows/{id}?atLeast={await shop.Head()}")).Json.GetProperty("state");

        Assert.Equal("authorized", row.GetProperty("payment").GetProperty("status").GetString());
        Assert.Equal("pass", row.GetProperty("fraud").GetProperty("verdict").GetString());
        var timeline = row.GetProperty("timeline").EnumerateArray().Select(static entry => entry.GetProperty("type").GetString()!).ToArray();
        Assert.Equal(
            ["OrderCreated", "OrderValidated", "StockReserved", "FraudAssessed", "PaymentRequested", "PaymentAuthorized", "OrderConfirmed"],
            timeline.Take(7));
        Assert.Equal(["ReservationCommitted", "VendorOrderCreated"], timeline.Skip(7).Order());
    }

    private static string Times(DateTimeOffset time) => Ledgerfold.Times.ToText(time);

    private static (int, string?) Status(Answer answer) => (answer.Status, answer.Code);

    private static async Task<List<JsonElement>> Items(RunningShop shop, string path) => [.. (await shop.Get(path)).Json.GetProperty("items").EnumerateArray()];

    private static async Task<string[]> Found(RunningShop shop, string query)
    {
        var found = new List<string>();
        string? after = null;
        do
        {
            var page = (await shop.Get($"/orders{query}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}")).Json;
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("orderId").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return [.. found];
    }
}
