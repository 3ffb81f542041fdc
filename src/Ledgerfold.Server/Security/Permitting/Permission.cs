using Ledgerfold.Http.Permitting;

namespace Ledgerfold.Server.Security.Permitting;

/// <summary>Whether a permission gives a right or takes it.</summary>
internal enum Effect
{
    /// <summary>It gives.</summary>
    Allow,

    /// <summary>It takes, whatever else gives.</summary>
    Deny,
}

/// <summary>
/// A right on one category in one tenant, given or taken. A segment is exact, byte for byte: <c>order</c> is not <c>orders</c>.
/// <c>*</c> stands for all; given, it leaves out the platform's own <c>$…</c> tenants and categories, which must be named; taken, it
/// does not.
/// </summary>
/// <param name="Effect">Given or taken.</param>
/// <param name="Right">Which right.</param>
/// <param name="Tenant">In which tenant, or <c>*</c>.</param>
/// <param name="Category">On the streams of which category, or <c>*</c>.</param>
internal sealed record Permission(Effect Effect, Right Right, string Tenant, string Category)
{
    /// <summary>Stands for all tenants, or all categories.</summary>
    public const string All = "*";

    /// <summary>Gives a right.</summary>
    public static Permission Allow(Right right, string tenant = All, string category = All) => new(Effect.Allow, right, tenant, category);

    /// <summary>Takes a right.</summary>
    public static Permission Deny(Right right, string tenant = All, string category = All) => new(Effect.Deny, right, tenant, category);

    /// <summary>Whether a text can be the tenant of a permission.</summary>
    public static bool IsTenant(string? text) => text == All || (Limits.IsName(text) && !text!.Contains(All, StringComparison.Ordinal));

    /// <summary>Whether a text can be the category of a permission.</summary>
    public static bool IsCategory(string? text) => text == All || Limits.IsCategory(text);

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Fault => this switch
    {
        _ when !Enum.IsDefined(Effect) || !Enum.IsDefined(Right) => "an effect and a right that there are",
        _ when !IsTenant(Tenant) => "a tenant, or * for all of them",
        _ when !IsCategory(Category) => "a category, or * for all of them",
        { Effect: Effect.Allow } when IsOutOfReach(Right, Category) => "nobody is given this: the platform alone does it",
        _ => null,
    };

    /// <summary>What nobody is ever given: to write the platform's history, or to read what secrets are checked against.</summary>
    public static bool IsOutOfReach(Right right, string category) =>
        category == Platform.Credential || (right == Right.Append && Platform.Owns(category));

    /// <summary>Whether all of what is asked for lies in it; what is asked for may be <c>*</c>.</summary>
    public bool Covers(string tenant, string category) => IsIn(tenant, Tenant) && IsIn(category, Category);

    /// <summary>Whether anything of what is asked for lies in it; what is asked for may be <c>*</c>.</summary>
    public bool Touches(string tenant, string category) => Meets(tenant, Tenant) && Meets(category, Category);

    /// <summary>As much of it as lies within a tenant and a category; null for nothing.</summary>
    public Permission? Within(string tenant, string category) =>
        Cut(Tenant, tenant) is { } there && Cut(Category, category) is { } those ? this with { Tenant = there, Category = those } : null;

    /// <inheritdoc />
    public override string ToString() => $"{NameOf(Effect)} {NameOf(Right)} {Tenant} {Category}";

    /// <summary>What somebody lacks, as it is told them.</summary>
    public static string Describe(Ruling.Denied denied)
    {
        ArgumentNullException.ThrowIfNull(denied);
        return $"{NameOf(denied.Right)} {denied.Tenant} {denied.Category}";
    }

    /// <summary>A right as people and programs write it.</summary>
    public static string NameOf(Right right) => right switch
    {
        Right.Append => "append",
        Right.Read => "read",
        Right.ReadPayload => "readPayload",
        Right.Operate => "operate",
        _ => "administer",
    };

    private static string NameOf(Effect effect) => effect == Effect.Allow ? "allow" : "deny";

    private static bool IsIn(string asked, string said) => asked == said || (said == All && !Platform.Owns(asked));

    private static bool Meets(string asked, string said) => asked == said || said == All || (asked == All && !Platform.Owns(said));

    private string? Cut(string said, string within) =>
        within == All || said == within ? said
        : said == All && (Effect == Effect.Deny || !Platform.Owns(within)) ? within
        : null;
}
