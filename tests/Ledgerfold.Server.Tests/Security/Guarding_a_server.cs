using System.Net;
using System.Net.Http.Headers;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;
using Ledgerfold.Testing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Server.Tests.Security;

/// <summary>A small server with the guards, over real HTTP.</summary>
public sealed class Guarding_a_server : IAsyncLifetime
{
    private readonly string _path = Path.Combine(AppContext.BaseDirectory, "data", Path.GetRandomFileName());
    private readonly ManualClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly Heard _log = new();
    private WebApplication _app = null!;
    private SecurityOptions _options = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _options = SecurityWorld.Quick(_clock, _path) with { Limits = new RequestLimits { Known = new Rate(1, 25), Anonymous = new Rate(1, 25) } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(_log);
        builder.Services.AddSingleton<ILedger>(new InMemoryLedger(_clock));
        builder.Services.AddSecurity(_options);
        builder.Services.AddAuthorization();
        builder.Services.AddProblems([]);
        _app = builder.Build();
        _app.UseAuthentication().Use(next => http => Throttle.Guard(http, next)).Use(next => http => Forgery.Guard(http, next)).UseAuthorization();
        _app.MapGet("/who", (HttpContext http) => Caller.Of(http.User).Name);
        _app.MapPost("/act", (HttpContext http) => Caller.Of(http.User).Name).RequireAuthorization();
        _app.MapPost("/in", async (HttpContext http, SignIn signIn, string user, string password) =>
        {
            var answer = await signIn.Enter(user, password, SecurityWorld.From(Sources.Of(http.Connection.RemoteIpAddress)), http.RequestAborted);
            if (answer is not SignInAnswer.Entered { Person: var person })
                return Results.StatusCode(401);
            await Sessions.Begin(http, person);
            return Results.NoContent();
        });
        _app.MapPost("/read", static async (HttpContext http) =>
        {
            try
            {
                await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            }
            catch (BadHttpRequestException refused)
            {
                http.Response.StatusCode = refused.StatusCode;
            }
        });
        _app.MapGet("/token", (HttpContext http, IAntiforgery forgery) => forgery.GetAndStoreTokens(http).RequestToken);
        await _app.StartAsync(Cancel);
        await Claim();
    }

    [Fact]
    public async Task Lets_a_key_in()
    {
        var key = await Key();
        using var client = Client();

        Assert.Equal("anonymous", await client.GetStringAsync("/who", Cancel));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.StartsWith("key:", await client.GetStringAsync("/who", Cancel), StringComparison.Ordinal);
        using var acted = await client.PostAsync("/act", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, acted.StatusCode);
    }

