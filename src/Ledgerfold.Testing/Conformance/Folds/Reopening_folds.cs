using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Reopening_folds(FoldBackend backend) : FoldConformance(backend)
{
    [Fact]
    public async Task An_empty_store_is_still_empty()
    {
        await Reopen();
        await Reopen();

        Assert.Empty(await Store.List());
        await Written(Batch(0, 1, Row("a", "1")));
    }

    [Fact]
    public async Task Everything_is_still_there()
    {
        for (var round = 0; round < 6; round++)
        {
            var row = Row($"k{round}", $"{round}", new FoldIndexEntry("i", $"{9 - round}", true));
            await Written(Batch(round, round + 1, row, Row("same", $"{round}")));
            await Reopen();
            Assert.Equal(round + 1, await Store.ReadPosition(Orders));
            Assert.Equal($"{round}", await DataOf("same"));
            Assert.Equal(new FoldOutcome.FoldMoved(round + 1), await Store.Write(Batch(round, round + 1)));
        }

        Assert.Equal("k0 k1 k2 k3 k4 k5 same", await Keys());
        Assert.Equal("k5 k4 k3 k2 k1 k0", await Keys(new FoldRead { Fold = Orders, Index = "i" }));
        Assert.IsType<FoldOutcome.NotUnique>(await Store.Write(Batch(6, 7, Row("x", "", new FoldIndexEntry("i", "9", true)))));
    }

    [Fact]
    public async Task What_was_dropped_or_removed_does_not_come_back()
    {
        var next = Orders with { Version = 2 };
        await Written(Batch(0, 1, Row("a", "1", new FoldIndexEntry("i", "v", true)), Row("b", "1")));
        await Written(Batch(0, 1, Row("a", "2"), Row("b", "2")) with { Fold = next });
        await Reopen();
        await Store.Drop(Orders);
        await Written(Batch(1, 2) with { Fold = next, Removed = [new(Tenants.Default, "a")] });
        await Reopen();

        Assert.Equal([next], await Store.List());
        Assert.Equal("b", await Keys(new FoldRead { Fold = next }));
        await Written(Batch(0, 3, Row("c", "3")));
        await Reopen();
        Assert.Equal("c", await Keys());
        Assert.Equal("", await Keys(new FoldRead { Fold = Orders, Index = "i" }));
    }

    [Fact]
    public async Task A_continuation_is_good_after_a_restart()
    {
        await Written(Batch(0, 1, [.. "abcde".Select(key => Row($"{key}"))]));
        var request = new FoldRead { Fold = Orders, Limit = 2 };
        var next = (await Store.Read(request)).Next;
        await Reopen();

        Assert.Equal("c d | e", await Keys(request with { Continue = next }));
    }
}
