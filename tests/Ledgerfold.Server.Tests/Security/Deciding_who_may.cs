using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Permitting;
using static Ledgerfold.Http.Permitting.Right;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Deciding_who_may
{
    [Theory]
    // nothing given
    [InlineData("", "read acme order-1", false)]
    // exact segments
    [InlineData("+read acme order", "read acme order-1", true)]
    [InlineData("+read acme order", "read acme order", true)]
    [InlineData("+read acme order", "read acme orders-1", false)]
    [InlineData("+read acme orders", "read acme order-1", false)]
    [InlineData("+read acme order", "read acme Order-1", false)]
    [InlineData("+read acme order", "read acme orderLine-1", false)]
    [InlineData("+read acme order", "read acmes order-1", false)]
    [InlineData("+read acme order", "read acm order-1", false)]
    [InlineData("+read acme order", "append acme order-1", false)]
    // one right is not another
    [InlineData("+administer acme order", "read acme order-1", false)]
    [InlineData("+operate * *", "read acme order-1", false)]
    [InlineData("+read acme order", "readPayload acme order-1", false)]
    [InlineData("+readPayload acme order", "readPayload acme order-1", false)]
    [InlineData("+read acme order;+readPayload acme order", "readPayload acme order-1", true)]
    [InlineData("+read acme *;+readPayload acme *;-read acme order", "readPayload acme order-1", false)]
    // all is explicit
    [InlineData("+read * *", "read acme order-1", true)]
    [InlineData("+read * order", "read acme order-1", true)]
    [InlineData("+read acme *", "read acme order-1", true)]
    [InlineData("+read acme *", "read beta order-1", false)]
    [InlineData("+read acme order", "read acme *", false)]
    [InlineData("+read acme *", "read acme *", true)]
    [InlineData("+read acme *", "read * *", false)]
    [InlineData("+read * *", "read * *", true)]
    [InlineData("+read * order", "read * order", true)]
    // what is denied stays denied
    [InlineData("+read acme order;-read acme order", "read acme order-1", false)]
    [InlineData("-read acme order;+read acme order", "read acme order-1", false)]
    [InlineData("+read acme order;-read * *", "read acme order-1", false)]
    [InlineData("+read acme order;-read acme *", "read acme order-1", false)]
    [InlineData("+read acme order;-read * order", "read acme order-1", false)]
    [InlineData("+read * *;-read acme secret", "read acme order-1", true)]
    [InlineData("+read * *;-read acme secret", "read acme secret-1", false)]
    [InlineData("+read * *;-read acme secret", "read acme *", false)]
    [InlineData("+read * *;-read acme secret", "read beta *", true)]
    [InlineData("+read * *;-read acme secret", "read * *", false)]
    [InlineData("+read acme order;-append acme order", "read acme order-1", true)]
    // the platform's own is named, or not meant
    [InlineData("+read * *", "read acme $operation-1", false)]
    [InlineData("+read * *", "read $platform order-1", false)]
    [InlineData("+read * *", "read $platform $audit-acts", false)]
    [InlineData("+read * $operation", "read acme $operation-1", true)]
    [InlineData("+read $platform $audit", "read $platform $audit-acts", true)]
    [InlineData("+read $platform $audit", "read $platform $access-policy", false)]
    [InlineData("+read $platform $audit;-read * *", "read $platform $audit-acts", false)]
    [InlineData("+read * *;-read * $audit", "read * *", true)]
    // and of that some is nobody's
    [InlineData("+append $platform $audit", "append $platform $audit-acts", false)]
    [InlineData("+append * $operation", "append acme $operation-1", false)]
    [InlineData("+read $platform $credential", "read $platform $credential-store", false)]
    public void Follows_what_was_given_and_taken(string permissions, string asked, bool isAllowed)
    {
        var parts = asked.Split(' ');
        var ruling = Access.Of(Parse(permissions)).Decide(RightOf(parts[0]), parts[1], parts[2]);

        Assert.Equal(isAllowed, ruling is Ruling.Allowed);
    }

    [Theory]
    [InlineData("owner", "append read readPayload operate administer", "")]
    [InlineData("operator", "read operate", "append readPayload administer")]
    [InlineData("auditor", "read", "append readPayload operate administer")]
    [InlineData("writer", "append read readPayload", "operate administer")]
    [InlineData("reader", "read readPayload", "append operate administer")]
    public void Gives_each_role_its_rights_and_no_other(string role, string may, string mayNot)
    {
        var access = Access.Of(BuiltInRoles.All.Single(one => one.Name == role).Permissions);

        Assert.All(Words(may), right => Assert.IsType<Ruling.Allowed>(access.Decide(RightOf(right), "acme", "order-1")));
        Assert.All(Words(mayNot), right => Assert.IsType<Ruling.Denied>(access.Decide(RightOf(right), "acme", "order-1")));
    }

    [Fact]
    public void Lets_the_audit_be_read_by_owner_and_auditor_alone() =>
        Assert.Equal(["owner", "auditor"], BuiltInRoles.All
            .Where(static role => Access.Of(role.Permissions).Decide(ReadPayload, Platform.Tenant, "$audit-acts") is Ruling.Allowed)
            .Select(static role => role.Name));

    [Fact]
    public void Lets_the_owner_alone_administer() =>
        Assert.Equal(["owner"], BuiltInRoles.All
            .Where(static role => Access.Of(role.Permissions).Decide(Administer, Platform.Tenant, Platform.Access) is Ruling.Allowed)
            .Select(static role => role.Name));

    [Fact]
    public void Gives_no_role_what_is_checked_against_secrets() =>
        Assert.All(BuiltInRoles.All, static role => Assert.All(Enum.GetValues<Right>(), right =>
            Assert.IsType<Ruling.Denied>(Access.Of(role.Permissions).Decide(right, Platform.Tenant, "$credential-store"))));

    [Fact]
    public void Denies_even_the_owner_what_is_taken()
    {
        var access = Access.Of([.. BuiltInRoles.Owner.Permissions, Permission.Deny(Read, "acme", "salary")]);

        Assert.IsType<Ruling.Denied>(access.Decide(Read, "acme", "salary-1"));
        Assert.IsType<Ruling.Denied>(access.Decide(ReadPayload, "acme", "salary-1"));
        Assert.IsType<Ruling.Allowed>(access.Decide(Read, "beta", "salary-1"));
    }

    [Fact]
    public void Names_what_is_missing()
    {
        var denied = Assert.IsType<Ruling.Denied>(Access.Of(Permission.Allow(Read)).Decide(Append, "acme", "order-1"));

        Assert.Equal((Append, "acme", "order"), (denied.Right, denied.Tenant, denied.Category));
        Assert.Equal("'allow append acme order' is not given.", denied.Reason);
    }

    [Fact]
    public void Takes_by_a_scope_and_never_adds()
    {
        var writer = Access.Of(BuiltInRoles.Writer.Permissions);
        var scoped = writer.Within([Permission.Allow(Read, "acme"), Permission.Allow(Administer), Permission.Deny(Read, "acme", "salary")]);

        Assert.IsType<Ruling.Allowed>(scoped.Decide(Read, "acme", "order-1"));
        Assert.IsType<Ruling.Denied>(scoped.Decide(Read, "acme", "salary-1"));
        Assert.IsType<Ruling.Denied>(scoped.Decide(Read, "beta", "order-1"));
        Assert.IsType<Ruling.Denied>(scoped.Decide(Append, "acme", "order-1"));
        Assert.IsType<Ruling.Denied>(scoped.Decide(Administer, "acme", "order-1"));
    }

    [Theory]
    [InlineData("+read * *", "acme", "*", "+read acme *")]
    [InlineData("+read * *", "acme", "order", "+read acme order")]
    [InlineData("+read * order", "acme", "*", "+read acme order")]
    [InlineData("+read beta *", "acme", "*", "")]
    [InlineData("+read * order", "acme", "orders", "")]
    [InlineData("+read * *", "$platform", "*", "")]
    [InlineData("+read * *", "*", "$audit", "")]
    [InlineData("-read * *", "*", "$audit", "-read * $audit")]
    [InlineData("+read $platform $audit", "*", "*", "+read $platform $audit")]
    public void Grants_as_much_of_a_role_as_lies_within(string permission, string tenant, string category, string expected) =>
        Assert.Equal(Parse(expected).SingleOrDefault(), Parse(permission).Single().Within(tenant, category));

    internal static Permission[] Parse(string permissions) =>
    [
        .. permissions.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static text =>
        {
            var parts = text[1..].Split(' ');
            return new Permission(text[0] == '+' ? Effect.Allow : Effect.Deny, RightOf(parts[0]), parts[1], parts[2]);
        }),
    ];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Right RightOf(string name) => Enum.Parse<Right>(name, ignoreCase: true);
}
