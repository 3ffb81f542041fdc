using Ledgerfold.Model.Exploring;

namespace Ledgerfold.Model.Tests.Exploring;

#pragma warning disable xUnit1051 // nothing here waits long

public sealed class Looking_at_streams
{
    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Shows_where_one_stands_and_counts_its_types(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        var began = world.Clock.GetUtcNow();
        await world.Append("order-1", world.Event("Created"), world.Event("Paid"));
        await world.Append("order-2", world.Event("Created"));
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        await world.Ledger.Append(new AppendRequest { Writes = [new StreamWrite { Stream = "order-1", Events = [world.Event("Paid")], Close = true }] });

        var shown = await new StreamExplorer(world.Ledger).Show("order-1");

        Assert.Equal(("order-1", 3, true, 3), (shown!.Stream, shown.Version, shown.Closed, shown.Counted));
        Assert.Equal([new("Created", 1), new("Paid", 2)], shown.Types);
        Assert.Equal((1, began), (shown.First!.Position, shown.First.RecordedAt));
        Assert.Equal((4, began.AddSeconds(5)), (shown.Last!.Position, shown.Last.RecordedAt));
    }

    [Fact]
    public async Task Counts_no_more_than_it_may_and_says_how_many()
    {
        await using var world = new ExploringWorld();
        await world.Append("order-1", world.Event("A"), world.Event("A"), world.Event("B"));

        var shown = await new StreamExplorer(world.Ledger, new ExploreLimits { CountedMax = 2 }).Show("order-1");

        Assert.Equal((3, 2, 3), (shown!.Version, shown.Counted, shown.Last!.Position));
        Assert.Equal([new("A", 2)], shown.Types);
    }

    [Fact]
    public async Task Shows_none_where_there_is_none()
    {
        await using var world = new ExploringWorld();
        await world.AppendAs("acme", "order-1", world.Event("A"));
        var streams = new StreamExplorer(world.Ledger);

        Assert.Null(await streams.Show("order-1"));
        Assert.Empty((await streams.Events("order-1", new PageRequest())).Items);
        await Assert.ThrowsAsync<ArgumentException>(async () => await streams.Show("nodash"));
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Lists_those_of_a_category_in_the_order_in_which_they_began(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        for (var n = 0; n < 20; n++)
        {
            await world.Append($"order-{n}", world.Event("A"));
            await world.Append("order-0", world.Event("B"), world.Event("B"));
            await world.Append($"stock-{n}", world.Event("C"));
        }

        var streams = new StreamExplorer(world.Ledger, new ExploreLimits { ScannedMax = 7 });
        var found = new List<string>();
        for (long? after = 0; after is not null;)
        {
            var page = await streams.List("order", new PageRequest { After = after, Limit = 3 });
            found.AddRange(page.Items.Select(one => one.Stream));
            after = page.Next;
        }

        var newest = await streams.List("order", new PageRequest { Backward = true, Limit = 1 });

        Assert.Equal(Enumerable.Range(0, 20).Select(n => $"order-{n}"), found);
        Assert.Equal("order-19", newest.Items.Single().Stream);
    }
}
