using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Tests.Domain;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Tests.Timelines;

#pragma warning disable xUnit1051 // in memory nothing waits

public sealed class Comparing_moments
{
    private readonly TimelineWorld _world = new(options: null, Modules.Shop, Modules.Bank);
    private readonly EventTypes _types = Modules.Bank.EventTypes;

    private Timeline<Account.State> Ada => _world.Engine.Of(Account.Decider, "ada");

    [Fact]
    public async Task Says_which_fields_of_one_subject_differ()
    {
        await Fill();

        var changes = (await Ada.Compare(Moment.AfterVersion(1), Moment.Now)).OrThrow();

        Assert.Equal(["/balance: 5 → 3", "/movements: 1 → 2"], changes.Select(one => one.ToString()));
        Assert.Equal(["/balance: 3 → 5", "/movements: 2 → 1"], (await Ada.Compare(Moment.Now, Moment.AfterVersion(1))).OrThrow().Select(one => one.ToString()));
        Assert.Empty((await Ada.Compare(Moment.Now, Moment.AfterVersion(3))).OrThrow());
    }

    [Fact]
    public async Task Says_which_fields_of_two_subjects_differ()
    {
        await Fill();
        var bob = _world.Engine.Of(Account.Decider, "bob");
        var order = _world.Engine.Of(Order.Decider, "1");

        Assert.Equal(["/balance: 3 → 8", "/movements: 2 → 1"], (await Ada.Compare(Moment.Now, bob, Moment.Now)).OrThrow().Select(one => one.ToString()));
        Assert.Contains("/status: nothing → \"none\"", (await Ada.Compare(Moment.Now, order, Moment.Now)).OrThrow().Select(one => one.ToString()));
    }

    [Fact]
    public async Task Blames_the_event_that_set_a_field_last_and_nobody_for_what_it_was_at_first()
    {
        await Fill();

        var blame = (await Ada.Blame(Moment.Now)).OrThrow().ToDictionary(one => one.Pointer);
        Assert.Equal((2L, "Withdrawn", "user:2", "talk-1"), (blame["/balance"].By!.Position, blame["/balance"].By!.Type, blame["/balance"].By!.Actor, blame["/balance"].By!.CorrelationId));
        Assert.Equal(3, blame["/balance"].Value.GetInt32());
        Assert.All((await Ada.Blame(Moment.Beginning)).OrThrow(), one => Assert.Null(one.By));
    }

    [Fact]
    public async Task Gives_every_change_of_a_field_and_the_first()
    {
        await Fill();

        var changes = new List<string>();
        await foreach (var step in Ada.Changes("/balance"))
            changes.Add(step.OrThrow().Change.ToString());

        Assert.Equal(["/balance: 0 → 5", "/balance: 5 → 3"], changes);
        Assert.StartsWith("/balance: 0 → 5 by Deposited at 1, recorded ", (await Ada.FirstChange("/balance")).OrThrow()!.ToString());
        Assert.True(await Ada.FirstChange("/balance") is TimelineAnswer<FieldStep?>.Computed { Position: 1, Events: 1 });
        Assert.Null((await Ada.FirstChange("/none")).OrThrow());
        Assert.Null((await Ada.FirstChange("/balance", Moment.Beginning)).OrThrow());
        await Assert.ThrowsAsync<ArgumentException>(async () => await Ada.FirstChange("balance"));
    }

    [Fact]
    public async Task Takes_steps_also_where_an_event_changes_nothing()
    {
        await Fill();
        var steps = new List<Step<Account.State>>();
        await foreach (var step in Ada.Steps(Moment.AfterVersion(1), Moment.Now))
            steps.Add(step.OrThrow());

        Assert.Equal([2L, 4L], steps.Select(one => one.Event.Position));
        Assert.Equal(["/balance: 5 → 3", "/movements: 1 → 2"], steps[0].Changes.Select(one => one.ToString()));
        Assert.Empty(steps[1].Changes);
        Assert.Same(steps[1].Before, steps[1].After);
    }

