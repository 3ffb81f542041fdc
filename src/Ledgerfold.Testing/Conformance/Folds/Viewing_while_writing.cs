using Xunit;

namespace Ledgerfold.Testing.Conformance.Folds;

public abstract class Viewing_while_writing(FoldBackend backend) : FoldConformance(backend)
{
    [Fact]
    public async Task A_view_stays_as_it_was()
    {
        await Written(Batch(0, 1, Row("a", "1", new FoldIndexEntry("tag", "red")), Row("b", "1")));
        await using var view = await Store.OpenView();

        var change = Batch(1, 2, Row("a", "2"), Row("c", "2", new FoldIndexEntry("tag", "red")));
        await Written(change with { Removed = [new(Tenants.Default, "b")] });
        await Store.Write(Batch(0, 9, Row("x")) with { Fold = new FoldName("later") });

        Assert.Equal("1"u8.ToArray(), (await view.Get(Orders, Tenants.Default, "a"))!.Data.ToArray());
        Assert.NotNull(await view.Get(Orders, Tenants.Default, "b"));
        Assert.Null(await view.Get(Orders, Tenants.Default, "c"));
        Assert.Equal(1, await view.ReadPosition(Orders));
        Assert.Equal([Orders], await view.List());
        Assert.Equal("a b", await Keys(from: view));
        Assert.Equal("a", await Keys(new FoldRead { Fold = Orders, Index = "tag" }, view));
        Assert.Equal("c", await Keys(new FoldRead { Fold = Orders, Index = "tag" }));
    }

    [Fact]
    public async Task A_view_outlives_a_drop()
    {
        await Written(Batch(0, 1, Row("a", "1")));
        await using var view = await Store.OpenView();

        await Store.Drop(Orders);
        await Written(Batch(0, 5, Row("b", "2")));

        Assert.Equal("a", await Keys(from: view));
        Assert.Equal(1, await view.ReadPosition(Orders));
        Assert.Equal("b", await Keys());
    }

    [Fact]
    public async Task Views_of_many_moments_stand_side_by_side()
    {
        var views = new List<IFoldView>();
        for (var position = 1; position <= 30; position++)
        {
            await Written(Batch(position - 1, position, [.. Enumerable.Range(0, 20).Select(n => Row($"k{n:D2}", $"{position}"))]));
            views.Add(await Store.OpenView());
        }

        foreach (var (n, view) in views.Index())
        {
            var page = await view.Read(new FoldRead { Fold = Orders });
            Assert.Equal(n + 1, page.Position);
            Assert.All(page.Rows, row => Assert.Equal($"{n + 1}", System.Text.Encoding.UTF8.GetString(row.Data.Span)));
            Assert.Equal(20, page.Rows.Length);
            await view.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_page_is_of_one_moment_while_batches_are_written()
    {
        await Written(Batch(0, 1, [.. Enumerable.Range(0, 50).Select(n => Row($"k{n:D2}", "1"))]));
        var writing = Task.Run(async () =>
        {
            for (var position = 2; position <= 200; position++)
                await Written(Batch(position - 1, position, [.. Enumerable.Range(0, 50).Select(n => Row($"k{n:D2}", $"{position}"))]));
        });
        do
        {
            var page = await Store.Read(new FoldRead { Fold = Orders });
            Assert.All(page.Rows, row => Assert.Equal($"{page.Position}", System.Text.Encoding.UTF8.GetString(row.Data.Span)));
            Assert.Equal(50, page.Rows.Length);
        }
        while (!writing.IsCompleted);
        await writing;
    }
}
