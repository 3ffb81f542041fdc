using System.Text;
using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Writing_rows(FoldBackend backend) : FoldConformance(backend)
{
    [Fact]
    public async Task Nothing_is_there_before()
    {
        Assert.Null(await DataOf("a"));
        Assert.Equal(0, await Store.ReadPosition(Orders));
        Assert.Empty(await Store.List());
        var page = await Store.Read(new FoldRead { Fold = Orders });
        Assert.Empty(page.Rows);
        Assert.Equal(0, page.Position);
    }

    [Fact]
    public async Task Rows_and_position_change_together()
    {
        await Written(Batch(0, 7, Row("a", "1"), Row("b", "2")));

        Assert.Equal("1", await DataOf("a"));
        Assert.Equal("2", await DataOf("b"));
        Assert.Equal(7, await Store.ReadPosition(Orders));
        Assert.Equal(7, (await Store.Read(new FoldRead { Fold = Orders })).Position);
        Assert.Equal([Orders], await Store.List());
    }

    [Fact]
    public async Task A_row_replaces_the_one_before_and_may_be_removed()
    {
        await Written(Batch(0, 1, Row("a", "old"), Row("b", "stays")));
        await Written(Batch(1, 2, Row("a", "new")));
        Assert.Equal("new", await DataOf("a"));

        await Written(Batch(2, 3) with { Removed = [new FoldKey(Tenants.Default, "a"), new FoldKey(Tenants.Default, "never")] });
        Assert.Null(await DataOf("a"));
        Assert.Equal("b", await Keys());
    }

    [Fact]
    public async Task Progress_without_rows_is_kept()
    {
        await Written(Batch(0, 5));
        await Written(Batch(5, 5));

        Assert.Equal(5, await Store.ReadPosition(Orders));
        Assert.Equal([Orders], await Store.List());
    }

    [Fact]
    public async Task Position_zero_leaves_no_trace()
    {
        await Written(Batch(0, 0));

        Assert.Empty(await Store.List());
    }

    [Fact]
    public async Task A_second_copy_of_the_fold_is_fenced_off()
    {
        await Written(Batch(0, 3, Row("a", "first")));

        Assert.Equal(new FoldOutcome.FoldMoved(3), await Store.Write(Batch(0, 3, Row("a", "second"))));
        Assert.Equal(new FoldOutcome.FoldMoved(3), await Store.Write(Batch(4, 9, Row("a", "second"))));
        Assert.Equal("first", await DataOf("a"));
        Assert.Equal(3, await Store.ReadPosition(Orders));
    }

    [Fact]
    public async Task Of_many_copies_that_race_one_wins_each_position()
    {
        await Written(Batch(0, 1));
        for (var round = 1; round <= 20; round++)
        {
            var racing = Enumerable.Range(0, 8).Select(copy => Store.Write(Batch(round, round + 1, Row("a", $"{round} {copy}"))).AsTask());
            var outcomes = await Task.WhenAll(racing);
            var winner = Assert.Single(outcomes.Index(), one => one.Item is FoldOutcome.Written).Index;
            var others = outcomes.Where(one => one is not FoldOutcome.Written);
            Assert.All(others, one => Assert.Equal(new FoldOutcome.FoldMoved(round + 1), one));
            Assert.Equal($"{round} {winner}", await DataOf("a"));
        }
    }

    [Fact]
    public async Task Data_comes_back_byte_by_byte_at_every_size()
    {
        int[] sizes = [0, 1, 300, 1000, 1024, 1025, 4000, 4091, 4092, 4093, 8184, 100_000, Limits.FoldRowBytesMax];
        var rows = sizes.Select(size => Row($"size{size}") with { Data = Bytes(size) }).ToArray();
        await Written(Batch(0, 1, rows));

        foreach (var row in rows)
        {
            var found = await Store.Get(Orders, Tenants.Default, row.Key);
            Assert.NotNull(found);
            Assert.True(found.Data.Span.SequenceEqual(row.Data.Span), row.Key);
        }
    }

    [Fact]
    public async Task What_the_caller_changes_afterwards_does_not_change_the_store()
    {
        var data = "before"u8.ToArray();
        await Written(Batch(0, 1, Row("a") with { Data = data }));
        data[0] = (byte)'X';

        Assert.Equal("before", await DataOf("a"));
    }

    [Fact]
    public async Task The_longest_names_are_kept_whole()
    {
        var (tenant, key, value) = (new string('ä', 256), new string('k', 512), "\U0001F600" + new string('v', 508));
        var row = new FoldRow
        {
            Tenant = tenant,
            Key = key,
            Data = Encoding.UTF8.GetBytes("d"),
            Indexes = [new(new string('i', 512), value), new("i", "x", Unique: true)],
        };
        await Written(Batch(0, 1, row));

        var found = await Store.Get(Orders, tenant, key);
        Assert.NotNull(found);
        Assert.Equal(row.Indexes, found.Indexes);
        Assert.Equal((tenant, key), (found.Tenant, found.Key));
        var page = await Store.Read(new FoldRead { Fold = Orders, Tenant = tenant, Index = new string('i', 512) });
        Assert.Equal(key, Assert.Single(page.Rows).Key);
    }

    [Fact]
    public async Task Many_rows_in_one_batch_are_one_batch()
    {
        await Written(Batch(0, 1, [.. Enumerable.Range(0, 5000).Select(n => Row($"k{n:D5}", $"{n}"))]));

        foreach (var n in Enumerable.Range(0, 5000))
            Assert.Equal($"{n}", await DataOf($"k{n:D5}"));
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new SeededRandom((ulong)size).Fill(bytes);
        return bytes;
    }
}
