using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Ledgerfold.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests;

/// <summary>A server on a free port, in a directory of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly bool _isOwner;

    private RunningServer(WebApplication app, DirectoryInfo directory, bool isOwner)
    {
        (App, _directory, _isOwner) = (app, directory, isOwner);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public string Directory => _directory.FullName;

    public static async Task<RunningServer> Start(string? directory = null, bool manualClock = false, params IReadOnlyList<ISystem> systems)
    {
        var place = directory is null ? System.IO.Directory.CreateTempSubdirectory("ledgerfold-server-") : new DirectoryInfo(directory);
        var app = LedgerfoldServer.Build(new ServerOptions(place.FullName, "http://127.0.0.1:0", manualClock), systems);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(app, place, isOwner: directory is null);
    }

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public Task<Answer> Get(string path) => Send(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> Post(string path, string json, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return Send(request);
    }

    public async Task<Answer> Send(HttpRequestMessage request)
    {
        using var sent = request;
        using var response = await Client.SendAsync(sent, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            response.Headers.Location?.ToString(),
            response.Headers.TryGetValues("Idempotency-Replayed", out var replayed) && replayed.Single() == "true",
            body);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        if (_isOwner)
            _directory.Delete(recursive: true);
    }
}

/// <summary>What a server answered.</summary>
internal sealed record Answer(int Status, string? ContentType, string? Location, bool IsReplayed, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string? Code => Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string Field(string name) => Json.GetProperty(name).ToString();

    public string[] Pointers => [.. Json.GetProperty("errors").EnumerateArray().Select(static error => error.GetProperty("pointer").GetString()!)];
}
