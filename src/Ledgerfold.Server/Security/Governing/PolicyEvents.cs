using System.Collections.Immutable;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>Who may do what, as it came to be: the events of <c>$access-policy</c>.</summary>
internal abstract record PolicyEvent
{
    public sealed record UserCreated(string User) : PolicyEvent;

    public sealed record UserDisabled(string User) : PolicyEvent;

    public sealed record UserEnabled(string User) : PolicyEvent;

    public sealed record SessionsEnded(string User) : PolicyEvent;

    public sealed record RoleDefined(string Role, ImmutableArray<Permission> Permissions) : PolicyEvent;

    public sealed record RoleRemoved(string Role) : PolicyEvent;

    public sealed record RoleGranted(string User, string Role, string Tenant, string Category) : PolicyEvent;

    public sealed record RoleRevoked(string User, string Role, string Tenant, string Category) : PolicyEvent;

    public sealed record KeyIssued(
        string Key, string Label, string User, ImmutableArray<Permission> Scope, DateTimeOffset ExpiresAt) : PolicyEvent;

    public sealed record KeyRevoked(string Key) : PolicyEvent;

    public sealed record OwnerLinkIssued(DateTimeOffset ExpiresAt) : PolicyEvent;

    public sealed record OwnerLinkUsed(string User) : PolicyEvent;
}

/// <summary>
/// What secrets are checked against: the events of <c>$credential-store</c>, apart from the others because nobody may read them. They
/// stand in the same appends.
/// </summary>
internal abstract record CredentialEvent
{
    public sealed record PasswordKept(string User, PasswordHash Password) : CredentialEvent;

    public sealed record PasswordHashedAgain(string User, PasswordHash Password) : CredentialEvent;

    public sealed record KeyDigestKept(string Key, string Digest) : CredentialEvent;

    public sealed record OwnerLinkDigestKept(string Digest) : CredentialEvent;
}
