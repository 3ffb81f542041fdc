using System.Text.Json;
using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Asking_for_KPIs
{
    [Fact]
    public async Task Counts_what_was_done()
    {
        await using var shop = await WithTea(quantity: 3);
        await shop.Script("tok_2", "decline");
        var id = (await shop.Made("/orders?wait=10", Order(quantity: 2))).GetProperty("orderId").GetString();
        await shop.Made("/orders?wait=10", Order(card: "tok_2"));
        await shop.Made("/orders?wait=10", Order(quantity: 2));
        await shop.Made($"/payments/{id}/captures", """{"amount":{"amount":"20.00","currency":"EUR"} }""");
        await shop.Made($"/payments/{id}/refunds", """{"amount":{"amount":"5.00","currency":"EUR"} }""");

        var kpis = (await shop.Get("/kpis")).Json;

        Assert.Equal("""{"created":3,"confirmed":1,"cancelled":0,"rejected":2,"rejectedByCode":{"INSUFFICIENT_STOCK":1,"PAYMENT_DECLINED":1}}""", kpis.GetProperty("orders").GetRawText());
        Assert.Equal((0.333333m, 0.5m, 0m), (Number(kpis, "conversion"), Number(kpis, "authorizationRate"), Number(kpis, "fraudBlockRate")));
        Assert.Equal(
            """[{"currency":"EUR","gmv":{"amount":"20.00","currency":"EUR"},"averageOrderValue":"""
                + """{"amount":"20.00","currency":"EUR"},"captured":{"amount":"20.00","currency":"EUR"},"refunded":{"amount":"5.00","currency":"EUR"},"refundRate":0.25}]""",
            kpis.GetProperty("money").GetRawText());
        Assert.Equal(0, Created((await shop.Get("/kpis", tenant: "other")).Json));
    }

    [Fact]
    public async Task Counts_any_minutes()
    {
        await using var shop = await WithTea();
        var first = (await shop.Made("/orders", Order())).GetProperty("orderId").GetString();
        await shop.Advance(TimeSpan.FromHours(30));
        await shop.Made("/orders", Order());
        var at = (await shop.Get($"/orders/{first}/history")).Json.GetProperty("items")[0].GetProperty("at").GetDateTimeOffset();
        var minute = new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, at.Minute, 0, TimeSpan.Zero);

        foreach (var (from, to, orders) in new[]
        {
            (minute, minute.AddMinutes(1), 1), (minute.AddMinutes(1), minute.AddHours(29), 0), (minute, minute.AddHours(31), 2),
            (minute.AddMinutes(1), minute.AddHours(31), 1), (minute, minute, 0), (minute.AddDays(-400), minute.AddMinutes(1), 1),
        })
        {
            var kpis = (await shop.Get($"/kpis?from={from:yyyy-MM-ddTHH:mmZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}")).Json;
            Assert.Equal((from, to, orders), (kpis.GetProperty("from").GetDateTimeOffset(), kpis.GetProperty("to").GetDateTimeOffset(), Created(kpis)));
        }
    }

    [Theory]
    [InlineData("?from=yesterday")]
    [InlineData("?to=2026-13-01")]
    [InlineData("?from=2026-01-02&to=2026-01-01")]
    [InlineData("?from=2020-01-01&to=2026-01-01")]
    public async Task Is_refused_for_what_is_no_time(string query)
    {
        await using var shop = await Start();

        Assert.Equal((400, "invalid"), await shop.Get("/kpis" + query) is var answer ? (answer.Status, answer.Code) : default);
    }

    private static decimal Number(JsonElement kpis, string name) => kpis.GetProperty(name).GetDecimal();

    private static int Created(JsonElement kpis) => kpis.GetProperty("orders").GetProperty("created").GetInt32();
}
