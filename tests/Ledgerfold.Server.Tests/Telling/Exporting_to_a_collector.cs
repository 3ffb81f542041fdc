using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Server.Tests.Telling;

[Collection<Alone>]
public sealed class Exporting_to_a_collector
{
    [Fact]
    public async Task Sends_spans_and_metrics_until_the_end()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.MapPost("/otlp/{**path}", async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, TestContext.Current.CancellationToken);
            received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        var data = Directory.CreateTempSubdirectory("ledgerfold-server-");
        try
        {
            var options = new ServerOptions(data.FullName, "http://127.0.0.1:0", false, new Uri(collector.Urls.Single() + "/otlp/"));
            await using var app = LedgerfoldServer.Build(options, []);
            await app.StartAsync(TestContext.Current.CancellationToken);
            await OwnersKey.SeeTo(app.Services);
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OwnersKey.Text);
            var content = new StringContent("""{"writes":[{"stream":"note-1","events":[{"type":"Noted","data":{}}]}]}""", Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync("/api/v1/events", content, TestContext.Current.CancellationToken);
            Assert.Equal(StatusCodes.Status201Created, (int)answer.StatusCode);
            await app.StopAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            data.Delete(recursive: true);
        }

        var spans = string.Concat(received.Where(static one => one.Path == "/otlp/v1/traces").Select(static one => one.Body));
        var metrics = string.Concat(received.Where(static one => one.Path == "/otlp/v1/metrics").Select(static one => one.Body));
        Assert.All(["append note", "POST /api/v1/events", "service.name", "ledgerfold.tenant"], part => Assert.Contains(part, spans, StringComparison.Ordinal));
        Assert.All(["ledgerfold.append.duration", "ledgerfold.sync.duration"], part => Assert.Contains(part, metrics, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ftp://collector")]
    [InlineData("collector:4318")]
    [InlineData("http://collector/?key=1")]
    public void Is_not_told_what_is_no_address(string url)
    {
        Assert.Null(ServerOptions.Parse(["--otlp", url], out var problem));
        Assert.Equal($"--otlp: {url} cannot be used.", problem);
    }
}
