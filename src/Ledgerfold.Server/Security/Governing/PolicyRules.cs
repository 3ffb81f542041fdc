using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>
/// What each command leads to, given who may do what. Pure. Whatever is decided, somebody with a password can still decide who may do what
/// afterwards, where somebody could before.
/// </summary>
internal static class PolicyRules
{
    /// <summary>The longest a key may live.</summary>
    public static readonly TimeSpan KeyLifeMax = TimeSpan.FromDays(366);

    private const int UsersMax = 10_000;
    private const int KeysMax = 10_000;
    private const int RolesMax = 1_000;
    private const int GrantsMax = 64;
    private const int NameLengthMax = 64;
    private const string NameRule = "1 to 64 of a-z, 0-9, '.', '_', '-' and '@', beginning with a letter or digit";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-@");

    /// <summary>Whether a text can name a user or a role.</summary>
    public static bool IsName(string? text) =>
        text is [(>= 'a' and <= 'z') or (>= '0' and <= '9'), ..]
        && text.Length <= NameLengthMax && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>What a command leads to.</summary>
    public static Decision Decide(PolicyCommand command, Policies policies, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(policies);
        var decision = DecideAlone(command, policies, at);
        if (decision is not Decision.Events { Facts: { Length: > 0 } facts } || !policies.HaveAdministrator)
            return decision;
        var after = facts.Aggregate(policies, static (known, said) => known.Apply(said, position: 0));
        return after.HaveAdministrator
            ? decision
            : Decision.Reject("LAST_ADMINISTRATOR", null, "Afterwards nobody could decide who may do what.");
    }

