using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Tests.Allowing;

public sealed class Seeing_what_one_may
{
    private const string Said = "the-secret-of-the-order";

    private static readonly Permission ReadOrders = Permission.Allow(Right.Read, "default", "order");

    [Fact]
    public async Task Leaves_out_what_events_say()
    {
        await using var server = await RunningServer.Start();
        await Talk(server);
        var reader = await server.Key("reader", ReadOrders);
        var whole = await server.Key("whole", ReadOrders, Permission.Allow(Right.ReadPayload, "default", "order"));

        foreach (var path in (string[])["/api/v1/events?category=order", "/api/v1/streams/order-1/events", $"/api/v1/events/{server.At(1)}"])
        {
            var withheld = await server.Call(reader, "GET", path);
            Assert.Equal(200, withheld.Status);
            Assert.Contains("\"withheld\":true", withheld.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Said, withheld.Text, StringComparison.Ordinal);
            Assert.Contains(Said, (await server.Call(whole, "GET", path)).Text, StringComparison.Ordinal);
        }

        Assert.Equal((403, "readPayload default order"), await Denied(server, reader, "/api/v1/streams/order-1/state"));
    }

    [Fact]
    public async Task Leaves_it_out_of_cloud_events_too()
    {
        const string One = "application/cloudevents+json";
        await using var server = await RunningServer.Start();
        await Talk(server);
        var reader = await server.Key("reader", ReadOrders);

        foreach (var (path, accept) in ((string, string)[])
            [($"/api/v1/events/{server.At(1)}", One), ("/api/v1/events?category=order", "application/cloudevents-batch+json"),
                ("/api/v1/streams/order-1/events", "application/cloudevents-batch+json")])
        {
            var withheld = await server.Call(reader, "GET", path, headers: ("Accept", accept));
            Assert.Equal((200, accept), (withheld.Status, withheld.ContentType));
            Assert.Contains("\"withheld\":true", withheld.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Said, withheld.Text, StringComparison.Ordinal);
        }

        Assert.Equal((403, "readPayload default order"), await Denied(server, reader, $"/api/v1/events/{server.At(1)}?mode=binary"));
        using var client = server.ClientWith(reader);
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events?category=order") { Headers = { { "Accept", $"text/event-stream, {One}" } } };
        using var follow = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await follow.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        string? line;
        do
            line = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line?.StartsWith("data: ", StringComparison.Ordinal) == false);
        Assert.Contains("\"withheld\":true", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Said, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_out_what_only_some_of_the_events_say()
    {
        await using var server = await RunningServer.Start();
        await Talk(server);
        var key = await server.Key(
            "reader", Permission.Allow(Right.Read), Permission.Allow(Right.ReadPayload), Permission.Deny(Right.ReadPayload, "default", "order"));

        var items = (await server.Call(key, "GET", "/api/v1/events")).Json.GetProperty("items").EnumerateArray().ToArray();

        Assert.Equal(["order-1 withheld", "stock-1 said", "order-2 withheld"], items.Select(static item =>
            $"{item.GetProperty("stream").GetString()} {(item.TryGetProperty("withheld", out _) ? "withheld" : "said")}"));
    }

    [Fact]
    public async Task Says_the_same_of_what_is_there_and_what_is_not()
    {
        await using var server = await RunningServer.Start();
        await Talk(server);
        var reader = await server.Key("reader", Permission.Allow(Right.Read, "default", "stock"));

        foreach (var (there, not) in ((string, string)[])
            [("/api/v1/streams/order-1", "/api/v1/streams/order-9"), ("/api/v1/streams/order-1/events", "/api/v1/streams/order-9/events"),
                ("/api/v1/streams/order-1/state", "/api/v1/streams/order-9/state"), ($"/api/v1/events/{server.At(1)}", $"/api/v1/events/{server.At(9)}"),
                ("/api/v1/correlations/only-orders", "/api/v1/correlations/none"), ("/api/v1/events?stream=order-1", "/api/v1/events?stream=order-9")])
        {
            var (one, other) = (await server.Call(reader, "GET", there), await server.Call(reader, "GET", not));
            Assert.Equal((one.Status, one.Code), (other.Status, other.Code));
            Assert.Equal(one.Json.TryGetProperty("detail", out var said) ? said.GetString() : null, other.Json.TryGetProperty("detail", out said) ? said.GetString() : null);
        }
    }

    [Fact]
    public async Task Shows_of_a_conversation_what_one_may_see_and_counts_nothing_else()
    {
        await using var server = await RunningServer.Start();
        await Talk(server);
        var reader = await server.Key("reader", Permission.Allow(Right.Read, "default", "stock"));

        var tree = await server.Call(reader, "GET", "/api/v1/correlations/talk");

        Assert.Equal(200, tree.Status);
        Assert.DoesNotContain("order-1", tree.Text, StringComparison.Ordinal);
        Assert.Equal("1", tree.Field("events"));
        Assert.Equal("1", tree.Json.GetProperty("searched").GetProperty("matched").ToString());
    }

    [Fact]
    public async Task Refuses_a_list_over_everything_where_one_category_is_taken()
    {
        await using var server = await RunningServer.Start();
        await Talk(server);
        var key = await server.Key("reader", Permission.Allow(Right.Read), Permission.Deny(Right.Read, "default", "order"));

        Assert.Equal((403, "read default *"), await Denied(server, key, "/api/v1/events"));
        Assert.Equal(200, (await server.Call(key, "GET", "/api/v1/events?category=stock")).Status);
        Assert.Equal((403, "read other *"), await Denied(server, await server.Key("here", Permission.Allow(Right.Read, "default")), "/api/v1/events", "other"));
    }

    [Fact]
    public async Task Lets_an_auditor_read_the_audit_and_nobody_the_credentials()
    {
        await using var server = await RunningServer.Start();
        await server.Do(new CreateUser("ada"), new GrantRole("ada", "auditor"));
        var auditor = await server.KeyFor("ada", BuiltInRoles.Owner.Permissions);

        var audit = await server.Call(auditor, "GET", "/api/v1/events?category=$audit&tag=act:create-user", tenant: "$platform");

        Assert.Equal("user:ada", audit.Json.GetProperty("items")[0].GetProperty("data").GetProperty("act").GetProperty("on").GetString());
        Assert.Equal(403, (await server.Call(OwnersKey.Text, "GET", "/api/v1/events?category=$credential", tenant: "$platform")).Status);
        var request = new ReadRequest { Tenant = "$platform", Query = EventQuery.OfCategory("$credential") };
        var kept = await server.Get<ILedger>().Read(request, TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken);
        Assert.Equal(404, (await server.Call(OwnersKey.Text, "GET", $"/api/v1/events/{kept.Events[0].Id}", tenant: "$platform")).Status);
        var one = audit.Json.GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(200, (await server.Call(auditor, "GET", $"/api/v1/events/{one}", tenant: "$platform")).Status);
    }

    [Fact]
    public async Task Keeps_errors_and_states_from_whoever_may_not_read_them()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":10}""", "k1");
        await server.Post("/api/v1/projections/till-totals/rebuilds", """{"reason":"to be sure"}""", "k2");
        await server.Do(new CreateUser("opal"), new GrantRole("opal", "operator"));
        var key = await server.KeyFor("opal", BuiltInRoles.Owner.Permissions);

