using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>
/// Keys of programs. A new one is shown in the answer that makes it and never again, so that call takes no idempotency key: a kept answer
/// would keep the secret. Where the answer got lost, revoke the key and make another.
/// </summary>
internal static class KeyEndpoints
{
    /// <summary>How many days a key is good for, unless its maker says more or less.</summary>
    public const int DaysUnlessSaid = 30;

    private const int DaysMax = 366;

    public static void Map(IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("access").DecidesItself();
        keys.MapGet("/", List);
        keys.MapPost("/", Create);
        keys.MapDelete("/{id}", Revoke);
    }

    /// <summary>A new key as it is shown.</summary>
    public static NewKeyJson Shown(string key, DateTimeOffset expiresAt) => new(KeyText.Parse(key)!.Value.Id, key, expiresAt);

    /// <summary>Of those who may not see the policies, their own.</summary>
    private static IResult List(HttpContext context, PolicyWatch watch)
    {
        var mine = Caller.UserOf(Caller.Of(context.User));
        var all = UserEndpoints.MaySeePolicies(context) is Ruling.Allowed;
        var found = watch.Current.Keys.Values.Where(key => all || key.User == mine).OrderBy(static key => key.Id, StringComparer.Ordinal);
        return Results.Ok(new { items = found.Select(KeyJson.Of) });
    }

    private static async Task<IResult> Create(HttpContext context, KeyBody body, KeyOffice keys, SecurityOptions security)
    {
        if (body.ExpiresInDays is not (null or (>= 1 and <= DaysMax)))
            return Refusal.Of("/expiresInDays", $"1 to {DaysMax}");
        var user = body.User ?? Caller.UserOf(Caller.Of(context.User)) ?? "";
        var expiresAt = security.Clock.GetUtcNow().AddDays(body.ExpiresInDays ?? DaysUnlessSaid);
        var made = await keys.Issue(
            user, body.Label, PermissionJson.Read(body.Scope), expiresAt, context.From(), context.RequestAborted);
        if (made.Answer.Refusal() is { } refusal)
            return refusal;
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(Shown(made.Key!, expiresAt), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> Revoke(HttpContext context, string id, PolicyDesk desk) =>
        (await desk.Carry(new RevokeKey(id), context.From(), context.RequestAborted)).Refusal() is { } refusal
            ? refusal
            : Results.NoContent();
}
