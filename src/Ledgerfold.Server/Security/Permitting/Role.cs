using System.Collections.Immutable;
using Ledgerfold.Http.Permitting;

namespace Ledgerfold.Server.Security.Permitting;

/// <summary>Permissions under a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Permissions">What it gives and takes.</param>
internal sealed record Role(string Name, ImmutableArray<Permission> Permissions)
{
    /// <summary>The most permissions of a role, or of the scope of a key.</summary>
    public const int PermissionsMax = 200;
}

/// <summary>The roles that are there from the start. They are data like any other role: whoever has one can be denied.</summary>
internal static class BuiltInRoles
{
    private static readonly ImmutableArray<string> OfTheEngine = [Platform.Operation, Platform.Process, Platform.Command];

    /// <summary>Everything that can be given.</summary>
    public static Role Owner { get; } = new("owner",
    [
        .. Enum.GetValues<Right>().Select(static right => Permission.Allow(right)),
        .. Enum.GetValues<Right>().Where(static right => right is not Right.Append).SelectMany(static right => OnEngine(right)),
        .. OnPlatform(Right.Read), .. OnPlatform(Right.ReadPayload), .. OnPlatform(Right.Operate), .. OnPlatform(Right.Administer),
    ]);

    /// <summary>Keeps it running, without seeing what events say.</summary>
    public static Role Operator { get; } = new("operator",
    [
        Permission.Allow(Right.Read), Permission.Allow(Right.Operate), .. OnEngine(Right.Read), .. OnEngine(Right.Operate),
    ]);

    /// <summary>Sees what was done and by whom, and of the businesses that it happened.</summary>
    public static Role Auditor { get; } = new("auditor",
    [
        Permission.Allow(Right.Read), .. OnEngine(Right.Read), .. OnPlatform(Right.Read), .. OnPlatform(Right.ReadPayload),
    ]);

    /// <summary>Reads and appends.</summary>
    public static Role Writer { get; } = new("writer",
    [
        Permission.Allow(Right.Append), Permission.Allow(Right.Read), Permission.Allow(Right.ReadPayload),
    ]);

    /// <summary>Reads.</summary>
    public static Role Reader { get; } = new("reader", [Permission.Allow(Right.Read), Permission.Allow(Right.ReadPayload)]);

    /// <summary>All of them.</summary>
    public static ImmutableArray<Role> All { get; } = [Owner, Operator, Auditor, Writer, Reader];

    /// <summary>Whether a name is one of theirs.</summary>
    public static bool Has(string name) => All.Any(role => role.Name == name);

    private static IEnumerable<Permission> OnEngine(Right right) =>
        OfTheEngine.Select(category => Permission.Allow(right, Permission.All, category));

    private static IEnumerable<Permission> OnPlatform(Right right) =>
        [Permission.Allow(right, Platform.Tenant, Platform.Access), Permission.Allow(right, Platform.Tenant, Platform.Audit)];
}