        var operation = (await server.Call(key, "GET", "/api/v1/operations")).Json.GetProperty("items")[0];

        Assert.Equal("to be sure", operation.GetProperty("reason").GetString());
        Assert.False(operation.TryGetProperty("request", out _));
        Assert.Equal((403, "readPayload default till"), await Denied(server, key, "/api/v1/projections/till-totals/rows"));
        Assert.Equal(200, (await server.Call(key, "GET", "/api/v1/projections/till-totals")).Status);
        Assert.True((await server.Get("/api/v1/operations")).Json.GetProperty("items")[0].TryGetProperty("request", out _));
    }

    [Fact]
    public async Task Lists_the_projections_that_one_may_know_of()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        var key = await server.Key("reader", Permission.Allow(Right.Read, "*", "order"));
        var other = await server.Key("till", Permission.Allow(Right.Read, "*", "till"));

        Assert.Empty((await server.Call(key, "GET", "/api/v1/projections")).Json.GetProperty("items").EnumerateArray());
        Assert.Single((await server.Call(other, "GET", "/api/v1/projections")).Json.GetProperty("items").EnumerateArray());
    }

    private static async Task<(int Status, string Permission)> Denied(RunningServer server, string key, string path, string? tenant = null)
    {
        var answer = await server.Call(key, "GET", path, tenant: tenant);
        Assert.Equal(("forbidden", "application/problem+json"), (answer.Code, answer.ContentType));
        return (answer.Status, answer.Field("permission"));
    }

    private static async Task Talk(RunningServer server) => Assert.Equal(201, (await server.Post(
        "/api/v1/events",
        $$"""
        {"writes":[
          {"stream":"order-1","events":[{"type":"A","data":"{{Said}}","headers":{"h":"{{Said}}"},"correlationId":"talk"}]},
          {"stream":"stock-1","events":[{"type":"A","data":4,"correlationId":"talk"}]},
          {"stream":"order-2","events":[{"type":"A","data":5,"correlationId":"only-orders"}]}]}
        """)).Status);
}
