using System.Collections.Immutable;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>
/// What changes who may do what. A command holds no secret: whoever makes it has turned passwords and tokens into what they are checked
/// against.
/// </summary>
/// <param name="What">What it does, as the audit names it.</param>
/// <param name="On">What it does it to.</param>
internal abstract record PolicyCommand(string What, string On);

internal sealed record CreateUser(string User) : PolicyCommand("create-user", $"user:{User}");

internal sealed record DisableUser(string User) : PolicyCommand("disable-user", $"user:{User}");

internal sealed record EnableUser(string User) : PolicyCommand("enable-user", $"user:{User}");

internal sealed record EndSessions(string User) : PolicyCommand("end-sessions", $"user:{User}");

internal sealed record SetPassword(string User, PasswordHash Password) : PolicyCommand("set-password", $"user:{User}");

internal sealed record HashPasswordAgain(string User, PasswordHash Password) : PolicyCommand("hash-password-again", $"user:{User}");

internal sealed record DefineRole(string Role, ImmutableArray<Permission> Permissions) : PolicyCommand("define-role", $"role:{Role}");

internal sealed record RemoveRole(string Role) : PolicyCommand("remove-role", $"role:{Role}");

/// <summary>Gives a user a role, as much of it as lies within a tenant and a category.</summary>
internal sealed record GrantRole(string User, string Role, string Tenant = Permission.All, string Category = Permission.All)
    : PolicyCommand("grant-role", $"user:{User}");

internal sealed record RevokeRole(string User, string Role, string Tenant = Permission.All, string Category = Permission.All)
    : PolicyCommand("revoke-role", $"user:{User}");

/// <summary>Gives a program a key that acts for a user, within a scope.</summary>
internal sealed record IssueKey(
    string Key, string Label, string User, ImmutableArray<Permission> Scope, DateTimeOffset ExpiresAt, string Digest)
    : PolicyCommand("issue-key", $"key:{Key}");

internal sealed record RevokeKey(string Key) : PolicyCommand("revoke-key", $"key:{Key}");

/// <summary>Lets whoever has a token become the first owner.</summary>
internal sealed record IssueOwnerLink(string Digest, DateTimeOffset ExpiresAt) : PolicyCommand("issue-owner-link", "server");

/// <summary>Makes the first owner of whoever has the token.</summary>
internal sealed record BecomeOwner(string Digest, string User, PasswordHash Password) : PolicyCommand("become-owner", $"user:{User}");
