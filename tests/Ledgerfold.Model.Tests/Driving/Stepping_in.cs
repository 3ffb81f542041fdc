using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Stepping_in
{
    [Fact]
    public void Is_recorded_with_who_and_why()
    {
        var world = Placed(out _);

        world.Act("1", new OperatorAction.Terminate());

        var acted = world.Read(EventQuery.OfStream("$process-checkout.1")).Single(static one => one.Type == "OperatorActed");
        Assert.Equal("ada", acted.Actor);
        Assert.Equal("because", ((ProcessEvent.OperatorActed)ProcessRecords.Read(acted)).Reason);
        Assert.Equal((ProcessPhase.Terminated, "because"), (world.Find("1")!.Phase, world.Find("1")!.Reason));
    }

    [Fact]
    public void Compensates()
    {
        var world = Placed(out var remote);

        world.Act("1", new OperatorAction.Compensate());
        remote.LetGo();
        world.Settle();

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700", "refunded 1 700"], remote.Effects);
    }

    [Fact]
    public void Fires_a_timer_now()
    {
        var world = Placed(out var remote);

        world.Act("1", new OperatorAction.FireTimer("abandoned"));
        remote.LetGo();
        world.Settle();

        Assert.Equal("nobody paid", world.Find("1")!.Reason);
        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
    }

    [Fact]
    public void Begins_a_failed_step_again_under_a_new_number()
    {
        var remote = new Remote();
        var world = ProcessWorld.Selling(remote.Will(Behaviour.Refuses, Behaviour.Refuses));
        world.Start(Broken.Module);
        world.Append("order-1", new Checkout.OrderPlaced("1", "tea", 2, 700));
        Assert.Equal("fix failed: NOT_YET", world.Find("1", "broken")!.Stuck);

        world.Append("order-1", new Checkout.OrderConfirmed("1"));
        var failed = world.Find("1", "broken")!.Steps.Single();
        Assert.IsType<AppendOutcome.Appended>(world.Act("1", new OperatorAction.RetryStep(failed.Serial), "broken"));

        Assert.Equal(ProcessPhase.Completed, world.Find("1", "broken")!.Phase);
    }

    [Theory]
    [InlineData("nobody", "key")]
    [InlineData("1", "serial")]
    [InlineData("a/b", "key")]
    public void Is_refused_where_it_makes_no_sense(string key, string field)
    {
        var world = Placed(out _);
        var before = world.Do(() => world.Ledger.ReadRange()).Head;

        Assert.Equal(field, Assert.IsType<AppendOutcome.Refused>(world.Act(key, new OperatorAction.RetryStep(77))).Field);

        Assert.Equal(before, world.Do(() => world.Ledger.ReadRange()).Head);
    }

    [Fact]
    public void Is_refused_without_a_reason_or_an_actor_or_a_process()
    {
        var world = Placed(out _);

        Assert.Equal("reason", Refused(world, new("checkout", "1"), " ", "ada"));
        Assert.Equal("actor", Refused(world, new("checkout", "1"), "because", ""));
        Assert.Equal("process", Refused(world, new("nothing", "1"), "because", "ada"));
    }

    [Fact]
    public void Is_refused_once_the_instance_has_ended()
    {
        var world = ProcessWorld.Selling(new Remote());
        world.Send(new PlaceOrder("1", "tea", 2, 700));

        Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.Terminate()));
        Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.Compensate()));
        Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.FireTimer("abandoned")));
        Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.Release()));
    }

    [Fact]
    public void Hands_an_event_in_again_that_was_missed()
    {
        var world = ProcessWorld.Selling(new Remote { IsSilent = true }.Will(Behaviour.Hangs));
        var cancelled = world.Append("order-1", new Checkout.OrderCancelled("1"));
        Assert.Equal(["unknown"], world.Records("1").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
        world.Send(new PlaceOrder("1", "tea", 2, 700));

        world.Act("1", new OperatorAction.HandIn(cancelled));

        Assert.Equal("the customer cancelled", world.Find("1")!.Reason);
    }

    [Fact]
    public void Hands_nothing_in_that_the_process_does_not_react_to()
    {
        var world = ProcessWorld.Selling(new Remote());
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        var stocked = world.Read(EventQuery.OfStream("stock-tea"))[0];
        var advanced = world.Read(EventQuery.OfStream("$process-checkout.1"))[0];

        foreach (var position in new[] { 0, -7, stocked.Position, advanced.Position, 1_000_000 })
            Assert.Equal("position", Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.HandIn(position))).Field);
    }

    [Fact]
    public void Hands_an_event_in_again_that_nobody_could_read()
    {
        var world = new ProcessWorld();
        var engine = world.Start(Fragile.Of(breaks: false));
        var item = new NewEvent { Id = world.NextId(), Type = "OrderPlaced", Data = "{\"number\":1}"u8.ToArray() };
        var position = world.Append("order-1", item);
        var missed = world.Read(EventQuery.OfStream("$process-fragile")).Select(ProcessRecords.Read).Cast<ProcessEvent.ProcessMissed>().Single();
        Assert.Equal((position, "unreadable"), (missed.In.Position, missed.Why));

        world.Do(() => engine.DisposeAsync());
        world.Start(Fragile.Of(breaks: false, Checkout.Types.Named<Checkout.OrderPlaced>("OrderPlaced", 2).Upcast("OrderPlaced", 1, Mend)));
        Assert.IsType<AppendOutcome.Appended>(world.Act(null, new OperatorAction.HandIn(position), "fragile"));

        Assert.Equal(ProcessPhase.Running, world.Find("1", "fragile")!.Phase);
    }

    [Fact]
    public void Releases_an_instance_once_its_code_is_mended()
    {
        var world = new ProcessWorld();
        var engine = world.Start(Fragile.Of(breaks: true));
        world.Append("order-1", new Checkout.OrderPlaced("1", "tea", 2, 700), new Checkout.OrderConfirmed("1"), new Checkout.OrderCancelled("1"));
        var held = world.Find("1", "fragile")!;
        Assert.Equal(("DivideByZeroException: Attempted to divide by zero.", 2), (held.Error, held.Waiting.Length));

        world.Do(() => engine.DisposeAsync());
        world.Start(Fragile.Of(breaks: false));
        Assert.Equal("action", Assert.IsType<AppendOutcome.Refused>(world.Act("1", new OperatorAction.Compensate(), "fragile")).Field);
        Assert.IsType<AppendOutcome.Appended>(world.Act("1", new OperatorAction.Release(), "fragile"));

        var released = world.Find("1", "fragile")!;
        Assert.Equal((null, "confirmed cancelled"), (released.Error, released.State!.Value.GetProperty("told").GetString()));
    }

    private static ProcessWorld Placed(out Remote remote)
    {
        remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        return world;
    }

    private static System.Collections.Immutable.ImmutableArray<EncodedEvent> Mend(EncodedEvent old) =>
        [old with { Version = 2, Data = "{\"order\":\"1\",\"sku\":\"tea\",\"quantity\":1,\"total\":7}"u8.ToArray() }];

    private static string Refused(ProcessWorld world, InstanceName name, string reason, string actor) => Assert.IsType<AppendOutcome.Refused>(
        world.Do(() => world.Engine.Act(name, new OperatorAction.Terminate(), reason, actor))).Field;

    /// <summary>A process whose code fails at an event, in one of its builds.</summary>
    private static class Fragile
    {
        public sealed record State(string Told);

        public static Module Of(bool breaks, EventTypes? types = null) => new Module("fragile").Events(types ?? Checkout.Types).Runs(new Process<State>("fragile")
            .Starts<Checkout.OrderPlaced>(static placed => placed.Order, static (_, _) => new State(""))
            .On<Checkout.OrderConfirmed>(
                static one => one.Order, (state, _, _) => new State($"{state.Told}confirmed{(breaks ? 1 / state.Told.Length : "")}"))
            .On<Checkout.OrderCancelled>(static one => one.Order, static (state, _, _) => new State($"{state.Told} cancelled")));
    }

    /// <summary>A process with a step behind the pivot that is turned down until the order is confirmed.</summary>
    private static class Broken
    {
        public sealed record State;

        public sealed record Fix(string Order);

        public static readonly Module Module = new Module("broken").Events(Checkout.Types)
            .Handles<Fix>(static async (fix, context) =>
            {
                if (await context.Load(Checkout.Orders, fix.Order) != "confirmed")
                    context.Reject("NOT_YET");
            })
            .Runs(new Process<State>("broken")
                .Starts<Checkout.OrderPlaced>(static placed => placed.Order, static (_, react) =>
                {
                    react.Pivot();
                    react.Run("fix", new Fix(react.Key));
                    return new State();
                })
                .Done("fix", static (state, _, react) =>
                {
                    react.End();
                    return state;
                }));
    }
}
