using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>Lets the first owner in, and gives them a key where they ask for one: one call, and a server can be worked with.</summary>
internal static class FirstOwnerEndpoints
{
    private const int DaysMax = 366;
    private const int LabelLengthMax = 64;

    // The token stands behind the # of the link, where only a script of this page can read it.
    private const string Page =
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="referrer" content="no-referrer">
        <title>The first owner – Ledgerfold</title>
        <h1>Become the owner</h1>
        <form>
          <p><label>Name <input name="user" autocomplete="username" required></label>
          <p><label>Password, 12 to 256 characters
            <input name="password" type="password" autocomplete="new-password" minlength="12" required></label>
          <p><button>Become the owner</button>
        </form>
        <p role="status"></p>
        <noscript><p>Without scripts: <code>curl -X POST …/api/v1/first-owner -H 'Content-Type: application/json'
          -d '{"token":"what stands behind the #","user":"…","password":"…"}'</code></noscript>
        <script>
          document.querySelector('form').addEventListener('submit', async event => {
            event.preventDefault();
            const { user, password } = Object.fromEntries(new FormData(event.target));
            const answer = await fetch('/api/v1/first-owner', {
              method: 'POST',
              headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify({ token: location.hash.slice(1), user, password }),
            });
            const said = await answer.json();
            document.querySelector('[role=status]').textContent = answer.ok ? `${user} is the owner now.` : said.detail ?? said.title;
          });
        </script>
        </html>
        """;

    public static void Map(IEndpointRouteBuilder app, IEndpointRouteBuilder api)
    {
        app.MapGet(FirstStart.Path, static () => Results.Text(Page, "text/html")).WithTags("access").AllowAnonymous();
        api.MapPost("/first-owner", Become).WithTags("access").AllowAnonymous();
    }

    private static async Task<IResult> Become(
        HttpContext context, FirstOwnerBody body, FirstStart first, PolicyWatch watch, KeyOffice keys, SecurityOptions security)
    {
        if (body.Key is { Label: var label } && (label is null || label.Length > LabelLengthMax || !Limits.IsName(label)))
            return Refusal.Of("/key/label", $"1 to {LabelLengthMax} characters, none of control");
        if (body.Key is { ExpiresInDays: not (null or (>= 1 and <= DaysMax)) })
            return Refusal.Of("/key/expiresInDays", $"1 to {DaysMax}");
        var origin = context.From();
        if ((await first.Redeem(body.Token, body.User, body.Password, origin, context.RequestAborted)).Refusal() is { } refusal)
            return refusal;
        var key = body.Key is null ? null : await IssueFirst(body.User, body.Key, origin, watch, keys, security);
        if (key?.Answer.Refusal() is { } none)
            return none;
        context.Response.Headers.CacheControl = "no-store";
        var shown = key is null ? null : KeyEndpoints.Shown(key.Value.New!, key.Value.ExpiresAt);
        return Results.Json(new FirstOwnerJson(body.User, shown), statusCode: StatusCodes.Status201Created);
    }

    /// <summary>
    /// They proved just now who they are, so it is as after a sign-in. Not given up halfway, or the link were used in vain.
    /// </summary>
    private static async Task<(PolicyAnswer Answer, string? New, DateTimeOffset ExpiresAt)?> IssueFirst(
        string user, FirstKeyBody wanted, Origin origin, PolicyWatch watch, KeyOffice keys, SecurityOptions security)
    {
        var now = security.Clock.GetUtcNow();
        var owner = origin with { Caller = new Caller.Person(user, watch.Current.Users[user].Stamp, now + security.SessionMax) };
        var expiresAt = now.AddDays(wanted.ExpiresInDays ?? KeyEndpoints.DaysUnlessSaid);
        var made = await keys.Issue(user, wanted.Label!, BuiltInRoles.Owner.Permissions, expiresAt, owner, CancellationToken.None);
        return (made.Answer, made.Key, expiresAt);
    }
}
