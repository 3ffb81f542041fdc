using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Endpoints;

/// <summary>A permission.</summary>
/// <param name="Right">Which right.</param>
/// <param name="Effect">Given, where nothing is said, or taken.</param>
/// <param name="Tenant">In which tenant; <c>*</c>, where nothing is said, for all.</param>
/// <param name="Category">On the streams of which category; <c>*</c>, where nothing is said, for all.</param>
internal sealed record PermissionJson([property: JsonRequired] Right Right, Effect? Effect, string? Tenant, string? Category)
{
    public static PermissionJson Of(Permission permission) =>
        new(permission.Right, permission.Effect, permission.Tenant, permission.Category);

    /// <summary>What was sent as it was meant; whether it can be is for the rules to say, and of null too.</summary>
    public static ImmutableArray<Permission> Read(IEnumerable<PermissionJson?>? permissions) =>
        [.. (permissions ?? []).Select(static one => one?.Read()!)];

    private Permission Read() => new(Effect ?? default, Right, Tenant ?? Permission.All, Category ?? Permission.All);
}

/// <summary>Who calls, and what they may do: all that is given and not taken, and of a key only what its scope gives as well.</summary>
/// <param name="Caller">What they are called in records.</param>
/// <param name="User">For whom it is done.</param>
/// <param name="Key">The key that they came in with.</param>
/// <param name="EndsAt">When the access is over.</param>
/// <param name="Permissions">What the user is given, and what is taken.</param>
/// <param name="Scope">What the key lets through of that.</param>
internal sealed record AccessJson(
    string Caller,
    string? User,
    string? Key,
    DateTimeOffset? EndsAt,
    IEnumerable<PermissionJson> Permissions,
    IEnumerable<PermissionJson>? Scope);

/// <summary>A user.</summary>
internal sealed record UserJson(string User, bool Enabled, bool HasPassword)
{
    public static UserJson Of(User user) => new(user.Name, user.IsEnabled, user.Password is not null);
}

/// <summary>A role.</summary>
internal sealed record RoleJson(string Role, bool BuiltIn, IEnumerable<PermissionJson> Permissions)
{
    public static RoleJson Of(Role role) => new(role.Name, BuiltInRoles.Has(role.Name), role.Permissions.Select(PermissionJson.Of));
}

/// <summary>A role that a user has, as much of it as lies within a tenant and a category.</summary>
internal sealed record GrantJson(string User, string Role, string Tenant, string Category);

/// <summary>A key, without what it is checked against.</summary>
internal sealed record KeyJson(string Id, string Label, string User, DateTimeOffset ExpiresAt, IEnumerable<PermissionJson> Scope)
{
    public static KeyJson Of(ApiKey key) => new(key.Id, key.Label, key.User, key.ExpiresAt, key.Scope.Select(PermissionJson.Of));
}

/// <summary>A new key, whole: shown this once.</summary>
internal sealed record NewKeyJson(string Id, string Key, DateTimeOffset ExpiresAt);

/// <summary>What came of it.</summary>
internal sealed record FirstOwnerJson(string User, NewKeyJson? Key);

/// <summary>The token that goes with a cookie, and the header to send it in.</summary>
internal sealed record TokenJson(string Header, string? Token);

/// <summary>Whoever has the token of the link becomes the first owner.</summary>
/// <param name="Token">What stands behind the <c>#</c> of the link.</param>
/// <param name="User">A name of their choice.</param>
/// <param name="Password">A password of their choice.</param>
/// <param name="Key">A key to begin with; none where nothing is said.</param>
internal sealed record FirstOwnerBody(
    [property: JsonRequired] string Token,
    [property: JsonRequired] string User,
    [property: JsonRequired] string Password,
    FirstKeyBody? Key);

/// <summary>A key that may do what its owner may.</summary>
internal sealed record FirstKeyBody(string? Label, int? ExpiresInDays);

/// <summary>A key for a program.</summary>
/// <param name="User">For whom it acts; the caller, where nobody is named.</param>
/// <param name="Label">What it is for.</param>
/// <param name="ExpiresInDays">How long it is good for; 30 days where nothing is said.</param>
/// <param name="Scope">What it may do of what the user may.</param>
internal sealed record KeyBody(string? User, [property: JsonRequired] string Label, int? ExpiresInDays, PermissionJson?[]? Scope);

/// <summary>Who comes in.</summary>
internal sealed record SessionBody([property: JsonRequired] string User, [property: JsonRequired] string Password);

/// <summary>A new user, who cannot sign in before there is a password.</summary>
internal sealed record UserBody([property: JsonRequired] string User);

/// <summary>A new password, and by whoever sets their own the one they have.</summary>
internal sealed record PasswordBody([property: JsonRequired] string Password, string? Current);

/// <summary>Whether somebody may come in.</summary>
internal sealed record EnabledBody([property: JsonRequired] bool Enabled);

/// <summary>What a role gives and takes.</summary>
internal sealed record RoleBody([property: JsonRequired] PermissionJson?[] Permissions);

/// <summary>A role for a user; in all tenants and on all categories, where nothing is said.</summary>
internal sealed record GrantBody(
    [property: JsonRequired] string User, [property: JsonRequired] string Role, string? Tenant, string? Category);
