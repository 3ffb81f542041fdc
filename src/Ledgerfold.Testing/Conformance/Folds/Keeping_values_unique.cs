using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Keeping_values_unique(FoldBackend backend) : FoldConformance(backend)
{
    private static FoldIndexEntry Mail(string value) => new("mail", value, Unique: true);

    [Fact]
    public async Task A_second_holder_is_refused_and_nothing_changes()
    {
        await Written(Batch(0, 1, Row("ann", "", Mail("a@x"))));

        var outcome = await Store.Write(Batch(1, 2, Row("zed", "before"), Row("bob", "", Mail("a@x"))));

        Assert.Equal(new FoldOutcome.NotUnique(Tenants.Default, "bob", Mail("a@x"), "ann"), outcome);
        Assert.Equal("ann", await Keys());
        Assert.Equal(1, await Store.ReadPosition(Orders));
    }

    [Fact]
    public async Task The_holder_may_be_written_again()
    {
        await Written(Batch(0, 1, Row("ann", "1", Mail("a@x"))));
        await Written(Batch(1, 2, Row("ann", "2", Mail("a@x"))));

        Assert.Equal("2", await DataOf("ann"));
        Assert.Equal("ann", await Keys(new FoldRead { Fold = Orders, Index = "mail" }));
    }

    [Fact]
    public async Task A_value_is_free_again_when_its_holder_lets_go()
    {
        await Written(Batch(0, 1, Row("ann", "", Mail("a@x")), Row("bob", "", Mail("b@x"))));
        await Written(Batch(1, 2, Row("ann", "", Mail("other@x"))));
        await Written(Batch(2, 3, Row("cyd", "", Mail("a@x"))));
        await Written(Batch(3, 4) with { Removed = [new FoldKey(Tenants.Default, "bob")] });
        await Written(Batch(4, 5, Row("dan", "", Mail("b@x"))));

        Assert.Equal("cyd dan ann", await Keys(new FoldRead { Fold = Orders, Index = "mail" }));
    }

    [Fact]
    public async Task Two_rows_may_swap_their_values_in_one_batch()
    {
        await Written(Batch(0, 1, Row("ann", "", Mail("a@x")), Row("bob", "", Mail("b@x"))));
        await Written(Batch(1, 2, Row("ann", "", Mail("b@x")), Row("bob", "", Mail("a@x"))));

        Assert.Equal("bob ann", await Keys(new FoldRead { Fold = Orders, Index = "mail" }));
    }

    [Fact]
    public async Task Two_rows_of_one_batch_cannot_have_the_same()
    {
        var outcome = await Store.Write(Batch(0, 1, Row("ann", "", Mail("a@x")), Row("bob", "", Mail("a@x"))));

        Assert.Equal(new FoldOutcome.NotUnique(Tenants.Default, "bob", Mail("a@x"), "ann"), outcome);
        Assert.Empty(await Store.List());
    }

    [Fact]
    public async Task One_unique_entry_is_enough_to_keep_all_others_off()
    {
        await Written(Batch(0, 1, Row("ann", "", Mail("a@x") with { Unique = false }), Row("bob", "", Mail("b@x"))));

        Assert.IsType<FoldOutcome.NotUnique>(await Store.Write(Batch(1, 2, Row("cyd", "", Mail("a@x")))));
        Assert.IsType<FoldOutcome.NotUnique>(await Store.Write(Batch(1, 2, Row("cyd", "", Mail("b@x") with { Unique = false }))));
    }

    [Fact]
    public async Task The_same_value_stands_in_other_indexes_tenants_folds_and_versions()
    {
        await Written(Batch(0, 1, Row("ann", "", Mail("a@x"))));
        await Written(Batch(1, 2, Row("bob", "", new FoldIndexEntry("phone", "a@x", true))));
        await Written(Batch(2, 3, Row("cyd", "", Mail("a@x")) with { Tenant = "other" }));
        await Written(Batch(0, 1, Row("bob", "", Mail("a@x"))) with { Fold = Orders with { Version = 2 } });
        await Written(Batch(0, 1, Row("bob", "", Mail("a@x"))) with { Fold = new FoldName("people") });
    }

    [Fact]
    public async Task Many_folds_may_take_the_same_value_at_once()
    {
        var racing = Enumerable.Range(0, 8).Select(n =>
            Store.Write(Batch(0, 1, Row($"r{n}", "", Mail("a@x"))) with { Fold = new FoldName($"fold{n}") }).AsTask());
        Assert.All(await Task.WhenAll(racing), outcome => Assert.IsType<FoldOutcome.Written>(outcome));
    }
}
