using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Testing;

namespace Ledgerfold.Server.Tests.Security;

/// <summary>
/// Against an evaluator that knows no <c>*</c> in a question: it looks at every stream of every tenant of a small world, in which some names
/// stand in no permission, so that what holds for them holds for all that nobody thought of.
/// </summary>
public sealed class Deciding_at_random
{
    private static readonly string[] Named = ["acme", "acmes", "$platform"];
    private static readonly string[] Categories = ["order", "orders", "vendorOrder", "$audit", "$credential"];
    private static readonly string[] AllTenants = [.. Named, "nobodySaidIt"];
    private static readonly string[] AllCategories = [.. Categories, "nobodySaidIt"];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Agrees_with_looking_at_everything(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var round = 0; round < 400; round++)
        {
            var permissions = Permissions(random, random.Below(6));
            var scope = random.OneIn(3) ? Permissions(random, 1 + random.Below(4)) : null;
            var access = scope is null ? Access.Of(permissions) : Access.Of(permissions).Within(scope);
            bool May(Right right, string tenant, string category) =>
                Naive(permissions, right, tenant, category) && (scope is null || Naive(scope, right, tenant, category));

            foreach (var right in Enum.GetValues<Right>())
            {
                foreach (var tenant in (string[])[.. AllTenants, "*"])
                {
                    foreach (var category in (string[])[.. AllCategories, "*"])
                    {
                        var expected = Meant(tenant, AllTenants).All(t => Meant(category, AllCategories).All(c => May(right, t, c)));
                        var actual = access.Decide(right, tenant, category) is Ruling.Allowed;
                        Assert.True(expected == actual, $"seed {seed}: {right} {tenant} {category} of {string.Join("; ", permissions)} "
                            + $"within {string.Join("; ", scope ?? [])}: {actual}");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Lets_a_query_be_read_when_all_it_could_find_may(ulong seed)
    {
        var random = new SeededRandom(seed);
        var allowed = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var permissions = Permissions(random, 1 + random.Below(6));
            var query = new EventQuery { Items = [.. Enumerable.Range(0, random.Below(4)).Select(_ => Item(random))] };
            var tenant = random.Pick(AllTenants);
            var found = AllCategories.Where(category => query.Matches(EventIn(tenant, category)));
            var expected = found.All(category => Naive(permissions, Right.Read, tenant, category));
            var actual = Access.Of(permissions).DecideQuery(tenant, query) is Ruling.Allowed;

            Assert.True(expected == actual, $"seed {seed}, round {round}: {actual} in {tenant} with {string.Join("; ", permissions)}");
            allowed += actual ? 1 : 0;
        }

        Assert.InRange(allowed, 200, 1_900);
    }

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5, 6];

    /// <summary>One stream of one tenant: no star in the question.</summary>
    private static bool Naive(IEnumerable<Permission> permissions, Right right, string tenant, string category)
    {
        if (category == "$credential" || (right == Right.Append && category[0] == '$'))
            return false;
        if (right == Right.ReadPayload && !Naive(permissions, Right.Read, tenant, category))
            return false;
        var isGiven = false;
        foreach (var one in permissions)
        {
            if (one.Right != right)
                continue;
            var isAllow = one.Effect == Effect.Allow;
            var hasTenant = one.Tenant == "*" ? !isAllow || tenant[0] != '$' : one.Tenant == tenant;
            var hasCategory = one.Category == "*" ? !isAllow || category[0] != '$' : one.Category == category;
            if (!hasTenant || !hasCategory)
                continue;
            if (!isAllow)
                return false;
            isGiven = true;
        }

        return isGiven;
    }

    private static IEnumerable<string> Meant(string asked, string[] all) => asked == "*" ? all.Where(static one => one[0] != '$') : [asked];

    private static Permission[] Permissions(SeededRandom random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ => new Permission(
            random.OneIn(4) ? Effect.Deny : Effect.Allow,
            random.Coin() ? Right.Read : random.Pick(Enum.GetValues<Right>()),
            random.OneIn(2) ? "*" : random.Pick(Named),
            random.OneIn(2) ? "*" : random.Pick(Categories))),
    ];

    private static QueryItem Item(SeededRandom random)
    {
        var stream = random.OneIn(3) ? $"{random.Pick(AllCategories)}-1" : null;
        return new QueryItem
        {
            Types = random.OneIn(3) ? ["Happened"] : [],
            Stream = stream,
            Category = stream is null && random.OneIn(2) ? random.Pick(AllCategories) : null,
        };
    }

    private static RecordedEvent EventIn(string tenant, string category) => new()
    {
        Position = 1,
        Id = Guid.Empty,
        Tenant = tenant,
        Stream = $"{category}-1",
        Version = 1,
        Type = "Happened",
        SchemaVersion = 1,
        RecordedAt = DateTimeOffset.UnixEpoch,
        ContentType = NewEvent.Json,
        Data = ReadOnlyMemory<byte>.Empty,
    };
}
