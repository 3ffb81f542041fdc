using System.Collections.Immutable;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>
/// Users and what they may: who is there, which roles there are, who has which. Changes are authorised by the desk that makes them, on the
/// very state that it decides on. They need no idempotency key: each names what is to be, and is done once however often it is sent.
/// </summary>
internal static class UserEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/access", Access).WithTags("access").DecidesItself();
        var users = api.MapGroup("/users").WithTags("access").DecidesItself();
        users.MapGet("/", Users);
        users.MapPost("/", Create);
        users.MapPut("/{user}/password", SetPassword);
        users.MapPut("/{user}/enabled", SetEnabled);
        users.MapDelete("/{user}/sessions", EndSessions);
        var roles = api.MapGroup("/roles").WithTags("access").DecidesItself();
        roles.MapGet("/", Roles);
        roles.MapPut("/{role}", Define);
        roles.MapDelete("/{role}", Remove);
        var grants = api.MapGroup("/grants").WithTags("access").DecidesItself();
        grants.MapGet("/", Grants);
        grants.MapPost("/", Grant);
        grants.MapDelete("/", Revoke);
    }

    /// <summary>Whether the caller may see who may do what.</summary>
    public static Ruling MaySeePolicies(HttpContext context) =>
        context.Access().Decide(Right.Read, Platform.Tenant, Platform.Access);

    private static AccessJson Access(HttpContext context, PolicyWatch watch)
    {
        var caller = Caller.Of(context.User);
        var access = context.Access();
        var key = (caller as Caller.Key)?.Id;
        var scope = key is null ? null : watch.Current.Keys.GetValueOrDefault(key)?.Scope;
        return new AccessJson(
            caller.Name,
            Caller.UserOf(caller),
            key,
            watch.Current.EndOf(caller),
            access.Permissions.Select(PermissionJson.Of),
            scope?.Select(PermissionJson.Of));
    }

    private static IResult Users(HttpContext context, PolicyWatch watch) => MaySeePolicies(context) is Ruling.Denied denied
        ? new Denial(denied)
        : Results.Ok(new { items = ByName(watch.Current.Users).Select(UserJson.Of) });

    private static Task<IResult> Create(HttpContext context, UserBody body, PolicyDesk desk) =>
        Carry(context, desk, new CreateUser(body.User), () => Results.Created((string?)null, new UserJson(body.User, true, false)));

    private static async Task<IResult> SetPassword(HttpContext context, string user, PasswordBody body, SignIn signIn) =>
        (await signIn.SetPassword(user, body.Password, body.Current, context.From(), context.RequestAborted)).Refusal() is { } refusal
            ? refusal
            : Results.NoContent();

    private static Task<IResult> SetEnabled(HttpContext context, string user, EnabledBody body, PolicyDesk desk) =>
        Carry(context, desk, body.Enabled ? new EnableUser(user) : new DisableUser(user));

    private static Task<IResult> EndSessions(HttpContext context, string user, PolicyDesk desk) =>
        Carry(context, desk, new EndSessions(user));

    private static IResult Roles(HttpContext context, PolicyWatch watch) => MaySeePolicies(context) is Ruling.Denied denied
        ? new Denial(denied)
        : Results.Ok(new { items = ByName(watch.Current.Roles).Select(RoleJson.Of) });

    private static Task<IResult> Define(HttpContext context, string role, RoleBody body, PolicyDesk desk) =>
        Carry(context, desk, new DefineRole(role, PermissionJson.Read(body.Permissions)));

    private static Task<IResult> Remove(HttpContext context, string role, PolicyDesk desk) => Carry(context, desk, new RemoveRole(role));

    /// <summary>Of those who may not see the policies, their own.</summary>
    private static IResult Grants(HttpContext context, PolicyWatch watch, string? user)
    {
        var mine = Caller.UserOf(Caller.Of(context.User));
        if (MaySeePolicies(context) is Ruling.Denied denied && (user ??= mine) != mine)
            return new Denial(denied);
        var found = ByName(watch.Current.Users).Where(one => user is null || one.Name == user)
            .SelectMany(static one => one.Grants.Select(grant => new GrantJson(one.Name, grant.Role, grant.Tenant, grant.Category)));
        return Results.Ok(new { items = found });
    }

    private static Task<IResult> Grant(HttpContext context, GrantBody body, PolicyDesk desk)
    {
        var grant = new GrantRole(body.User, body.Role, body.Tenant ?? Permission.All, body.Category ?? Permission.All);
        return Carry(context, desk, grant);
    }

    private static Task<IResult> Revoke(
        HttpContext context, string user, string role, string? tenant, string? category, PolicyDesk desk) =>
        Carry(context, desk, new RevokeRole(user, role, tenant ?? Permission.All, category ?? Permission.All));

    private static IEnumerable<T> ByName<T>(ImmutableDictionary<string, T> known) =>
        known.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => one.Value);

    private static async Task<IResult> Carry(HttpContext context, PolicyDesk desk, PolicyCommand command, Func<IResult>? done = null) =>
        (await desk.Carry(command, context.From(), context.RequestAborted)).Refusal() is { } refusal ? refusal
        : done is null ? Results.NoContent()
        : done();
}
