using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Tests.Allowing;

public sealed class Appending_what_one_may
{
    private const string Event = """{"type":"A","data":1}""";

    [Fact]
    public async Task Writes_to_no_stream_where_one_of_them_is_not_allowed()
    {
        await using var server = await RunningServer.Start();
        var key = await server.Key("writer", Permission.Allow(Right.Append, "default", "order"));

        var answer = await server.Call(
            key, "POST", "/api/v1/events", $$"""{"writes":[{"stream":"order-1","events":[{{Event}}]},{"stream":"stock-1","events":[{{Event}}]}]}""");

        Assert.Equal((403, "append default stock"), (answer.Status, answer.Field("permission")));
        Assert.Empty(await Of(server, "order"));
    }

    [Fact]
    public async Task Says_only_conflict_to_whoever_may_not_read()
    {
        await using var server = await RunningServer.Start();
        var blind = await server.Key("blind", Permission.Allow(Right.Append, "default", "order"));
        var seeing = await server.Key("seeing", Permission.Allow(Right.Append, "default", "order"), Permission.Allow(Right.Read, "default", "order"));
        Assert.Equal(201, (await Append(server, blind, "*")).Status);

        var (hidden, told) = (await Append(server, blind, "\"7\""), await Append(server, seeing, "\"7\""));

        Assert.Equal((409, "conflict"), (hidden.Status, hidden.Code));
        Assert.False(hidden.Json.TryGetProperty("actual", out _));
        Assert.Equal((412, "1"), (told.Status, told.Field("actual")));
    }

    [Fact]
    public async Task Needs_to_read_all_that_its_condition_speaks_of()
    {
        await using var server = await RunningServer.Start();
        await Append(server, OwnersKey.Text, "*");
        var key = await server.Key("writer", Permission.Allow(Right.Append, "default", "stock"), Permission.Allow(Right.Read, "default", "stock"));

        var unseen = await server.Call(key, "POST", "/api/v1/events", Conditional("""{"category":"order"}"""));
        var some = await server.Call(key, "POST", "/api/v1/events", Conditional("""{"category":"stock"},{"types":["A"]}"""));
        var seen = await server.Call(key, "POST", "/api/v1/events", Conditional("""{"category":"stock"}"""));

        Assert.Equal((403, "read default order"), (unseen.Status, unseen.Field("permission")));
        Assert.Equal((403, "read default *"), (some.Status, some.Field("permission")));
        Assert.Equal(201, seen.Status);
        var again = await server.Call(key, "POST", "/api/v1/events", Conditional("""{"category":"stock"}"""));
        Assert.Equal((409, "condition-failed"), (again.Status, again.Code));

        static string Conditional(string items) =>
            $$$"""{"writes":[{"stream":"stock-1","events":[{{{Event}}}]}],"condition":{"failIfMatch":{"items":[{{{items}}}]},"after":"0"}}""";
    }

    [Fact]
    public async Task Moves_cursors_only_for_whoever_operates_the_ledger()
    {
        await using var server = await RunningServer.Start();
        var key = await server.Key("writer", Permission.Allow(Right.Append), Permission.Allow(Right.Operate, "default"));
        const string body = """{"writes":[],"cursorMoves":[{"consumer":"mine","expected":"0","next":"1"}]}""";

        var denied = await server.Call(key, "POST", "/api/v1/events", body);
        Assert.Equal((403, "operate * *"), (denied.Status, denied.Field("permission")));
        Assert.Equal(201, (await server.Call(OwnersKey.Text, "POST", "/api/v1/events", body)).Status);
    }

    [Fact]
    public async Task Is_somebody_elses_call_under_the_same_idempotency_key()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        var one = await server.Key("one", Permission.Allow(Right.Append, "default", "till"));
        var other = await server.KeyFor("one", [Permission.Allow(Right.Append)]);
        const string body = """{"till":"a","amount":1}""";

        var first = await server.Call(one, "POST", "/api/v1/shop/payments", body, null, ("Idempotency-Key", "k1"));
        var again = await server.Call(one, "POST", "/api/v1/shop/payments", body, null, ("Idempotency-Key", "k1"));
        var others = await server.Call(other, "POST", "/api/v1/shop/payments", body, null, ("Idempotency-Key", "k1"));

        Assert.Equal((201, 201, 201), (first.Status, again.Status, others.Status));
        Assert.Equal((false, true, false), (first.IsReplayed, again.IsReplayed, others.IsReplayed));
        var none = await server.Key("none");
        Assert.Equal(403, (await server.Call(none, "POST", "/api/v1/shop/payments", body, null, ("Idempotency-Key", "k1"))).Status);
    }

    private static Task<Answer> Append(RunningServer server, string key, string version) =>
        server.Call(key, "POST", "/api/v1/streams/order-1/events", Event, null, ("If-Match", version));

    private static async Task<IEnumerable<string>> Of(RunningServer server, string category) =>
        (await server.Get($"/api/v1/events?category={category}")).Json.GetProperty("items").EnumerateArray().Select(static item => item.GetRawText());
}
