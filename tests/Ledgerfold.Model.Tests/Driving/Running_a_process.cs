using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Running_a_process
{
    private readonly Remote _remote = new();

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Comes_to_its_end_step_by_step(Backend backend)
    {
        var world = ProcessWorld.Selling(_remote, backend);

        world.Send(new PlaceOrder("1", "tea", 2, 700));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700"], _remote.Effects);
        Assert.Equal(["OrderPlaced", "OrderConfirmed"], world.TypesIn("order-1"));
        Assert.Equal(["Stocked", "Reserved"], world.TypesIn("stock-tea"));
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Takes_back_what_was_done_when_a_step_is_turned_down(Backend backend)
    {
        _remote.Will(Behaviour.Refuses);
        var world = ProcessWorld.Selling(_remote, backend);

        world.Send(new PlaceOrder("1", "tea", 2, 700));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Empty(_remote.Effects);
        Assert.Equal(["OrderPlaced", "OrderRejected"], world.TypesIn("order-1"));
        Assert.Equal(["Stocked", "Reserved", "Released"], world.TypesIn("stock-tea"));
    }

    [Fact]
    public void Takes_nothing_back_where_nothing_was_done()
    {
        var world = ProcessWorld.Selling(_remote);

        world.Send(new PlaceOrder("1", "coffee", 2, 700));

        Assert.Equal(("reserve: OUT_OF_STOCK: quantity", ProcessPhase.Compensated), (world.Find("1")!.Reason, world.Find("1")!.Phase));
        Assert.Empty(world.TypesIn("stock-coffee"));
        Assert.Empty(_remote.Calls);
    }

    [Fact]
    public void Makes_one_instance_of_two_events_that_would_begin_it()
    {
        var world = ProcessWorld.Selling(_remote);

        world.Append("order-1", new Checkout.OrderPlaced("1", "tea", 2, 700), new Checkout.OrderPlaced("1", "tea", 2, 700));
        world.Append("order-again", new Checkout.OrderPlaced("1", "tea", 2, 700));

        Assert.Equal((1, ProcessPhase.Completed), (world.Find("1")!.Run, world.Find("1")!.Phase));
        Assert.Equal(["charged 1 700"], _remote.Effects);
        Assert.Equal(["started", "ended"], world.Records("1").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
    }

    [Fact]
    public void Names_for_every_event_what_led_to_it()
    {
        var world = ProcessWorld.Selling(_remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));

        var events = world.Read(new EventQuery { Items = [new QueryItem(), new QueryItem { Category = "$process" }] });
        var placed = events.Single(static one => one.Type == "OrderPlaced");
        var begun = events.First(static one => one.Type == "ProcessAdvanced");
        var reserved = events.Single(static one => one.Type == "Reserved");
        Assert.Equal(placed.Id.ToString(), begun.CausationId);
        Assert.Contains(reserved.Headers, header => header.Key == "ledgerfold-cause" && header.Value == begun.Id.ToString());
        Assert.Equal("process:checkout", reserved.Actor);
        Assert.All(
            events.Where(static one => one.Type != "Stocked"),
            one => Assert.Equal(placed.CorrelationId, one.CorrelationId));
    }

    [Fact]
    public void Keeps_tenants_apart()
    {
        var world = ProcessWorld.Selling(_remote);

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Send(new PlaceOrder("1", "tea", 2, 700), tenant: "other");

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Equal(ProcessPhase.Compensated, world.Find("1", tenant: "other")!.Phase);
        Assert.Single(_remote.Effects);
    }

    [Fact]
    public void Tells_an_event_to_every_instance_that_it_is_for()
    {
        var world = new ProcessWorld();
        world.Start(Rooms.Module);
        world.Append("room-1", new Rooms.Booked("ann", "blue", "h1"), new Rooms.Booked("bob", "blue", "h2"), new Rooms.Booked("cid", "red", "h1"));

        world.Append("room-1", new Rooms.RoomClosed("blue"), new Rooms.HotelSold("h1"), new Rooms.GuestsLeft(["ann", "cid", "dan"]));

        Assert.Equal(["closed", "sold", "left"], Rooms.NotesOf(world, "ann"));
        Assert.Equal(["closed"], Rooms.NotesOf(world, "bob"));
        Assert.Equal(["sold", "left"], Rooms.NotesOf(world, "cid"));
        Assert.Equal(["unknown"], world.Records("dan", "stay").OfType<ProcessEvent.ProcessMissed>().Select(static one => one.Why));
    }

    [Fact]
    public void Finds_no_instance_by_what_it_was_associated_with_before()
    {
        var world = new ProcessWorld();
        world.Start(Rooms.Module);
        world.Append("room-1", new Rooms.Booked("ann", "blue", "h1"), new Rooms.Moved("ann", "blue", "red"));

        world.Append("room-1", new Rooms.RoomClosed("blue"));
        world.Append("room-1", new Rooms.RoomClosed("red"));

        Assert.Equal(["moved", "closed"], Rooms.NotesOf(world, "ann"));
        var missed = world.Read(EventQuery.OfStream(ProcessRecords.StreamOf("stay"))).Select(ProcessRecords.Read);
        Assert.Equal(["nobody is associated with room:blue"], missed.Cast<ProcessEvent.ProcessMissed>().Select(static one => one.Message));
    }

    [Fact]
    public void Waits_in_the_rows_where_too_many_steps_wait_in_memory()
    {
        var world = ProcessWorld.Selling(_remote, options: new() { WaitingMax = 2, CommandParallelism = 1 });

        var orders = Enumerable.Range(0, 40).Select(static n => (object)new Checkout.OrderPlaced($"{n}", "tea", 1, 10)).ToArray();
        world.Append("orders-all", orders);
        world.Pass(TimeSpan.FromSeconds(5));

        Assert.All(Enumerable.Range(0, 40), n => Assert.Equal(ProcessPhase.Completed, world.Find($"{n}")!.Phase));
        Assert.Equal(40, _remote.Effects.Count);
    }

    [Fact]
    public void Knows_instances_that_it_does_not_have_in_memory()
    {
        var world = ProcessWorld.Selling(_remote.Will(Enumerable.Repeat(Behaviour.Fails, 30).ToArray()), options: new() { InstancesMax = 1 });

        world.Append("orders-all", [.. Enumerable.Range(0, 30).Select(static n => (object)new Checkout.OrderPlaced($"{n}", "tea", 1, 10))]);
        world.Pass(TimeSpan.FromMinutes(2));

        Assert.All(Enumerable.Range(0, 30), n => Assert.Equal(ProcessPhase.Completed, world.Find($"{n}")!.Phase));
        Assert.Equal(30, _remote.Effects.Distinct().Count());
    }
}

/// <summary>Guests who stay at hotels: found by their name, by their room, and by their hotel.</summary>
internal static class Rooms
{
    public abstract record Event;

    public sealed record Booked(string Guest, string Room, string Hotel) : Event;

    public sealed record Moved(string Guest, string From, string To) : Event;

    public sealed record RoomClosed(string Room) : Event;

    public sealed record HotelSold(string Hotel) : Event;

    public sealed record GuestsLeft(string[] Guests) : Event;

    public sealed record State(string[] Notes)
    {
        public State With(string note) => new([.. Notes, note]);
    }

    public static readonly Module Module = new Module("rooms").Events(EventTypes.Of<Event>()).Runs(new Process<State>("stay")
        .Starts<Booked>(static booked => booked.Guest, static (booked, react) =>
        {
            react.Associate("room", booked.Room);
            react.Associate("hotel", booked.Hotel);
            return new State([]);
        })
        .On<Moved>(static moved => moved.Guest, static (state, moved, react) =>
        {
            react.Dissociate("room", moved.From);
            react.Associate("room", moved.To);
            return state.With("moved");
        })
        .OnAssociated<RoomClosed>("room", static closed => closed.Room, static (state, _, _) => state.With("closed"))
        .OnAssociated<HotelSold>("hotel", static sold => sold.Hotel, static (state, _, _) => state.With("sold"))
        .OnEach<GuestsLeft>(static (left, _) => left.Guests, static (state, _, _) => state.With("left")));

    public static IEnumerable<string> NotesOf(ProcessWorld world, string guest) =>
        world.Find(guest, "stay")!.State!.Value.GetProperty("notes").EnumerateArray().Select(static note => note.GetString()!);
}
