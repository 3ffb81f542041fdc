using System.Net.Http.Headers;

namespace Ledgerfold.Server.Tests.Events;

public sealed class Appending_events
{
    private const string Path = "/api/v1/streams/order-42/events";
    private const string Created = """{"type":"OrderCreated","data":{"total":"12.30"},"tags":["vendor:V2"]}""";

    [Fact]
    public async Task Takes_the_version_from_the_headers_and_answers_the_new_one()
    {
        await using var server = await RunningServer.Start();

        var first = await Append(server, Created, ("If-None-Match", "*"));
        var second = await Append(server, $"[{Created},{Created}]", ("If-Match", "\"1\""));
        var third = await Append(server, Created, ("If-Match", "*"));

        Assert.Equal((201, server.At(1)), (first.Status, first.Field("position")));
        Assert.Equal("3", second.Json.GetProperty("versions").GetProperty("order-42").GetString());
        Assert.Equal((201, server.At(4)), (third.Status, third.Field("position")));
        using var shown = await server.Client.GetAsync(new Uri("/api/v1/streams/order-42", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("\"4\"", shown.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Says_what_the_version_is_and_where_the_newer_events_are()
    {
        await using var server = await RunningServer.Start();
        await Append(server, $"[{Created},{Created}]", ("If-None-Match", "*"));

        var answer = await Append(server, Created, ("If-Match", "\"1\""));

        Assert.Equal((412, "wrong-version", "2"), (answer.Status, answer.Code, answer.Field("actual")));
        Assert.Equal(412, (await Append(server, Created, ("If-None-Match", "*"))).Status);
        Assert.Equal(2, await server.Appended());
    }

    [Theory]
    [InlineData(null, null, 428, "precondition-required")]
    [InlineData("If-Match", "17", 400, "invalid")]
    [InlineData("If-Match", "\"-1\"", 400, "invalid")]
    [InlineData("If-Match", "W/\"1\"", 400, "invalid")]
    [InlineData("If-None-Match", "\"1\"", 400, "invalid")]
    public async Task Must_be_told_what_to_expect(string? header, string? value, int status, string code)
    {
        await using var server = await RunningServer.Start();

        var answer = header is null ? await Append(server, Created) : await Append(server, Created, (header, value!));

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(0, await server.Appended());
    }

    [Theory]
    [InlineData("""{"data":1}""", "/writes/0/events/0/type")]
    [InlineData("""{"type":"","data":1}""", "/writes/0/events/0/type")]
    [InlineData("""{"type":"A","data":1,"tags":["x"]}""", "/writes/0/events/0/tags/0")]
    [InlineData("""{"writes":[{"stream":"order-7","events":[]}]}""", "")]
    [InlineData("""{"type":"A",""", "")]
    [InlineData("7", "")]
    public async Task Names_what_is_wrong_and_changes_nothing(string body, string pointer)
    {
        await using var server = await RunningServer.Start();

        var answer = await Append(server, body, ("If-Match", "*"));

        Assert.Equal((400, "invalid"), (answer.Status, answer.Code));
        Assert.Equal([pointer], answer.Pointers);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Is_the_same_append_under_the_same_ids()
    {
        await using var server = await RunningServer.Start();
        const string body = """{"id":"0198c0de-0000-7000-8000-000000000001","type":"A","data":1}""";

        var first = await Append(server, body, ("If-None-Match", "*"));
        var second = await Append(server, body, ("If-None-Match", "*"));
        var other = await Append(server, body.Replace("1}", "2}", StringComparison.Ordinal), ("If-Match", "*"));

        Assert.Equal(("False", "True"), (first.Field("repeated"), second.Field("repeated")));
        Assert.Equal((409, "id-conflict"), (other.Status, other.Code));
    }

    [Fact]
    public async Task Writes_to_several_streams_together_or_to_none()
    {
        await using var server = await RunningServer.Start();
        const string both = """{"writes":[{"stream":"order-1","expect":"none","events":[{"type":"A","data":1}]},{"stream":"stock-1","expect":"none","events":[{"type":"B","data":2}]}]}""";

        var first = await server.Post("/api/v1/events", both);
        var second = await server.Post("/api/v1/events", both);

        Assert.Equal((201, server.At(2)), (first.Status, first.Field("position")));
        Assert.Equal((412, "wrong-version"), (second.Status, second.Code));
        Assert.Equal(2, await server.Appended());
    }

    [Theory]
    [InlineData("/api/v1/streams/$access-1/events")]
    [InlineData("/api/v1/streams/%24operation-1/events")]
    public async Task Leaves_the_streams_of_the_platform_alone(string path)
    {
        await using var server = await RunningServer.Start();

        var answer = await Send(server, path, Created, ("If-Match", "*"));

        Assert.Equal(400, answer.Status);
        Assert.Equal(0, await server.Appended());
    }

    [Fact]
    public async Task Takes_JSON_and_nothing_else()
    {
        await using var server = await RunningServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent([1, 2, 3]) };
        request.Headers.Add("If-Match", "*");

        Assert.Equal("unsupported-media-type", (await server.Send(request)).Code);
    }

    [Fact]
    public async Task Does_not_take_more_than_it_can_hold()
    {
        await using var server = await RunningServer.Start();

        var large = await Append(server, $$"""{"type":"A","data":"{{new string('a', 2 * 1024 * 1024)}}"}""", ("If-Match", "*"));
        var tooLarge = await Append(server, $$"""{"type":"A","data":"{{new string('a', 13 * 1024 * 1024)}}"}""", ("If-Match", "*"));

        Assert.Equal((400, "invalid"), (large.Status, large.Code));
        Assert.Equal((413, "too-large"), (tooLarge.Status, tooLarge.Code));
        Assert.Equal(0, await server.Appended());
    }

    private static Task<Answer> Append(RunningServer server, string body, params (string Name, string Value)[] headers) => Send(server, Path, body, headers);

    private static Task<Answer> Send(RunningServer server, string path, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        request.Headers.ExpectContinue = true; // what is refused by its length need not be sent
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return server.Send(request);
    }
}
