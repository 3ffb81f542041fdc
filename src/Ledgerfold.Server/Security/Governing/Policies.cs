using System.Collections.Immutable;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Proving;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>A role that a user has, as much of it as lies within a tenant and a category.</summary>
internal sealed record Grant(string Role, string Tenant, string Category);

/// <summary>Somebody for whom things are done: a person with a password, or what programs with keys act for.</summary>
internal sealed record User(string Name)
{
    /// <summary>Whether they may come in.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Their roles.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>What their password is checked against; null while they have none.</summary>
    public PasswordHash? Password { get; init; }

    /// <summary>Where in the ledger something happened last that ends their sessions.</summary>
    public long Stamp { get; init; }
}

/// <summary>A key that programs come in with.</summary>
internal sealed record ApiKey(string Id, string Label, string User, ImmutableArray<Permission> Scope, DateTimeOffset ExpiresAt)
{
    /// <summary>What its secret is checked against.</summary>
    public string Digest { get; init; } = "";
}

/// <summary>A link with which the first owner comes in.</summary>
internal sealed record OwnerLink(DateTimeOffset ExpiresAt, string Digest);

/// <summary>
/// Who may do what: the fold of <c>$access-policy</c> and <c>$credential-store</c>. Immutable, any thread.
/// </summary>
internal sealed record Policies
{
    /// <summary>Before the first event.</summary>
    public static Policies Empty { get; } = new();

    /// <summary>Users by name.</summary>
    public ImmutableDictionary<string, User> Users { get; init; } = ImmutableDictionary<string, User>.Empty;

    /// <summary>Roles by name, the built-in ones among them.</summary>
    public ImmutableDictionary<string, Role> Roles { get; init; } = BuiltInRoles.All.ToImmutableDictionary(static role => role.Name);

    /// <summary>Keys by id that were not revoked.</summary>
    public ImmutableDictionary<string, ApiKey> Keys { get; init; } = ImmutableDictionary<string, ApiKey>.Empty;

    /// <summary>The link that is out; null where none is.</summary>
    public OwnerLink? OwnerLink { get; init; }

    /// <summary>The version of <c>$access-policy</c>.</summary>
    public long PolicyVersion { get; init; }

    /// <summary>The version of <c>$credential-store</c>.</summary>
    public long CredentialVersion { get; init; }

    /// <summary>Whether nobody can come in yet.</summary>
    public bool AreUnclaimed => Users.IsEmpty && Keys.IsEmpty;

    /// <summary>Whether somebody with a password may decide who may do what.</summary>
    public bool HaveAdministrator => Users.Values.Any(user => user.Password is not null && user.IsEnabled && MayAdminister(AccessOf(user)));

    /// <summary>Whether that is somebody who may decide who may do what.</summary>
    public static bool MayAdminister(Access access) =>
        access.Decide(Right.Administer, Platform.Tenant, Platform.Access) is Ruling.Allowed;

    /// <summary>Whether somebody who signed in is still signed in at a time.</summary>
    public bool IsIn(Caller.Person person, DateTimeOffset at) =>
        at < person.Until && Users.GetValueOrDefault(person.User) is { IsEnabled: true } user && user.Stamp == person.Stamp;

    /// <summary>When the access of a caller ends by itself; null where it does not.</summary>
    public DateTimeOffset? EndOf(Caller caller) => caller switch
    {
        Caller.Person person => person.Until,
        Caller.Key key => Keys.GetValueOrDefault(key.Id)?.ExpiresAt,
        _ => null,
    };

    /// <summary>What a caller may do at a time.</summary>
    public Access AccessOf(Caller caller, DateTimeOffset at) => caller switch
    {
        Caller.Person person => IsIn(person, at) ? AccessOf(Users[person.User]) : Access.Nothing("The session is over."),
        Caller.Key key when Keys.GetValueOrDefault(key.Id) is { } known && known.User == key.User => known.ExpiresAt <= at
            ? Access.Nothing("The key has expired.")
            : Users.GetValueOrDefault(known.User) is { IsEnabled: true } user
                ? AccessOf(user).Within(known.Scope)
                : Access.Nothing("The user of the key is disabled."),
        Caller.Key => Access.Nothing("There is no such key."),
        _ => Access.Nothing("Nobody signed in."),
    };

    /// <summary>The policies after one more event.</summary>
    /// <param name="said">The event.</param>
    /// <param name="position">Where it stands in the ledger.</param>
    public Policies Apply(object said, long position) => said switch
    {
        PolicyEvent.UserCreated one => this with { Users = Users.SetItem(one.User, new User(one.User) { Stamp = position }) },
        PolicyEvent.UserDisabled one => With(one.User, user => user with { IsEnabled = false, Stamp = position }),
        PolicyEvent.UserEnabled one => With(one.User, user => user with { IsEnabled = true, Stamp = position }),
        PolicyEvent.SessionsEnded one => With(one.User, user => user with { Stamp = position }),
        PolicyEvent.RoleDefined one => this with { Roles = Roles.SetItem(one.Role, new Role(one.Role, one.Permissions)) },
        PolicyEvent.RoleRemoved one => this with { Roles = Roles.Remove(one.Role) },
        PolicyEvent.RoleGranted one => With(one.User, user =>
            user with { Grants = user.Grants.Add(new Grant(one.Role, one.Tenant, one.Category)) }),
        PolicyEvent.RoleRevoked one => With(one.User, user =>
            user with { Grants = user.Grants.Remove(new Grant(one.Role, one.Tenant, one.Category)) }),
        PolicyEvent.KeyIssued one => this with
        {
            Keys = Keys.SetItem(one.Key, new ApiKey(one.Key, one.Label, one.User, one.Scope, one.ExpiresAt)),
        },
        PolicyEvent.KeyRevoked one => this with { Keys = Keys.Remove(one.Key) },
        PolicyEvent.OwnerLinkIssued one => this with { OwnerLink = new OwnerLink(one.ExpiresAt, "") },
        PolicyEvent.OwnerLinkUsed => this with { OwnerLink = null },
        CredentialEvent.PasswordKept one => With(one.User, user => user with { Password = one.Password, Stamp = position }),
        CredentialEvent.PasswordHashedAgain one => With(one.User, user => user with { Password = one.Password }),
        CredentialEvent.KeyDigestKept one when Keys.GetValueOrDefault(one.Key) is { } key =>
            this with { Keys = Keys.SetItem(one.Key, key with { Digest = one.Digest }) },
        CredentialEvent.OwnerLinkDigestKept one when OwnerLink is not null =>
            this with { OwnerLink = OwnerLink with { Digest = one.Digest } },
        _ => this,
    };

    private Access AccessOf(User user) => Access.Of(
    [
        .. user.Grants.SelectMany(grant => Roles.TryGetValue(grant.Role, out var role)
            ? role.Permissions.Select(one => one.Within(grant.Tenant, grant.Category)).OfType<Permission>()
            : []),
    ]);

    private Policies With(string name, Func<User, User> change) =>
        Users.TryGetValue(name, out var user) ? this with { Users = Users.SetItem(name, change(user)) } : this;
}
