using System.Net.Http.Headers;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Following;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Tests.Allowing;

public sealed class Losing_access_while_following
{
    private static readonly Permission ReadOrders = Permission.Allow(Right.Read, "default", "order");

    [Fact]
    public async Task Ends_it_within_a_second_and_says_why()
    {
        await using var server = await RunningServer.Start();
        var key = await server.Key("reader", ReadOrders);
        using var follow = await Open(server, key, "/api/v1/events?category=order");
        Assert.Contains("event: caught-up", await Until(follow, "caught-up"), StringComparison.Ordinal);
        Assert.Equal(1, server.Get<Follows>().Open);

        var changed = TimeProvider.System.GetTimestamp();
        await server.Do(new RevokeRole("reader", "of-reader"));
        var rest = await follow.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.InRange(TimeProvider.System.GetElapsedTime(changed), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Contains("event: access-lost", rest, StringComparison.Ordinal);
        Assert.Contains("\"permission\":\"read default order\"", rest, StringComparison.Ordinal);
        Assert.Equal(0, server.Get<Follows>().Open);
    }

    [Fact]
    public async Task Ends_when_the_key_expires_in_the_middle_of_it()
    {
        await using var server = await RunningServer.Start(manualClock: true);
        var key = await server.Key("reader", ReadOrders);
        using var follow = await Open(server, key, "/api/v1/events?category=order");
        await Until(follow, "caught-up");

        await server.Post("/api/v1/clock/advance", $$"""{"seconds":{{301 * 24 * 60 * 60}}}""");

        Assert.Contains("The key has expired.", await Until(follow, "access-lost"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_out_what_events_say_from_then_on()
    {
        await using var server = await RunningServer.Start();
        var key = await server.Key("reader", ReadOrders, Permission.Allow(Right.ReadPayload, "default", "order"));
        using var follow = await Open(server, key, "/api/v1/streams/order-1/events");
        await Until(follow, "caught-up");
        await Append(server);
        Assert.Contains("\"data\":7", await Until(follow, "order-1"), StringComparison.Ordinal);

        await server.Do(new DefineRole("of-reader", [ReadOrders]));
        await Append(server);

        Assert.Contains("\"withheld\":true", await Until(follow, "order-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_not_begun_by_more_than_a_caller_may_have_open()
    {
        await using var server = await RunningServer.Start(static security => security with { Limits = security.Limits with { FollowsMax = 1 } });
        var key = await server.Key("reader", ReadOrders);
        using var follow = await Open(server, key, "/api/v1/events?category=order");
        await Until(follow, "caught-up");

        var second = await server.Call(key, "GET", "/api/v1/events?category=order", null, null, ("Accept", "text/event-stream"));
        Assert.Equal((429, "too-many-requests"), (second.Status, second.Code));
        using var others = await Open(server, await server.Key("other", ReadOrders), "/api/v1/events?category=order");
        await Until(others, "caught-up");
    }

    [Fact]
    public async Task Lets_go_of_who_takes_nothing_as_soon()
    {
        await using var server = await RunningServer.Start();
        var large = new string('a', 900_000);
        for (var e = 0; e < 40; e++) // more than sockets and pipes hold
            await server.Post("/api/v1/events", $$"""{"writes":[{"stream":"order-1","events":[{"type":"A","data":"{{large}}"}]}]}""");
        var key = await server.Key("reader", ReadOrders, Permission.Allow(Right.ReadPayload, "default", "order"));
        using var follow = await Open(server, key, "/api/v1/events?category=order");
        await follow.ReadLineAsync(TestContext.Current.CancellationToken);

        await server.Do(new RevokeRole("reader", "of-reader"));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Get<Follows>().Open > 0 && !patience.IsCancellationRequested)
            await server.Get("/health/live");
        Assert.Equal(0, server.Get<Follows>().Open);
    }

    private static async Task<StreamReader> Open(RunningServer server, string key, string path)
    {
        var client = server.ClientWith(key);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return new StreamReader(await client.GetStreamAsync(path, TestContext.Current.CancellationToken));
    }

    /// <summary>The event in which a text stands, which is waited for.</summary>
    private static async Task<string> Until(StreamReader follow, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (read, all) = ("", "");
        while (await follow.ReadLineAsync(patience.Token) is { } line)
        {
            read += line + "\n";
            all += line + "\n";
            if (line.Length > 0)
                continue;
            if (read.Contains(text, StringComparison.Ordinal))
                return read;
            read = "";
        }

        throw new InvalidOperationException($"It ended before {text}: {all}");
    }

    private static async Task Append(RunningServer server)
    {
        var body = """{"writes":[{"stream":"order-1","events":[{"type":"A","data":7}]}]}""";
        Assert.Equal(201, (await server.Post("/api/v1/events", body)).Status);
    }
}
