namespace Ledgerfold.Server.Tests.Events;

public sealed class Finding_events
{
    private const string Five = """
        {"writes":[
          {"stream":"order-1","events":[{"type":"A","data":1,"tags":["v:1"],"correlationId":"talk"},{"type":"B","data":2},{"type":"A","data":3}]},
          {"stream":"stock-1","events":[{"type":"A","data":4},{"type":"C","data":5}]}]}
        """;

    [Theory]
    [InlineData("", "1 2 3 4 5")]
    [InlineData("category=order", "1 2 3")]
    [InlineData("stream=stock-1", "4 5")]
    [InlineData("type=A", "1 3 4")]
    [InlineData("type=B&type=C", "2 5")]
    [InlineData("tag=v:1", "1")]
    [InlineData("correlation=talk", "1")]
    [InlineData("category=order&type=A", "1 3")]
    [InlineData("backward=true&limit=2", "5 4")]
    [InlineData("after=@3", "4 5")]
    [InlineData("from=@2&to=@4", "2 3 4")]
    [InlineData("before=@3", "1 2")]
    [InlineData("to=2020-01-01", "")]
    public async Task By_what_they_are_and_where_they_stand(string query, string positions)
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/events", Five);

        var answer = await server.Get($"/api/v1/events?{Placed(server, query)}");

        Assert.Equal(200, answer.Status);
        Assert.Equal(positions, PositionsIn(server, answer));
    }

    [Fact]
    public async Task Page_by_page_to_the_end()
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/events", Five);

        var first = await server.Get("/api/v1/events?limit=2");
        var second = await server.Get($"/api/v1/events?limit=2&after={first.Field("next")}");
        var third = await server.Get($"/api/v1/events?limit=2&after={second.Field("next")}");

        Assert.Equal(("1 2", "3 4", "5"), (PositionsIn(server, first), PositionsIn(server, second), PositionsIn(server, third)));
        Assert.False(third.Json.TryGetProperty("next", out _));
        Assert.True(first.Json.TryGetProperty("searched", out _));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("after=-1", "after")]
    [InlineData("from=yesterday", "from")]
    [InlineData("category=Order%20", "category")]
    public async Task Is_refused_with_the_parameter_that_is_wrong(string query, string parameter)
    {
        await using var server = await RunningServer.Start();

        var answer = await server.Get($"/api/v1/events?{query}");

        Assert.Equal((400, "invalid"), (answer.Status, answer.Code));
        Assert.Equal([parameter], answer.Pointers);
    }

    [Fact]
    public async Task One_by_its_position_or_its_id()
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/events", Five);

        var byPosition = await server.Get($"/api/v1/events/{server.At(2)}");
        var byId = await server.Get($"/api/v1/events/{byPosition.Field("id")}");

        Assert.Equal(("B", "order-1"), (byPosition.Field("type"), byPosition.Field("stream")));
        Assert.Equal(byPosition.Text, byId.Text);
        Assert.Equal(404, (await server.Get($"/api/v1/events/{server.At(6)}")).Status);
        Assert.Equal(404, (await server.Get($"/api/v1/events/{Guid.NewGuid()}")).Status);
        Assert.Equal(400, (await server.Get("/api/v1/events/first")).Status);
    }

    [Fact]
    public async Task Of_another_tenant_never()
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/events", Five);
        foreach (var path in new[] { "/api/v1/events", $"/api/v1/events/{server.At(1)}", "/api/v1/streams/order-1", "/api/v1/correlations/talk" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Ledgerfold-Tenant", "other");

            var answer = await server.Send(request);

            Assert.True(answer.Status == 404 || PositionsIn(server, answer).Length == 0, path);
        }
    }

    [Fact]
    public async Task In_the_states_that_they_made()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":10}""", "k1");
        await server.Post("/api/v1/shop/payments", """{"till":"a","amount":5}""", "k2");

        Assert.Equal("15", (await server.Get("/api/v1/streams/till-a/state")).Field("state"));
        Assert.Equal("10", (await server.Get("/api/v1/streams/till-a/state?version=1")).Field("state"));
        Assert.Equal("10", (await server.Get($"/api/v1/streams/till-a/state?at={server.At(1)}")).Field("state"));
        var change = (await server.Get("/api/v1/streams/till-a/diff?fromVersion=1&toVersion=2")).Json.GetProperty("changes").EnumerateArray().Single();
        Assert.Equal((10, 15), (change.GetProperty("before").GetInt32(), change.GetProperty("after").GetInt32()));
        Assert.Equal("2", (await server.Get("/api/v1/streams/till-a/blame")).Field("version"));
        Assert.Equal(404, (await server.Get("/api/v1/streams/till-b/state")).Status);
        Assert.Equal(404, (await server.Get("/api/v1/streams/other-1/state")).Status);
        Assert.Equal(400, (await server.Get("/api/v1/streams/till-a/state?version=1&at=1")).Status);
    }

    [Fact]
    public async Task In_the_conversation_they_belong_to()
    {
        await using var server = await RunningServer.Start();
        await server.Post("/api/v1/events", Five);

        var answer = await server.Get("/api/v1/correlations/talk");

        Assert.Contains(answer.Json.GetProperty("nodes").EnumerateArray(), static node => node.GetRawText().Contains("\"type\":\"A\"", StringComparison.Ordinal));
        Assert.Equal(404, (await server.Get("/api/v1/correlations/none")).Status);
    }

    /// <summary>With positions in place of <c>@1</c> to <c>@5</c>.</summary>
    private static string Placed(RunningServer server, string query) =>
        Enumerable.Range(1, 5).Aggregate(query, (text, place) => text.Replace($"@{place}", server.At(place), StringComparison.Ordinal));

    private static string PositionsIn(RunningServer server, Answer answer) => answer.Json.TryGetProperty("items", out var items)
        ? string.Join(' ', items.EnumerateArray().Select(item => long.Parse(item.GetProperty("position").GetString()!) - server.Seeded))
        : "";
}
