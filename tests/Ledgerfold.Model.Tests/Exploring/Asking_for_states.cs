using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Tests.Exploring;

#pragma warning disable xUnit1051 // nothing here waits long

public sealed class Asking_for_states
{
    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public async Task Gives_the_state_at_a_version_a_position_or_a_time_by_the_streams_name_alone(Backend backend)
    {
        await using var world = new ExploringWorld(backend);
        var states = await Filled(world);
        var began = world.Clock.GetUtcNow().AddSeconds(-5);

        Assert.Equal(("confirmed", 2, 3), await StateAt(states, Moment.Now));
        Assert.Equal(("pending", 1, 1), await StateAt(states, Moment.AfterVersion(1)));
        Assert.Equal(("pending", 1, 2), await StateAt(states, LedgerPlace.At(2).Moment));
        Assert.Equal(("pending", 1, 2), await StateAt(states, LedgerPlace.At(began).Moment));
        Assert.Equal(("none", 0, 0), await StateAt(states, Moment.Beginning));
    }

    [Fact]
    public async Task Says_how_two_moments_differ_in_either_order()
    {
        await using var world = new ExploringWorld();
        var states = await Filled(world);

        var forth = Value(await states.Compare("order-1", Moment.AfterVersion(1), Moment.Now));
        var back = Value(await states.Compare("order-1", Moment.Now, Moment.AfterVersion(1)));

        Assert.Equal((1, 2, "/status: \"pending\" → \"confirmed\""), (forth.From, forth.To, Assert.Single(forth.Changes).ToString()));
        Assert.Equal((2, 1, "/status: \"confirmed\" → \"pending\""), (back.From, back.To, Assert.Single(back.Changes).ToString()));
    }

    [Fact]
    public async Task Says_which_event_set_each_field()
    {
        await using var world = new ExploringWorld();
        var states = await Filled(world);

        var blame = Value(await states.Blame("order-1", Moment.Now));

        Assert.Equal(["/status by 3", "/total by 1"], blame.Fields.Select(field => $"{field.Pointer} by {field.By!.Position}").Order());
    }

    [Fact]
    public async Task Tells_apart_what_cannot_be_answered()
    {
        await using var world = new ExploringWorld();
        var states = await Filled(world, new ExploreLimits { BlamedMax = 1 });
        await world.Append("order-2", world.Event("OrderCreated"));

        Assert.IsType<StateAnswer<StateView>.NoStream>(await states.At("order-9", Moment.Now));
        Assert.IsType<StateAnswer<StateView>.NoStream>(await states.At("order-1", Moment.Now, "acme"));
        Assert.Equal("stock", Assert.IsType<StateAnswer<StateView>.NoDecider>(await states.At("stock-1", Moment.Now)).Category);
        Assert.Equal(new StateAnswer<BlameView>.TooLong(2, 1), await states.Blame("order-1", Moment.Now));
        Assert.Equal(4, Assert.IsType<StateAnswer<StateView>.Unfoldable>(await states.At("order-2", Moment.Now)).Position);
        Assert.Equal(4, Assert.IsType<StateAnswer<DifferenceView>.Unfoldable>(await states.Compare("order-2", Moment.Now, Moment.Beginning)).Position);
        Assert.Equal(4, Assert.IsType<StateAnswer<DifferenceView>.Unfoldable>(await states.Compare("order-2", Moment.Beginning, Moment.Now)).Position);
    }

    private static async Task<StateExplorer> Filled(ExploringWorld world, ExploreLimits? limits = null)
    {
        await world.Ledger.Events(Modules.Shop, "order-1", new Order.OrderCreated("1", "ann", 5));
        await world.Append("stock-1", world.Event("A"));
        world.Clock.Advance(TimeSpan.FromSeconds(5));
        await world.Ledger.Events(Modules.Shop, "order-1", new Order.OrderConfirmed("1"));
        return new StateExplorer(world.Ledger, new TimelineEngine(world.Ledger, [Modules.Shop]), limits);
    }

    private static async Task<(string? Status, long Version, long Position)> StateAt(StateExplorer states, Moment moment)
    {
        var view = Value(await states.At("order-1", moment));
        return (view.State?.GetProperty("status").GetString(), view.Version, view.Position);
    }

    private static T Value<T>(StateAnswer<T> answer) => Assert.IsType<StateAnswer<T>.Computed>(answer).Value;
}
