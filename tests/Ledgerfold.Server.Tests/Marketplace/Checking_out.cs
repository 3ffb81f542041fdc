using System.Text;
using System.Text.Json;
using global::Marketplace.Orders;
using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Checking_out
{
    [Fact]
    public async Task Answers_whoever_waits_with_the_confirmed_order()
    {
        await using var shop = await WithTea(quantity: 3);

        var order = await shop.Made("/orders?wait=10", Order(quantity: 2), "k1");
        var id = order.GetProperty("orderId").GetString();

        Assert.Equal("Confirmed", order.GetProperty("status").GetString());
        var payment = (await shop.Get($"/payments/{order.GetProperty("paymentId").GetString()}")).Json;
        Assert.Equal(("Authorized", "20.00", "0.00"), (payment.GetProperty("status").GetString(), Amount(payment, "amount"), Amount(payment, "captured")));
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("committed") == "2");
        await shop.Until(async () => Types(await shop.Get($"/orders/{id}/history"))[^1] == "VendorOrderCreated");
        var replayed = await shop.Post("/orders", Order(quantity: 2), "k1");
        Assert.Equal(order.GetRawText(), replayed.Text);
    }

    [Theory]
    [InlineData("decline", "PAYMENT_DECLINED")]
    [InlineData("approve", null)]
    [InlineData("error-once", null)]
    public async Task Ends_as_the_provider_says(string outcome, string? reason)
    {
        await using var shop = await WithTea(quantity: 3);
        await shop.Script("tok_2", outcome);

        var order = await shop.Made("/orders?wait=20", Order(card: "tok_2"));

        Assert.Equal(reason is null ? "Confirmed" : "Rejected", order.GetProperty("status").GetString());
        Assert.Equal(reason, order.TryGetProperty("reason", out var told) ? told.GetString() : null);
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("reserved") == "0");
        Assert.Equal(reason is null ? "2" : "3", (await shop.Get("/stock/tea")).Field("available"));
    }

    [Theory]
    [InlineData("timeout", "PAYMENT_TIMEOUT")]
    [InlineData("late-approve", "PAYMENT_TIMEOUT")]
    public async Task Ends_within_its_limits_where_the_provider_does_not_answer(string outcome, string reason)
    {
        await using var shop = await WithTea(quantity: 3);
        await shop.Script("tok_3", outcome);
        var id = (await shop.Made("/orders", Order(card: "tok_3"))).GetProperty("orderId").GetString()!;
        await shop.Until(async () => (await shop.Get($"/payments/{id}")).Status == 200);

        await shop.Until(async () =>
        {
            await shop.Advance(TimeSpan.FromSeconds(11));
            return (await shop.Get($"/orders/{id}")).Field("status") == "Rejected";
        });

        Assert.Equal(reason, (await shop.Get($"/orders/{id}")).Field("reason"));
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("available") == "3");
    }

    [Fact]
    public async Task Stands_as_it_is_when_the_time_is_up()
    {
        await using var shop = await WithTea();
        await shop.Script("tok_3", "timeout");

        var order = await shop.Made("/orders?wait=1", Order(card: "tok_3"));

        Assert.Equal("Pending", order.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Meets_the_same_order_where_the_first_caller_went_away()
    {
        await using var shop = await WithTea();
        await shop.Script("tok_3", "timeout");
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Root}/orders?wait=30") { Content = new StringContent(Order(card: "tok_3"), Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "k1");
        var first = shop.Server.Client.SendAsync(request, gone.Token);
        await shop.Until(async () => (await shop.Get("/orders")).Json.GetProperty("items").GetArrayLength() == 1);
        var made = (await shop.Get("/orders")).Json.GetProperty("items")[0].GetProperty("orderId").GetString();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var again = await shop.Post("/orders?wait=1", Order(card: "tok_3"), "k1");

        Assert.Equal((201, false, made, "Pending"), (again.Status, again.IsReplayed, again.Field("orderId"), again.Field("status")));
        Assert.Equal(1, (await shop.Get("/orders")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Needs_no_payment_for_what_costs_nothing()
    {
        await using var shop = await WithTea();
        var free = Order().Replace("\"payment\":{\"card\":\"tok_1\"}", "\"discount\":{\"amount\":\"10.00\",\"currency\":\"EUR\"}");

        var order = await shop.Made("/orders?wait=10", free);

        Assert.Equal(("Confirmed", "0.00"), (order.GetProperty("status").GetString(), Amount(order, "total")));
        Assert.False(order.TryGetProperty("paymentId", out _));
    }

    [Fact]
    public async Task Is_blocked_by_a_failed_card_check()
    {
        await using var shop = await WithTea();

        var order = await shop.Made("/orders?wait=10", Order().Replace("\"tok_1\"", "\"tok_1\",\"cardCheck\":\"failed\""));

        Assert.Equal(("Rejected", "FRAUD_BLOCKED"), (order.GetProperty("status").GetString(), order.GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("approved", "Confirmed")]
    [InlineData("declined", "Rejected")]
    public async Task Asks_a_person_where_the_score_is_in_between(string decision, string end)
    {
        await using var shop = await WithTea();
        var order = await shop.Made("/orders?wait=10", Doubtful);
        var id = order.GetProperty("orderId").GetString();
        Assert.Equal("OnHold", order.GetProperty("status").GetString());

        await shop.Made($"/orders/{id}/reviews", $$"""{"decision":"{{decision}}"}""");

        await shop.Until(async () => (await shop.Get($"/orders/{id}")).Field("status") == end);
        var other = decision == "approved" ? "declined" : "approved";
        await shop.Refuses(409, "REVIEW_RESOLVED", null, $"/orders/{id}/reviews", $$"""{"decision":"{{other}}"}""");
    }

    [Fact]
    public async Task Takes_no_review_that_nobody_asked_for_or_that_comes_too_late()
    {
        await using var shop = await WithTea();
        var passed = (await shop.Made("/orders?wait=10", Order())).GetProperty("orderId").GetString();
        var held = (await shop.Made("/orders?wait=10", Doubtful)).GetProperty("orderId").GetString();

        await shop.Advance(TimeSpan.FromHours(48));

        await shop.Refuses(409, "REVIEW_NOT_ASKED_FOR", null, $"/orders/{passed}/reviews", """{"decision":"approved"}""");
        await shop.Refuses(409, "REVIEW_EXPIRED", null, $"/orders/{held}/reviews", """{"decision":"approved"}""");
        await shop.Refuses(404, "FRAUD_CHECK_NOT_FOUND", null, "/orders/O9/reviews", """{"decision":"approved"}""");
        await shop.Until(async () => (await shop.Get($"/orders/{held}")).Field("status") == "Rejected");
    }

    [Fact]
    public async Task Is_undone_by_a_cancellation()
    {
        await using var shop = await WithTea(quantity: 3);
        var id = (await shop.Made("/orders?wait=10", Order())).GetProperty("orderId").GetString();
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("committed") == "1");

        var cancelled = await shop.Made($"/orders/{id}/cancellations", """{"reason":"changed my mind"}""");

        Assert.Equal(("Cancelled", "changed my mind"), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("reason").GetString()));
        await shop.Until(async () => (await shop.Get($"/payments/{id}")).Field("status") == "Voided");
        await shop.Until(async () => (await shop.Get("/stock/tea")).Field("available") == "3");
        await shop.Refuses(404, "ORDER_NOT_FOUND", "/orderId", "/orders/O9/cancellations", """{"reason":"mine"}""");
    }

    [Fact]
    public async Task Turns_calls_away_where_too_many_wait()
    {
        await using var shop = await WithTea();
        var underWay = shop.Server.Get<CheckoutsUnderWay>();
        for (var n = 0; n < CheckoutsUnderWay.Max; n++)
            Assert.True(underWay.TryEnter("default", $"filled-{n}", out _));
        var before = await shop.Head();

        var refused = await shop.Post("/orders", Order(), "k1");

        Assert.Equal((503, "overloaded", before), (refused.Status, refused.Code, await shop.Head()));
        underWay.Leave("default", "filled-0");
        Assert.Equal(201, (await shop.Post("/orders", Order(), "k1")).Status);
    }

    private static string Doubtful => Order().Replace("\"tok_1\"", "\"tok_1\",\"addressCheck\":\"N\",\"ipCountry\":\"US\",\"cardCountry\":\"DE\"");

    private static string? Amount(JsonElement of, string name) => of.GetProperty(name).GetProperty("amount").GetString();

    private static string[] Types(Answer history) => [.. history.Json.GetProperty("items").EnumerateArray().Select(static step => step.GetProperty("type").GetString()!)];
}
