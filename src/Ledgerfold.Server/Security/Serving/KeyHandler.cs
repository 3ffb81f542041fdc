using System.Text.Encodings.Web;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Proving;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>
/// Lets programs in that send <c>Authorization: Bearer lf_…</c>. Whether a key is unknown, wrong, revoked or expired is not said, and
/// takes the same work; what was sent is never logged.
/// </summary>
internal sealed class KeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    PolicyWatch watch,
    SecurityOptions security)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var sent = Request.Headers.Authorization;
        if (sent.Count == 0)
            return Task.FromResult(AuthenticateResult.NoResult());
        var text = sent.Count == 1 && sent[0] is { } one && one.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? one[Bearer.Length..].Trim()
            : null;
        return Task.FromResult(KeyText.Parse(text)?.Find(watch.Current, security.Clock.GetUtcNow()) is { } key
            ? AuthenticateResult.Success(new AuthenticationTicket(key.AsPrincipal(Schemes.Key), Schemes.Key))
            : AuthenticateResult.Fail("No such key."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
