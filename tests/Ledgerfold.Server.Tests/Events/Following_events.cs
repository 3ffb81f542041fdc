using System.Net.Http.Headers;
using Ledgerfold.Server.Following;

namespace Ledgerfold.Server.Tests.Events;

public sealed class Following_events
{
    [Fact]
    public async Task Shows_what_there_is_then_says_so_and_goes_on()
    {
        await using var server = await RunningServer.Start();
        await Append(server, "order-1");
        using var follow = await Follow.Begin(server, "/api/v1/events?category=order");

        Assert.Equal($"{server.At(1)} order-1", await follow.Next());
        Assert.Equal($"{server.At(1)} caught-up", await follow.Next());
        await Append(server, "stock-1");
        await Append(server, "order-2");
        Assert.Equal($"{server.At(3)} order-2", await follow.Next());
    }

    [Fact]
    public async Task Goes_on_where_it_was()
    {
        await using var server = await RunningServer.Start();
        for (var order = 1; order <= 3; order++)
            await Append(server, $"order-{order}");

        using var follow = await Follow.Begin(server, "/api/v1/events", lastEventId: server.At(2));

        Assert.Equal($"{server.At(3)} order-3", await follow.Next());
    }

    [Fact]
    public async Task Of_one_stream_alone()
    {
        await using var server = await RunningServer.Start();
        await Append(server, "order-1");
        await Append(server, "order-2");

        using var follow = await Follow.Begin(server, "/api/v1/streams/order-2/events");

        Assert.Equal($"{server.At(2)} order-2", await follow.Next());
    }

    [Fact]
    public async Task Says_now_and_then_that_it_is_still_there()
    {
        await using var server = await RunningServer.Start(manualClock: true);
        using var follow = await Follow.Begin(server, "/api/v1/events");
        Assert.Equal($"{server.At(0)} caught-up", await follow.Next());

        await server.Post("/api/v1/clock/advance", """{"seconds":15}""");

        Assert.Equal(": still here", await follow.NextComment());
    }

    [Fact]
    public async Task Ends_with_the_server_and_is_counted_until_then()
    {
        await using var server = await RunningServer.Start();
        var follows = server.Get<Follows>();
        using var follow = await Follow.Begin(server, "/api/v1/events");
        Assert.Equal($"{server.At(0)} caught-up", await follow.Next());
        Assert.Equal(1, follows.Open);

        await server.App.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, follows.Open);
    }

    [Fact]
    public async Task Lets_go_of_who_takes_nothing()
    {
        await using var server = await RunningServer.Start(manualClock: true);
        var large = new string('a', 900_000);
        for (var e = 0; e < 40; e++) // more than sockets and pipes hold
            await server.Post("/api/v1/events", $$"""{"writes":[{"stream":"order-1","events":[{"type":"A","data":"{{large}}"}]}]}""");
        var follows = server.Get<Follows>();
        using var follow = await Follow.Begin(server, "/api/v1/events");
        Assert.Equal(1, follows.Open);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (follows.Open > 0 && !patience.IsCancellationRequested)
            await server.Post("/api/v1/clock/advance", """{"seconds":31}""");

        Assert.Equal(0, follows.Open);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
                await follow.Next();
        });
    }

    [Theory]
    [InlineData("/api/v1/events?from=1", "from")]
    [InlineData("/api/v1/events?after=x", "after")]
    public async Task Is_refused_where_it_cannot_be(string path, string pointer)
    {
        await using var server = await RunningServer.Start();
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));

        Assert.Equal([pointer], (await server.Send(request)).Pointers);
    }

    private static async Task Append(RunningServer server, string stream)
    {
        var answer = await server.Post("/api/v1/events", $$"""{"writes":[{"stream":"{{stream}}","events":[{"type":"A","data":1}]}]}""");
        Assert.Equal(201, answer.Status);
    }

    /// <summary>A caller who follows.</summary>
    private sealed class Follow(HttpResponseMessage response, StreamReader lines) : IDisposable
    {
        public static async Task<Follow> Begin(RunningServer server, string path, string? lastEventId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            if (lastEventId is not null)
                request.Headers.Add("Last-Event-ID", lastEventId);
            var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new Follow(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        }

        /// <summary>The next event: its id, and its stream or what kind of control event it is.</summary>
        public async Task<string> Next()
        {
            var (id, kind, stream) = ("", "", "");
            while (await Line() is var line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                    id = line[4..];
                else if (line.StartsWith("event: ", StringComparison.Ordinal))
                    kind = line[7..];
                else if (line.StartsWith("data: ", StringComparison.Ordinal) && kind.Length == 0)
                    stream = System.Text.Json.JsonDocument.Parse(line[6..]).RootElement.GetProperty("stream").GetString()!;
                else if (line.Length == 0 && id.Length > 0)
                    break;
            }

            return $"{id} {kind}{stream}";
        }

        public async Task<string> NextComment()
        {
            while (true)
            {
                var line = await Line();
                if (line.StartsWith(':'))
                    return line;
            }
        }

        public void Dispose()
        {
            lines.Dispose();
            response.Dispose();
        }

        private async Task<string> Line()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await lines.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("it ended");
        }
    }
}