    private static Decision DecideAlone(PolicyCommand command, Policies policies, DateTimeOffset at) => command switch
    {
        CreateUser create => Create(create.User, policies),
        DisableUser disable => OfUser(disable.User, policies, user =>
            user.IsEnabled ? Decision.Of(new PolicyEvent.UserDisabled(user.Name)) : Decision.Nothing),
        EnableUser enable => OfUser(enable.User, policies, user =>
            user.IsEnabled ? Decision.Nothing : Decision.Of(new PolicyEvent.UserEnabled(user.Name))),
        EndSessions end => OfUser(end.User, policies, user => Decision.Of(new PolicyEvent.SessionsEnded(user.Name))),
        SetPassword set => OfUser(set.User, policies, user => Decision.Of(new CredentialEvent.PasswordKept(user.Name, set.Password))),
        HashPasswordAgain again => OfUser(again.User, policies, user =>
            Decision.Of(new CredentialEvent.PasswordHashedAgain(user.Name, again.Password))),
        DefineRole define => Define(define, policies),
        RemoveRole remove => Remove(remove.Role, policies),
        GrantRole grant => GrantTo(grant, policies),
        RevokeRole revoke => OfUser(revoke.User, policies, user =>
            user.Grants.Contains(new Grant(revoke.Role, revoke.Tenant, revoke.Category))
                ? Decision.Of(new PolicyEvent.RoleRevoked(user.Name, revoke.Role, revoke.Tenant, revoke.Category))
                : Decision.Nothing),
        IssueKey issue => Issue(issue, policies, at),
        RevokeKey revoke => policies.Keys.ContainsKey(revoke.Key)
            ? Decision.Of(new PolicyEvent.KeyRevoked(revoke.Key))
            : Decision.Reject("KEY_UNKNOWN", "key"),
        IssueOwnerLink link => policies.AreUnclaimed
            ? Decision.Of(new PolicyEvent.OwnerLinkIssued(link.ExpiresAt), new CredentialEvent.OwnerLinkDigestKept(link.Digest))
            : Decision.Reject("OWNER_EXISTS"),
        BecomeOwner become => Become(become, policies, at),
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, "No rule knows it."),
    };

    private static Decision Create(string name, Policies policies)
    {
        if (!IsName(name))
            return Decision.Reject("USER_NAME", "user", NameRule);
        if (policies.Users.ContainsKey(name))
            return Decision.Reject("USER_EXISTS", "user");
        return policies.Users.Count < UsersMax
            ? Decision.Of(new PolicyEvent.UserCreated(name))
            : Decision.Reject("TOO_MANY_USERS", null, $"At most {UsersMax}.");
    }

    private static Decision Define(DefineRole define, Policies policies)
    {
        if (!IsName(define.Role))
            return Decision.Reject("ROLE_NAME", "role", NameRule);
        if (BuiltInRoles.Has(define.Role))
            return Decision.Reject("ROLE_BUILT_IN", "role");
        if (FaultOf(define.Permissions, "permissions") is { } fault)
            return fault;
        if (policies.Roles.GetValueOrDefault(define.Role) is { } known)
        {
            return known.Permissions.SequenceEqual(define.Permissions)
                ? Decision.Nothing
                : Decision.Of(new PolicyEvent.RoleDefined(define.Role, define.Permissions));
        }

        return policies.Roles.Count < RolesMax
            ? Decision.Of(new PolicyEvent.RoleDefined(define.Role, define.Permissions))
            : Decision.Reject("TOO_MANY_ROLES", null, $"At most {RolesMax}.");
    }

    private static Decision Remove(string role, Policies policies)
    {
        if (BuiltInRoles.Has(role))
            return Decision.Reject("ROLE_BUILT_IN", "role");
        if (!policies.Roles.ContainsKey(role))
            return Decision.Reject("ROLE_UNKNOWN", "role");
        return policies.Users.Values.Any(user => user.Grants.Any(grant => grant.Role == role))
            ? Decision.Reject("ROLE_IN_USE", "role")
            : Decision.Of(new PolicyEvent.RoleRemoved(role));
    }

    private static Decision GrantTo(GrantRole grant, Policies policies) => OfUser(grant.User, policies, user =>
    {
        if (!policies.Roles.ContainsKey(grant.Role))
            return Decision.Reject("ROLE_UNKNOWN", "role");
        if (!Permission.IsTenant(grant.Tenant))
            return Decision.Reject("TENANT", "tenant");
        if (!Permission.IsCategory(grant.Category))
            return Decision.Reject("CATEGORY", "category");
        if (user.Grants.Contains(new Grant(grant.Role, grant.Tenant, grant.Category)))
            return Decision.Nothing;
        return user.Grants.Length < GrantsMax
            ? Decision.Of(new PolicyEvent.RoleGranted(user.Name, grant.Role, grant.Tenant, grant.Category))
            : Decision.Reject("TOO_MANY_GRANTS", null, $"At most {GrantsMax} of a user.");
    });

    private static Decision Issue(IssueKey issue, Policies policies, DateTimeOffset at) => OfUser(issue.User, policies, user =>
    {
        if (issue.Label.Length > NameLengthMax || !Limits.IsName(issue.Label))
            return Decision.Reject("KEY_LABEL", "label", $"1 to {NameLengthMax} characters, none of control");
        if (FaultOf(issue.Scope, "scope") is { } fault)
            return fault;
        if (issue.ExpiresAt <= at || issue.ExpiresAt > at + KeyLifeMax)
            return Decision.Reject("KEY_LIFE", "expiresAt", $"later than now, and at most {KeyLifeMax.TotalDays} days");
        if (policies.Keys.ContainsKey(issue.Key))
            return Decision.Reject("KEY_EXISTS", "key");
        return policies.Keys.Count < KeysMax
            ? Decision.Of(
                new PolicyEvent.KeyIssued(issue.Key, issue.Label, user.Name, issue.Scope, issue.ExpiresAt),
                new CredentialEvent.KeyDigestKept(issue.Key, issue.Digest))
            : Decision.Reject("TOO_MANY_KEYS", null, $"At most {KeysMax}; revoke some.");
    });

    private static Decision Become(BecomeOwner become, Policies policies, DateTimeOffset at)
    {
        if (policies.OwnerLink is not { } link || link.ExpiresAt <= at || !Same(link.Digest, become.Digest))
            return Decision.Reject("OWNER_LINK", null, "The link was used, has expired, or never was one.");
        if (!policies.AreUnclaimed)
            return Decision.Reject("OWNER_EXISTS");
        return !IsName(become.User)
            ? Decision.Reject("USER_NAME", "user", NameRule)
            : Decision.Of(
                new PolicyEvent.OwnerLinkUsed(become.User),
                new PolicyEvent.UserCreated(become.User),
                new PolicyEvent.RoleGranted(become.User, BuiltInRoles.Owner.Name, Permission.All, Permission.All),
                new CredentialEvent.PasswordKept(become.User, become.Password));
    }

    private static bool Same(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static Decision OfUser(string name, Policies policies, Func<User, Decision> decide) =>
        policies.Users.TryGetValue(name, out var user) ? decide(user) : Decision.Reject("USER_UNKNOWN", "user");

    private static Decision.Rejection? FaultOf(ImmutableArray<Permission> permissions, string field)
    {
        if (permissions.IsDefaultOrEmpty || permissions.Length > Role.PermissionsMax)
            return Decision.Reject("PERMISSIONS", field, $"1 to {Role.PermissionsMax} permissions");
        for (var p = 0; p < permissions.Length; p++)
        {
            if (permissions[p] is not { Fault: null })
                return Decision.Reject("PERMISSION", $"{field}/{p}", permissions[p]?.Fault ?? "a permission");
        }

        return null;
    }
}
