using System.Text.Json;
using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Moving_money
{
    [Fact]
    public async Task Captures_in_parts_and_refunds_no_more_than_that()
    {
        await using var shop = await WithTea();
        var payment = await Authorized(shop);

        var captured = await shop.Post($"{payment}/captures", Euro("12.00"), "k1");
        var again = await shop.Post($"{payment}/captures", Euro("12.00"), "k1");

        Assert.Equal((201, "12.00", "20.00"), (captured.Status, Amount(captured.Json, "captured"), Amount(captured.Json, "amount")));
        Assert.Equal((true, captured.Text), (again.IsReplayed, again.Text));
        await shop.Refuses(409, "CAPTURE_EXCEEDS_AUTHORIZATION", "/amount", $"{payment}/captures", Euro("8.01"));
        await shop.Refuses(409, "REFUND_EXCEEDS_CAPTURE", "/amount", $"{payment}/refunds", Euro("12.01"));
        await shop.Refuses(422, "CURRENCY_MISMATCH", "/amount", $"{payment}/refunds", """{"amount":{"amount":"1.00","currency":"USD"} }""");
        await shop.Refuses(409, "PAYMENT_CAPTURED", null, $"{payment}/voids", "{}");
        var refunded = await shop.Made($"{payment}/refunds", """{"amount":{"amount":"2.50","currency":"EUR"},"reason":"a scratch"}""");
        Assert.Equal(("2.50", "Authorized"), (Amount(refunded, "refunded"), refunded.GetProperty("status").GetString()));
        Assert.Equal(refunded.GetRawText(), (await shop.Get(payment)).Text);
    }

    [Fact]
    public async Task Is_given_up_by_a_void()
    {
        await using var shop = await WithTea();
        var payment = await Authorized(shop);

        Assert.Equal("Voided", (await shop.Made($"{payment}/voids", "{}")).GetProperty("status").GetString());

        await shop.Refuses(409, "PAYMENT_VOIDED", null, $"{payment}/captures", Euro("1.00"));
    }

    [Fact]
    public async Task Ends_on_the_eighth_day()
    {
        await using var shop = await WithTea();
        var payment = await Authorized(shop);

        await shop.Advance(TimeSpan.FromDays(7));

        await shop.Refuses(409, "AUTHORIZATION_EXPIRED", null, $"{payment}/captures", Euro("1.00"));
    }

    [Fact]
    public async Task Is_refused_where_nothing_is_known()
    {
        await using var shop = await WithTea();
        var payment = await Authorized(shop);

        await shop.Refuses(404, "PAYMENT_NOT_FOUND", null, "/payments/P9/refunds", Euro("1.00"));
        foreach (var (path, tenant) in new[] { (payment, "other"), ("/payments/P9", "default"), ("/payments/a%20b", "default") })
            Assert.Equal((404, "PAYMENT_NOT_FOUND"), await shop.Get(path, tenant) is var answer ? (answer.Status, answer.Code) : default);
    }

    [Fact]
    public async Task Follows_a_script_only_where_things_are_tried_out()
    {
        await using var shop = await Start();
        await using var business = await Start(manualClock: false);

        await shop.Refuses(400, "invalid", "/outcomes/1", "/simulator/payment-script", """{"card":"tok","outcomes":["approve","perhaps"]}""");
        await shop.Refuses(400, "invalid", "/outcomes", "/simulator/payment-script", """{"card":"tok","outcomes":[]}""");
        await shop.Refuses(400, "invalid", "/card", "/simulator/payment-script", """{"outcomes":["approve"]}""");
        await business.Refuses(404, "not-found", null, "/simulator/payment-script", """{"card":"tok","outcomes":["approve"]}""");
    }

    private static async Task<string> Authorized(RunningShop shop)
    {
        var order = await shop.Made("/orders?wait=10", Order(quantity: 2));
        Assert.Equal("Confirmed", order.GetProperty("status").GetString());
        return $"/payments/{order.GetProperty("paymentId").GetString()}";
    }

    private static string Euro(string amount) => $$"""{"amount":{"amount":"{{amount}}","currency":"EUR"} }""";

    private static string? Amount(JsonElement of, string name) => of.GetProperty(name).GetProperty("amount").GetString();
}
