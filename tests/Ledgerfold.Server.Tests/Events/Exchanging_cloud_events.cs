using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Ledgerfold.Server.Tests.Events;

public sealed class Exchanging_cloud_events
{
    private const string One = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string Event = """{"specversion":"1.0","id":"7","source":"/shop","type":"OrderCreated","subject":"order-1","data":{"total":"12.30"},"partkey":"p"}""";

    [Fact]
    public async Task Takes_one_in_and_gives_it_back_as_it_was()
    {
        await using var server = await RunningServer.Start();

        var first = await Post(server, "/api/v1/events", One, Event);
        var again = await Post(server, "/api/v1/events", One, Event);

        Assert.Equal((201, 201), (first.Status, again.Status));
        Assert.Equal(first.Field("position"), again.Field("position"));
        var given = await Get(server, $"/api/v1/events/{first.Field("position")}", One);
        Assert.Equal(One, given.ContentType);
        foreach (var attribute in JsonDocument.Parse(Event).RootElement.EnumerateObject())
            Assert.Equal(attribute.Value.GetRawText(), given.Json.GetProperty(attribute.Name).GetRawText());
        Assert.Equal(("1", server.At(1)), (given.Field("streamversion"), given.Field("globalposition")));
        Assert.Equal(201, (await Post(server, "/api/v1/events", One, given.Text)).Status);
        Assert.Equal("1", (await server.Get("/api/v1/streams/order-1")).Field("version"));
    }

    [Fact]
    public async Task Takes_a_batch_in_as_one_append_and_gives_lists_as_batches()
    {
        await using var server = await RunningServer.Start();
        var events = Enumerable.Range(1, 3).Select(static n => Event.Replace("\"7\"", $"\"{n}\"", StringComparison.Ordinal));

        Assert.Equal(201, (await Post(server, "/api/v1/events", Batch, $"[{string.Join(',', events)}]")).Status);

        var (ids, next) = await Page("/api/v1/events?stream=order-1&limit=2");
        Assert.Equal(["1", "2"], ids);
        (ids, next) = await Page(next!);
        Assert.Equal(["3"], ids);
        Assert.Null(next);
        (ids, next) = await Page("/api/v1/streams/order-1/events?backward=true&limit=2");
        Assert.Equal(["3", "2"], ids);
        Assert.Equal(["1"], (await Page(next!)).Ids);

        async Task<(string[] Ids, string? Next)> Page(string path)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", Batch } } };
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(Batch, response.Content.Headers.ContentType?.MediaType);
            using var batch = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            var links = response.Headers.TryGetValues("Link", out var values) ? values.SelectMany(static value => value.Split(", ")) : [];
            var following = links.FirstOrDefault(static link => link.EndsWith("rel=\"next\"", StringComparison.Ordinal));
            return ([.. batch.RootElement.EnumerateArray().Select(static one => one.GetProperty("id").GetString()!)], following?[1..following.IndexOf('>')]);
        }
    }

    [Fact]
    public async Task Takes_and_gives_the_attributes_in_headers()
    {
        await using var server = await RunningServer.Start();
        var request = Binary("/api/v1/streams/note-1/events", "text/plain", "€ 5", ("ce-id", "1"), ("ce-source", "/notes"), ("ce-type", "Noted"),
            ("ce-time", "2026-01-31T12:00:00Z"), ("ce-partkey", "a%20%E2%82%AC"));
        request.Headers.Add("If-None-Match", "*");

        var answer = await server.Send(request);

        Assert.Equal(201, answer.Status);
        using var given = await server.Client.GetAsync($"/api/v1/events/{answer.Field("position")}?mode=binary", TestContext.Current.CancellationToken);
        Assert.Equal("€ 5", Encoding.UTF8.GetString(await given.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("text/plain", given.Content.Headers.ContentType?.ToString());
        var headers = given.Headers.ToDictionary(static one => one.Key.ToLowerInvariant(), static one => one.Value.Single());
        Assert.Equal(
            ("1.0", "1", "/notes", "Noted", "note-1", "2026-01-31T12:00:00.000000Z", "a%20%E2%82%AC", "1"),
            (headers["ce-specversion"], headers["ce-id"], headers["ce-source"], headers["ce-type"], headers["ce-subject"], headers["ce-time"],
                headers["ce-partkey"], headers["ce-streamversion"]));
        Assert.DoesNotContain("ce-datacontenttype", headers.Keys);
        Assert.Equal(["mode"], (await server.Get($"/api/v1/events/{server.At(1)}?mode=other")).Pointers);
    }

    [Fact]
    public async Task Gives_them_to_those_who_follow()
    {
        await using var server = await RunningServer.Start();
        await Post(server, "/api/v1/events", One, Event);
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events") { Headers = { { "Accept", $"text/event-stream, {One}" } } };

        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        string? line;
        do
            line = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        while (line?.StartsWith("data: ", StringComparison.Ordinal) == false);

        Assert.Equal("/shop", JsonDocument.Parse(line!["data: ".Length..]).RootElement.GetProperty("source").GetString());
    }

    [Fact]
    public async Task Refuses_with_a_pointer_to_what_is_wrong_and_appends_nothing()
    {
        await using var server = await RunningServer.Start();
        var bad = Event.Replace("/shop", "no uri", StringComparison.Ordinal);

        Assert.Equal(["/source"], (await Post(server, "/api/v1/events", One, bad)).Pointers);
        Assert.Equal(["/1/source"], (await Post(server, "/api/v1/events", Batch, $"[{Event},{bad}]")).Pointers);
        Assert.Equal(["/subject"], (await Post(server, "/api/v1/streams/order-2/events", One, Event, "*")).Pointers);
        Assert.Equal(["ce-source"], (await server.Send(Binary("/api/v1/events", "text/plain", "x", ("ce-id", "1"), ("ce-type", "A"), ("ce-subject", "a-1")))).Pointers);
        Assert.Equal(["ce-partkey"], (await server.Send(Binary("/api/v1/events", "text/plain", "x", ("ce-partkey", "%zz")))).Pointers);
        Assert.Equal(415, (await Post(server, "/api/v1/events", "application/cloudevents+avro", Event)).Status);
        Assert.Equal(428, (await Post(server, "/api/v1/streams/order-1/events", One, Event)).Status);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Takes_no_more_than_other_appends_do()
    {
        await using var server = await RunningServer.Start();
        var large = Event.Replace("12.30", new string('1', Limits.EventBytesMax), StringComparison.Ordinal);

        var answer = await Post(server, "/api/v1/events", One, large);

        Assert.Equal((400, ""), (answer.Status, answer.Pointers.Single()));
    }

    private static Task<Answer> Get(RunningServer server, string path, string accept) =>
        server.Send(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", accept } } });

    private static Task<Answer> Post(RunningServer server, string path, string mediaType, string json, string? match = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(mediaType)) };
        if (match is not null)
            request.Headers.Add("If-Match", match);
        return server.Send(request);
    }

    private static HttpRequestMessage Binary(string path, string mediaType, string data, params (string Name, string Value)[] attributes)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(data)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        request.Headers.Add("ce-specversion", "1.0");
        foreach (var (name, value) in attributes)
            request.Headers.Add(name, value);
        return request;
    }
}
