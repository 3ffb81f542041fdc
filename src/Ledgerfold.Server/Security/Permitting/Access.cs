using System.Collections.Immutable;
using Ledgerfold.Http.Permitting;

namespace Ledgerfold.Server.Security.Permitting;

/// <summary>
/// What one principal may do. Nothing is allowed that no permission gives; what any permission takes stays taken, whoever asks. Immutable,
/// any thread.
/// </summary>
internal sealed class Access
{
    private readonly ILookup<Right, Permission> _allows;
    private readonly ILookup<Right, Permission> _denies;
    private readonly string? _shut;
    private readonly Access? _scope;

    private Access(IReadOnlyCollection<Permission> permissions, string? shut = null, Access? scope = null)
    {
        _allows = permissions.Where(static one => one.Effect == Effect.Allow).ToLookup(static one => one.Right);
        _denies = permissions.Where(static one => one.Effect == Effect.Deny).ToLookup(static one => one.Right);
        (_shut, _scope) = (shut, scope);
        Permissions = [.. permissions];
    }

    /// <summary>What it was made of.</summary>
    public ImmutableArray<Permission> Permissions { get; }

    /// <summary>What these permissions come to.</summary>
    public static Access Of(params IReadOnlyCollection<Permission> permissions) => new(permissions);

    /// <summary>Nothing at all, and why.</summary>
    public static Access Nothing(string reason) => new([], reason);

    /// <summary>What both this and a scope allow: a scope takes away and never adds.</summary>
    public Access Within(IReadOnlyCollection<Permission> scope) =>
        new(Permissions, _shut, _scope is null ? Of(scope) : _scope.Within(scope));

    /// <summary>Whether a right is held on a stream, on a category, or with <c>*</c> on all of them.</summary>
    /// <param name="right">The right.</param>
    /// <param name="tenant">The tenant; <c>*</c> asks for all that are not the platform's.</param>
    /// <param name="subject">A stream or a category; <c>*</c> asks for all that are not the platform's.</param>
    public Ruling Decide(Right right, string tenant, string subject)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(subject);
        var category = StreamNames.CategoryOf(subject).ToString();
        if (right == Right.ReadPayload && Decide(Right.Read, tenant, category) is Ruling.Denied unseen)
            return unseen;
        return Refuse(right, tenant, category) is { } reason ? new Ruling.Denied(right, tenant, category, reason) : Ruling.Yes;
    }

    /// <summary>
    /// Whether all that a query could ever find in a tenant may be read: each item names a stream or category that may, or all of them may.
    /// </summary>
    public Ruling DecideQuery(string tenant, EventQuery query, Right right = Right.Read)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Items.IsDefaultOrEmpty)
            return Decide(right, tenant, Permission.All);
        foreach (var item in query.Items)
        {
            if (Decide(right, tenant, item.Stream ?? item.Category ?? Permission.All) is Ruling.Denied denied)
                return denied;
        }

        return Ruling.Yes;
    }

    private string? Refuse(Right right, string tenant, string category)
    {
        if (_shut is not null)
            return _shut;
        if (Permission.IsOutOfReach(right, category))
            return "Only the platform does this.";
        if (_denies[right].FirstOrDefault(deny => deny.Touches(tenant, category)) is { } taken)
            return $"'{taken}' takes it.";
        if (!_allows[right].Any(allow => allow.Covers(tenant, category)))
            return $"'{Permission.Allow(right, tenant, category)}' is not given.";
        return _scope?.Refuse(right, tenant, category) is { } narrower ? $"The scope of the key: {narrower}" : null;
    }
}