    [Fact]
    public async Task Turns_every_other_key_away_alike_and_logs_none()
    {
        var key = await Key();
        var expiring = await Key(TimeSpan.FromMinutes(1));
        _clock.Advance(TimeSpan.FromMinutes(2));
        using var client = Client();
        var answers = new List<string>();
        foreach (var header in (string[])
            [$"Bearer {key[..^2]}zz", $"Bearer {key[..^2]}{(key.EndsWith("00", StringComparison.Ordinal) ? "11" : "00")}", $"Bearer {expiring}",
                $"Bearer lf_0000000000000000_{key[20..]}", $"Basic {key}", key, "Bearer", "Bearer " + new string('a', 20_000)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/act");
            request.Headers.TryAddWithoutValidation("Authorization", header);
            using var answer = await client.SendAsync(request, Cancel);
            answers.Add($"{(int)answer.StatusCode} {answer.Headers.WwwAuthenticate} {await answer.Content.ReadAsStringAsync(Cancel)}");
        }

        Assert.Equal(["401 Bearer "], answers.Distinct());
        Assert.DoesNotContain(key[20..], _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(expiring[20..], _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keeps_a_person_signed_in_with_a_cookie_that_scripts_and_other_sites_cannot_use()
    {
        using var client = Client();
        using var entered = await client.PostAsync($"/in?user=olga&password={Uri.EscapeDataString(SecurityWorld.Password)}", null, Cancel);

        var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secure", cookie, StringComparison.OrdinalIgnoreCase); // plain HTTP on loopback
        Assert.Equal("user:olga", await client.GetStringAsync("/who", Cancel));
    }

    [Fact]
    public async Task Ends_the_session_when_something_happens_to_its_user()
    {
        using var client = await SignedIn();
        await _app.Services.GetRequiredService<PolicyDesk>().Carry(new EndSessions("olga"), await Olga(), Cancel);

        Assert.Equal("anonymous", await client.GetStringAsync("/who", Cancel));
    }

    [Fact]
    public async Task Ends_a_session_of_which_nothing_is_heard_and_any_after_its_time()
    {
        using var idle = await SignedIn();
        _clock.Advance(_options.SessionIdleMax + TimeSpan.FromSeconds(1));
        Assert.Equal("anonymous", await idle.GetStringAsync("/who", Cancel));

        using var busy = await SignedIn();
        var steps = (int)(_options.SessionMax / TimeSpan.FromMinutes(20));
        for (var step = 1; step < steps; step++)
        {
            _clock.Advance(TimeSpan.FromMinutes(20));
            Assert.Equal("user:olga", await busy.GetStringAsync("/who", Cancel));
        }

        _clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal("anonymous", await busy.GetStringAsync("/who", Cancel));
    }

    [Fact]
    public async Task Wants_a_token_of_its_own_page_from_whoever_comes_by_cookie()
    {
        using var client = await SignedIn();
        using var forged = await client.PostAsync("/act", null, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);

        client.DefaultRequestHeaders.Add(Forgery.Header, await client.GetStringAsync("/token", Cancel));
        using var honest = await client.PostAsync("/act", null, Cancel);
        Assert.Equal("user:olga", await honest.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Answers_whoever_is_not_known_and_does_not_send_them_elsewhere()
    {
        using var client = Client();
        using var answer = await client.PostAsync("/act", null, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task Turns_down_whoever_asks_too_often()
    {
        using var loud = Client();
        loud.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Key());
        using var other = Client();
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Key());
        for (var asked = 0; asked < 25; asked++)
            await loud.GetStringAsync("/who", Cancel);

        using var turned = await loud.GetAsync("/who", Cancel);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (turned.StatusCode, turned.Headers.RetryAfter?.ToString()));
        await other.GetStringAsync("/who", Cancel);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await loud.GetStringAsync("/who", Cancel);
    }

    [Fact]
    public async Task Turns_down_headers_and_bodies_that_are_too_large()
    {
        using var client = Client();
        using var headers = new HttpRequestMessage(HttpMethod.Get, "/who");
        headers.Headers.Add("X-Large", new string('x', _options.Limits.HeaderBytesMax));
        using var tooLarge = await client.SendAsync(headers, Cancel);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, tooLarge.StatusCode);

        client.DefaultRequestHeaders.ExpectContinue = true; // so that it is turned down before it is sent
        using var body = new ByteArrayContent(new byte[_options.Limits.BodyBytesMax + 1]);
        using var alsoTooLarge = await client.PostAsync("/read", body, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, alsoTooLarge.StatusCode);
    }

    [Fact]
    public void Keeps_the_keys_of_its_cookies_to_itself()
    {
        var rights = OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(Path.Combine(_path, "keys"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, rights);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_path, recursive: true);
    }

    private HttpClient Client() =>
        new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = new Uri(_app.Urls.Single()) };

    private async Task<HttpClient> SignedIn()
    {
        var client = Client();
        using var entered = await client.PostAsync($"/in?user=olga&password={Uri.EscapeDataString(SecurityWorld.Password)}", null, Cancel);
        Assert.Equal(HttpStatusCode.NoContent, entered.StatusCode);
        Assert.Equal("user:olga", await client.GetStringAsync("/who", Cancel));
        return client;
    }

    private async Task Claim()
    {
        var first = _app.Services.GetRequiredService<FirstStart>();
        await using var error = new StringWriter();
        await first.Offer(new Uri(_app.Urls.Single()), error, Cancel);
        await first.Redeem(error.ToString().Split('#')[1].Trim(), "olga", SecurityWorld.Password, SecurityWorld.From("test"), Cancel);
    }

    private async Task<Origin> Olga()
    {
        var signIn = _app.Services.GetRequiredService<SignIn>();
        var answer = await signIn.Enter("olga", SecurityWorld.Password, SecurityWorld.From("test"), Cancel);
        return SecurityWorld.From("test", Assert.IsType<SignInAnswer.Entered>(answer).Person);
    }

    private async Task<string> Key(TimeSpan? life = null)
    {
        var expires = _clock.GetUtcNow() + (life ?? TimeSpan.FromDays(1));
        var key = await _app.Services.GetRequiredService<KeyOffice>()
            .Issue("olga", "a program", [Permission.Allow(Right.Read)], expires, await Olga(), Cancel);
        return key.Key!;
    }

    /// <summary>Everything that was logged, at every level.</summary>
    private sealed class Heard : ILoggerProvider, ILogger
    {
        private readonly Lock _lock = new();
        private readonly System.Text.StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_lock)
                    return _text.ToString();
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lock)
                _text.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
        }

        public void Dispose()
        {
        }
    }
}
