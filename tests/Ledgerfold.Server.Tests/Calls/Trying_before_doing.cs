using System.Text.Json.Nodes;

namespace Ledgerfold.Server.Tests.Calls;

public sealed class Trying_before_doing
{
    private const string Reason = """{"reason":"a row looked wrong"}""";

    [Fact]
    public async Task Says_what_would_be_done_and_does_nothing()
    {
        await using var server = await RunningServer.Start(systems: [new Till()]);

        var tried = await server.Post("/api/v1/projections/till-totals/rebuilds?dryRun=true", Reason);

        Assert.Equal(200, tried.Status);
        var said = JsonNode.Parse(tried.Text)!;
        Assert.Equal(("rebuild-projection", "projection:till-totals", true), ((string?)said["would"], (string?)said["on"], (bool)said["dryRun"]!));
        Assert.Equal("till-totals", (string?)said["now"]![0]!["name"]);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Leaves_the_key_for_doing_it()
    {
        await using var server = await RunningServer.Start(systems: [new Till()]);

        var tried = await server.Post("/api/v1/projections/till-totals/rebuilds?dryRun=true", Reason, "k1");
        var done = await server.Post("/api/v1/projections/till-totals/rebuilds", Reason, "k1");

        Assert.Equal((200, 202, false), (tried.Status, done.Status, done.IsReplayed));
    }

    [Theory]
    [InlineData("/api/v1/projections/nothing/rebuilds?dryRun=true", Reason, 404)]
    [InlineData("/api/v1/projections/till-totals/rebuilds?dryRun=true", "{}", 400)]
    [InlineData("/api/v1/projections/till-totals/rebuilds?dryRun=perhaps", Reason, 400)]
    [InlineData("/api/v1/shop/payments?dryRun=true", """{"till":"1","amount":1}""", 400)]
    [InlineData("/api/v1/users?dryRun=true", """{"user":"ben"}""", 400)]
    public async Task Is_checked_like_the_call_itself(string path, string body, int status)
    {
        await using var server = await RunningServer.Start(systems: [new Till()]);

        Assert.Equal(status, (await server.Post(path, body, "k1")).Status);
        Assert.Equal(0, await server.Appended());
    }
}
