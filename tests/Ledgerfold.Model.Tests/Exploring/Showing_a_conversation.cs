using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Tests.Domain;
using static Ledgerfold.Model.Tests.Exploring.ExploringWorld;

namespace Ledgerfold.Model.Tests.Exploring;

#pragma warning disable xUnit1051 // nothing here waits long

public sealed class Showing_a_conversation
{
    private static readonly Guid Sent = new("0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05");

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Puts_each_below_what_led_to_it_with_the_time_from_there(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        await world.Append("cart-1", world.Event("CheckedOut", "c", id: IdOf(1)));
        world.Clock.Advance(TimeSpan.FromMicroseconds(12_300));
        var origin = new CommandOrigin { Id = Sent, CorrelationId = "c", CausationId = IdOf(1).ToString(), Actor = "ann" };
        await new Commands(Modules.Shop, world.Ledger).Tell(new CreateOrder("7", "ann", 5), origin);
        var created = (await world.All())[^1];
        world.Clock.Advance(TimeSpan.FromMilliseconds(2));
        await world.Append("mail-1", world.Event("Mailed", "c", created.Id.ToString(), IdOf(3)));

        var tree = (await new CorrelationExplorer(world.Ledger).Tree("c"))!;

        Assert.Equal(
            ["0 Event CheckedOut +", "1 Command CreateOrder +", "2 Event OrderCreated +12.3", "3 Event Mailed +2"],
            tree.Nodes.Select(node => $"{node.Depth} {node.Kind} {node.Event?.Type ?? node.Command} +{node.LatencyMillis}"));
        Assert.Equal(Sent.ToString(), tree.Nodes[1].Id);
        Assert.Equal((3, 14.3), (tree.Totals.Events, tree.Totals.DurationMillis));
        Assert.Equal([new("cart-1", 1), new("order-7", 1), new("mail-1", 1)], tree.Totals.Streams);
        Assert.Equal((null, new Searched(1, 3, 3)), (tree.Next, tree.Searched));
    }

    [Fact]
    public async Task Shows_a_command_that_was_turned_down()
    {
        await using var world = new ExploringWorld();
        await new Commands(Modules.Shop, world.Ledger).Tell(new ConfirmOrder("7"), new CommandOrigin { Id = Sent, CorrelationId = "c" });

        var tree = (await new CorrelationExplorer(world.Ledger).Tree("c"))!;

        Assert.Equal(["ConfirmOrder", "CommandAnswered"], tree.Nodes.Select(node => node.Event?.Type ?? node.Command));
    }

    [Fact]
    public async Task Stands_a_ghost_for_a_cause_that_is_missing_or_from_outside()
    {
        await using var world = new ExploringWorld();
        await world.Append("cart-1", world.Event("Elsewhere", "other", id: IdOf(1)));
        await world.Append("order-1", world.Event("A", "c", IdOf(99).ToString()), world.Event("B", "c", "a text"));
        await world.Append("order-1", world.Event("C", "c", IdOf(1).ToString()), world.Event("D", "c", IdOf(99).ToString()));

        var nodes = (await new CorrelationExplorer(world.Ledger).Tree("c"))!.Nodes;

        Assert.Equal(["Ghost Elsewhere", "Event C", "Ghost ", "Event A", "Event D", "Ghost ", "Event B"], nodes.Select(node => $"{node.Kind} {node.Event?.Type}"));
        Assert.Equal("a text", nodes[5].Id);
    }

    [Fact]
    public async Task Survives_events_that_name_themselves_each_other_or_a_later_one()
    {
        await using var world = new ExploringWorld();
        await world.Append("order-1", world.Event("Self", "c", IdOf(1).ToString(), IdOf(1)));
        await world.Append("order-1", world.Event("One", "c", IdOf(3).ToString(), IdOf(2)), world.Event("Other", "c", IdOf(2).ToString(), IdOf(3)));
        await world.Append("order-1", world.Event("Early", "c", IdOf(5).ToString(), IdOf(4)));
        await world.Append("order-1", world.Event("Late", "other", id: IdOf(5)));

        var nodes = (await new CorrelationExplorer(world.Ledger).Tree("c"))!.Nodes;

        Assert.Equal(["0 Self", "0 One", "1 Other", "0 Early"], nodes.Select(node => $"{node.Depth} {node.Event!.Type}"));
    }

    [Fact]
    public async Task Ends_at_its_most_nodes_and_says_where_to_go_on()
    {
        await using var world = new ExploringWorld();
        for (var n = 1; n <= 1_500; n++)
            await world.Append("order-1", world.Event("A", "c", n == 1 ? null : IdOf(n - 1).ToString(), IdOf(n)));
        var causes = new CorrelationExplorer(world.Ledger);

        var tree = (await causes.Tree("c"))!;
        var rest = (await causes.Tree("c", after: tree.Next!.Value))!;

        Assert.Equal((1_000, 999, 1_000), (tree.Nodes.Length, tree.Nodes[^1].Depth, tree.Next));
        Assert.Equal((501, CorrelationNodeKind.Ghost, 1_000, null), (rest.Nodes.Length, rest.Nodes[0].Kind, rest.Nodes[0].Event!.Position, rest.Next));
        Assert.Equal((new Searched(1, 1_000, 1_000), new Searched(1_001, 1_500, 500)), (tree.Searched, rest.Searched));
    }

    [Fact]
    public async Task Leaves_out_what_the_reader_may_not_see_as_if_it_were_not_there()
    {
        await using var world = new ExploringWorld();
        await world.Append("secret-1", world.Event("Hidden", "c", id: IdOf(1)), world.Event("HiddenElsewhere", id: IdOf(2)));
        await world.Append("order-1", world.Event("A", "c", IdOf(1).ToString()), world.Event("B", "c", IdOf(2).ToString()));
        var causes = new CorrelationExplorer(world.Ledger);

        var tree = (await causes.Tree("c", maySee: stream => !stream.StartsWith("secret-", StringComparison.Ordinal)))!;

        Assert.Equal(["Ghost ", "Event A", "Ghost ", "Event B"], tree.Nodes.Select(node => $"{node.Kind} {node.Event?.Type}"));
        Assert.Equal(["order-1"], tree.Totals.Streams.Select(one => one.Stream));
        Assert.Null(await causes.Tree("c", maySee: _ => false));
    }

    [Fact]
    public async Task Is_none_where_nothing_has_the_id()
    {
        await using var world = new ExploringWorld();
        await world.AppendAs("acme", "order-1", world.Event("A", "c"));
        var causes = new CorrelationExplorer(world.Ledger);

        Assert.Null(await causes.Tree("c"));
        Assert.Single((await causes.Tree("c", "acme"))!.Nodes);
        await Assert.ThrowsAsync<ArgumentException>(async () => await causes.Tree(""));
    }
}
