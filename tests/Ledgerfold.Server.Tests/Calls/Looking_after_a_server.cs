using Ledgerfold.Model.Folding;

namespace Ledgerfold.Server.Tests.Calls;

public sealed class Looking_after_a_server
{
    private const string Payments = "/api/v1/shop/payments";

    [Fact]
    public async Task Says_that_it_lives_that_it_is_ready_and_what_it_is()
    {
        await using var server = await RunningServer.Start(systems: new Till());

        Assert.Equal("alive", (await server.Get("/health/live")).Field("status"));
        var ready = await server.Get("/health/ready");
        Assert.Equal((200, "healthy"), (ready.Status, ready.Field("status")));
        Assert.Equal(["ledgerfold-folds", "ledgerfold-ledger", "ledgerfold-operations", "ledgerfold-processes"],
            ready.Json.GetProperty("checks").EnumerateArray().Select(static check => check.GetProperty("name").GetString()!).Order());
        Assert.Equal("0.1.0", (await server.Get("/version")).Field("version"));
    }

    [Fact]
    public async Task Shows_how_far_a_projection_is()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Payments, """{"till":"a","amount":10}""", "k1");
        await server.Get<FoldEngine>().WaitUntil(server.Get<FoldEngine>().Projections.Single(), 1, cancel: TestContext.Current.CancellationToken);

        var answer = await server.Get("/api/v1/projections/till-totals");

        var version = answer.Json.GetProperty("versions").EnumerateArray().Single();
        Assert.Equal("true", version.GetProperty("active").GetRawText());
        Assert.True(long.Parse(version.GetProperty("position").GetString()!) >= 1);
        Assert.Equal("healthy", version.GetProperty("health").GetString());
    }

    [Fact]
    public async Task Shows_the_rows_of_a_projection_as_new_as_is_asked_for()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Payments, """{"till":"b","amount":3}""", "k1");
        var token = (await server.Post(Payments, """{"till":"a","amount":10}""", "k2")).Field("token");

        var first = await server.Get($"/api/v1/projections/till-totals/rows?limit=1&atLeast={token}");
        var second = await server.Get($"/api/v1/projections/till-totals/rows?limit=1&after={Uri.EscapeDataString(first.Field("next"))}");
        var row = await server.Get("/api/v1/projections/till-totals/rows/till-a");

        Assert.Equal(["till-a 10"], RowsIn(first));
        Assert.Equal(["till-b 3"], RowsIn(second));
        Assert.Equal(10, row.Json.GetProperty("state").GetProperty("sum").GetInt64());
        Assert.Equal(404, (await server.Get("/api/v1/projections/till-totals/rows/till-c")).Status);
        Assert.Equal(400, (await server.Get("/api/v1/projections/till-totals/rows?after=x")).Status);
        Assert.Equal("stale", (await server.Get("/api/v1/projections/till-totals/rows?atLeast=1000000")).Code);

        static IEnumerable<string> RowsIn(Answer answer) => answer.Json.GetProperty("items").EnumerateArray()
            .Select(static row => $"{row.GetProperty("key").GetString()} {row.GetProperty("state").GetProperty("sum")}");
    }

    [Fact]
    public async Task Rebuilds_a_projection_and_shows_how_it_went()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Payments, """{"till":"a","amount":10}""", "k1");

        var begun = await server.Post("/api/v1/projections/till-totals/rebuilds", """{"reason":"to be sure"}""", "k2");
        Assert.Equal((202, $"/api/v1/operations/{begun.Field("id")}"), (begun.Status, begun.Location));
        await server.Get<Ledgerfold.Model.Operating.OperationEngine>().Wait(Guid.Parse(begun.Field("id")), cancel: TestContext.Current.CancellationToken);
        var operation = await server.Get(begun.Location!);

        Assert.Equal("completed", operation.Field("state"));
        Assert.Equal("to be sure", operation.Field("reason"));
        Assert.Equal("rebuild", operation.Field("kind"));
        Assert.Equal(begun.Field("id"), (await server.Get("/api/v1/operations")).Json.GetProperty("items")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{}""", "/reason")]
    [InlineData("""{"reason":" "}""", "/reason")]
    [InlineData("""{"reason":"because","version":7}""", "/version")]
    public async Task Does_nothing_without_a_reason_or_to_a_version_that_is_not_there(string body, string pointer)
    {
        await using var server = await RunningServer.Start(systems: new Till());

        var answer = await server.Post("/api/v1/projections/till-totals/rebuilds", body, "k1");

        Assert.Equal((400, "invalid"), (answer.Status, answer.Code));
        Assert.Equal([pointer], answer.Pointers);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Counts_what_was_done_as_Prometheus_reads_it()
    {
        await using var server = await RunningServer.Start(systems: new Till());
        await server.Post(Payments, """{"till":"a","amount":10}""", "k1");

        var lines = (await server.Get("/metrics")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains(lines, static line => line.StartsWith("# TYPE ledgerfold_command", StringComparison.Ordinal) && line.EndsWith(" histogram", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.Contains("answer=\"accepted\"", StringComparison.Ordinal) && line.Contains("le=\"+Inf\"", StringComparison.Ordinal));
        Assert.All(lines.Where(static line => line[0] != '#'), static line => Assert.Matches("""^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+-]+$""", line.ToLowerInvariant()));
    }

    [Fact]
    public async Task Puts_the_clock_forward_where_it_was_started_so()
    {
        await using var server = await RunningServer.Start(manualClock: true, systems: new Till());
        var before = server.Get<TimeProvider>().GetUtcNow();

        var answer = await server.Post("/api/v1/clock/advance", """{"seconds":3600}""");

        Assert.Equal(200, answer.Status);
        Assert.InRange(answer.Json.GetProperty("now").GetDateTimeOffset() - before, TimeSpan.FromHours(1), TimeSpan.FromHours(1.1));
        Assert.Equal(["/seconds"], (await server.Post("/api/v1/clock/advance", """{"seconds":-1}""")).Pointers);
    }
}