    [Fact]
    public async Task Refuses_steps_between_moments_of_two_orders()
    {
        await Fill();
        var known = Moment.AsOf(_world.Now, _world.Now);
        await Assert.ThrowsAsync<ArgumentException>(() => Count(known, Moment.Now));
        await Assert.ThrowsAsync<ArgumentException>(() => Count(Moment.AfterVersion(1), known));
        await Assert.ThrowsAsync<ArgumentException>(() => Count(Moment.AsOf(_world.Now.AddDays(-1), _world.Now), known));
        Assert.Equal(3, await Count(Moment.Beginning, known));
        Assert.Equal(0, await Count(Moment.Now, Moment.AfterVersion(1)));

        async Task<int> Count(Moment from, Moment to)
        {
            var count = 0;
            await foreach (var step in Ada.Steps(from, to))
                count++;
            return count;
        }
    }

    [Fact]
    public async Task Serves_states_that_are_single_values()
    {
        var status = new Decider<Order.Status>("order", Order.Status.None, static (before, fact) => fact is Order.OrderCreated ? Order.Status.Pending : before);
        await _world.Append(Modules.Shop.EventTypes, "order-1", new Order.OrderCreated("1", "ada", 3));
        var timeline = _world.Engine.Of(status, Modules.Shop.EventTypes, "1");

        Assert.Equal(Order.Status.Pending, (await timeline.At(Moment.Now)).OrThrow());
        Assert.Equal(["all: \"none\" → \"pending\""], (await timeline.Compare(Moment.Beginning, Moment.Now)).OrThrow().Select(one => one.ToString()));
        Assert.Equal(("", 1L), Assert.Single((await timeline.Blame(Moment.Now)).OrThrow().Select(one => (one.Pointer, one.By!.Position))));
    }

    [Fact]
    public async Task Finds_subjects_by_name()
    {
        await Fill();
        Assert.Equal("""{"balance":3,"movements":2}""", (await _world.Engine.OfStream("account-ada")!.At(Moment.Now)).OrThrow()!.Value.GetRawText());
        Assert.Equal("account", _world.Engine.OfStream("account-ada")!.Fold);
        Assert.Null(_world.Engine.OfStream("basket-1"));
        Assert.Null(_world.Engine.OfStream(""));
        Assert.Null(_world.Engine.OfProjection("unheard", "a"));
        Assert.Throws<ArgumentException>(() => _world.Engine.Of(new Decider<int>("account", 0, static (one, _) => one), "ada"));
    }

    [Fact]
    public async Task Finds_the_newest_version_of_a_projection_by_name_or_the_one_asked_for()
    {
        var module = new Module("tallies").Events(Folding.Tally.Types).Projects(Folding.Tally.Projection()).Projects(Folding.Tally.Projection(version: 2));
        var engine = new TimelineEngine(_world.Ledger, [module]);
        await _world.Append(Folding.Tally.Types, "tally-1", new Folding.Tally.Added("a", 1));

        Assert.Equal("tallies@2", engine.OfProjection("tallies", "a")!.Fold);
        var one = engine.OfProjection("tallies", "a", version: 1)!;
        Assert.Equal("tallies@1", one.Fold);
        Assert.Equal(1, (await one.At(Moment.Now)).OrThrow()!.Value.GetProperty("sum").GetInt64());
        Assert.Null(engine.OfProjection("tallies", "a", version: 3));
        Assert.Null(engine.OfProjection("tallies", ""));
    }

    private async Task Fill()
    {
        await _world.Append(_types, "account-ada", new Account.Deposited(5), new Account.Withdrawn(2));
        await _world.Append(_types, "account-bob", new Account.Deposited(8));
        await _world.Append(_types, "account-ada", new Account.NameClaimed("ada"));
    }
}
