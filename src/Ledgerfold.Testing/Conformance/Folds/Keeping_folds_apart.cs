using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Keeping_folds_apart(FoldBackend backend) : FoldConformance(backend)
{
    private static readonly FoldName Next = Orders with { Version = 2 };

    [Fact]
    public async Task Versions_stand_side_by_side()
    {
        await Written(Batch(0, 9, Row("a", "one")));
        await Written(Batch(0, 4, Row("a", "two"), Row("b", "two")) with { Fold = Next });

        Assert.Equal("one", await DataOf("a"));
        Assert.Equal("two", await DataOf("a", fold: Next));
        Assert.Equal("a", await Keys());
        Assert.Equal("a b", await Keys(new FoldRead { Fold = Next }));
        Assert.Equal(9, await Store.ReadPosition(Orders));
        Assert.Equal(4, await Store.ReadPosition(Next));
    }

    [Fact]
    public async Task The_list_is_by_name_and_version()
    {
        FoldName[] names = [new("$platform"), new("Z"), new("a"), new("a", 2), new("a", 10), new("a-b"), new("a.b"), new("b")];
        foreach (var name in names.Reverse())
            await Written(Batch(0, 1) with { Fold = name });

        Assert.Equal(names, await Store.List());
    }

    [Fact]
    public async Task A_dropped_version_is_gone_and_the_other_stays()
    {
        await Written(Batch(0, 9, Row("a", "one", new FoldIndexEntry("tag", "x", true))));
        await Written(Batch(0, 4, Row("a", "two", new FoldIndexEntry("tag", "x", true))) with { Fold = Next });

        Assert.Equal(new FoldOutcome.Written(), await Store.Drop(Orders));

        Assert.Null(await DataOf("a"));
        Assert.Equal("", await Keys());
        Assert.Equal("", await Keys(new FoldRead { Fold = Orders, Index = "tag" }));
        Assert.Equal(0, await Store.ReadPosition(Orders));
        Assert.Equal([Next], await Store.List());
        Assert.Equal("two", await DataOf("a", fold: Next));
    }

    [Fact]
    public async Task A_dropped_fold_begins_anew_without_its_old_rows()
    {
        await Written(Batch(0, 9, Row("a", "old"), Row("b", "old", new FoldIndexEntry("tag", "x", true))));
        await Store.Drop(Orders);
        await Written(Batch(0, 1, Row("b", "new"), Row("c", "new", new FoldIndexEntry("tag", "x", true))));

        Assert.Equal("b c", await Keys());
        Assert.Equal("new", await DataOf("b"));
        Assert.Equal("c", await Keys(new FoldRead { Fold = Orders, Index = "tag" }));
    }

    [Fact]
    public async Task Dropping_what_is_not_there_is_fine()
    {
        Assert.Equal(new FoldOutcome.Written(), await Store.Drop(Orders));
        Assert.Equal(new FoldOutcome.Written(), await Store.Drop(Orders));
    }

    [Fact]
    public async Task Tenants_never_meet()
    {
        string[] tenants = ["t", "ta", "t!", "default"];
        foreach (var (n, tenant) in tenants.Index())
        {
            await Written(Batch(n, n + 1, Row("a", tenant, new FoldIndexEntry("i", "v", true)) with { Tenant = tenant }));
            await Written(Batch(n + 1, n + 1, Row($"only-{n}", tenant, new FoldIndexEntry("i", "w")) with { Tenant = tenant }));
        }

        foreach (var (n, tenant) in tenants.Index())
        {
            Assert.Equal(tenant, await DataOf("a", tenant));
            Assert.Equal($"a only-{n}", await Keys(new FoldRead { Fold = Orders, Tenant = tenant }));
            Assert.Equal($"a only-{n}", await Keys(new FoldRead { Fold = Orders, Tenant = tenant, Index = "i" }));
            Assert.Equal($"only-{n} a", await Keys(new FoldRead { Fold = Orders, Tenant = tenant, Index = "i", Backward = true }));
            Assert.Null(await DataOf($"only-{(n + 1) % tenants.Length}", tenant));
        }

        await Written(Batch(4, 5) with { Removed = [new("t", "a")] });
        Assert.Equal("ta", await DataOf("a", "ta"));
    }
}
