using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Server.Security;
using Ledgerfold.Server.Security.Proving;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Ledgerfold.Server.Tests;

/// <summary>
/// A server on a free port, in a directory of its own. It has an owner, and <see cref="Client"/> comes with a key of theirs; what the
/// ledger holds before anybody calls is up to <see cref="Seeded"/>.
/// </summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly bool _isOwner;

    private RunningServer(WebApplication app, DirectoryInfo directory, bool isOwner, long seeded)
    {
        (App, _directory, _isOwner, Seeded) = (app, directory, isOwner, seeded);
        Client = ClientWith(OwnersKey.Text);
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public string Directory => _directory.FullName;

    /// <summary>The position of the last event that stood there before anybody called.</summary>
    public long Seeded { get; }

    public static Task<RunningServer> Start(string? directory = null, bool manualClock = false, params IReadOnlyList<ISystem> systems) =>
        Start(Quick, directory, manualClock, systems);

    /// <summary>One that guards itself in another way.</summary>
    public static async Task<RunningServer> Start(
        Func<SecurityOptions, SecurityOptions> guard, string? directory = null, bool manualClock = false, params IReadOnlyList<ISystem> systems)
    {
        var place = directory is null ? System.IO.Directory.CreateTempSubdirectory("ledgerfold-server-") : new DirectoryInfo(directory);
        var app = LedgerfoldServer.Build(new ServerOptions(place.FullName, "http://127.0.0.1:0", manualClock), systems, guard);
        await app.StartAsync(TestContext.Current.CancellationToken);
        await OwnersKey.SeeTo(app.Services);
        var head = (await app.Services.GetRequiredService<ILedger>().ReadRange(TestContext.Current.CancellationToken)).Head;
        return new RunningServer(app, place, isOwner: directory is null, head);
    }

    /// <summary>A position that a test counts from what was seeded.</summary>
    public string At(long position) => $"{Seeded + position}";

    /// <summary>How many events stand behind what was seeded.</summary>
    public async Task<long> Appended() => (await Get<ILedger>().ReadRange(TestContext.Current.CancellationToken)).Head - Seeded;

    /// <summary>A caller with a key, or with none.</summary>
    public HttpClient ClientWith(string? key)
    {
        var client = new HttpClient { BaseAddress = new Uri(App.Urls.Single()) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
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

    public Task<Answer> Send(HttpRequestMessage request) => Send(Client, request);

    public static async Task<Answer> Send(HttpClient client, HttpRequestMessage request)
    {
        using var sent = request;
        using var response = await client.SendAsync(sent, TestContext.Current.CancellationToken);
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

    /// <summary>Few rounds, because most tests are not about passwords.</summary>
    private static SecurityOptions Quick(SecurityOptions options) => options with { Passwords = new PasswordRules { Rounds = 1 } };
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
