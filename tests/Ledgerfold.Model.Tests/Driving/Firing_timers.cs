using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Firing_timers
{
    private static readonly Behaviour[] Down = [.. Enumerable.Repeat(Behaviour.Fails, 1_000)];

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Fires_when_it_is_time_and_not_before(Backend backend)
    {
        var world = Waiting(backend);

        world.Pass(TimeSpan.FromSeconds(9 * 60 + 59));
        Assert.Empty(Fired(world));
        world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(["pay in time"], Fired(world));
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
    }

    [Fact]
    public void Fires_once_however_often_it_is_found()
    {
        var world = Waiting();
        world.Start(Checkout.Module(new Remote().Will(Down)));
        world.Start(Checkout.Module(new Remote().Will(Down)));

        world.Pass(TimeSpan.FromMinutes(30));

        Assert.Equal(["pay in time"], Fired(world));
    }

    [Fact]
    public void Fires_after_a_start_what_fell_due_meanwhile()
    {
        var world = Waiting(Backend.Embedded);

        world.Crash();
        world.Clock.Advance(TimeSpan.FromHours(5));
        world.Start(Checkout.Module(new Remote().Will(Down)));
        world.Settle();

        Assert.Equal(["pay in time", "abandoned"], Fired(world));
    }

    [Fact]
    public void Notices_that_the_clock_was_set_forward()
    {
        var world = Waiting();

        world.Clock.ShiftWallClock(TimeSpan.FromHours(2));
        world.Pass(world.Options.ClockCheckEvery);

        Assert.Contains("pay in time", Fired(world));
    }

    [Fact]
    public void Waits_for_the_time_to_come_again_when_the_clock_was_set_back()
    {
        var world = Waiting();

        world.Clock.ShiftWallClock(TimeSpan.FromHours(-1));
        world.Pass(TimeSpan.FromMinutes(30));
        Assert.Empty(Fired(world));
        world.Pass(TimeSpan.FromMinutes(41));

        Assert.Equal(["pay in time"], Fired(world));
    }

    [Fact]
    public void Fires_another_time_when_it_is_moved()
    {
        var world = Placed();

        var due = world.Clock.GetUtcNow() + TimeSpan.FromSeconds(30);
        Assert.IsType<AppendOutcome.Appended>(world.Act("1", new OperatorAction.MoveTimer("abandoned", due)));
        world.Pass(TimeSpan.FromSeconds(29));
        Assert.Empty(Fired(world));
        world.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(["abandoned"], Fired(world));
    }

    [Fact]
    public void Fires_the_next_of_the_same_instance_in_its_time_too()
    {
        var world = Placed();

        world.Act("1", new OperatorAction.MoveTimer("abandoned", world.Clock.GetUtcNow() + TimeSpan.FromSeconds(590)));
        world.Pass(TimeSpan.FromSeconds(595));
        Assert.Equal(["abandoned"], Fired(world));
        world.Pass(TimeSpan.FromSeconds(6));

        Assert.Equal(["abandoned", "pay in time"], Fired(world));
    }

    [Fact]
    public void Never_fires_once_it_is_taken_away()
    {
        var world = Placed();

        world.Act("1", new OperatorAction.CancelTimer("abandoned"));
        world.Pass(TimeSpan.FromHours(3));

        Assert.DoesNotContain("abandoned", Fired(world));
    }

    [Fact]
    public void Never_fires_after_the_end_of_its_instance()
    {
        var world = ProcessWorld.Selling(new Remote());

        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromHours(3));

        Assert.Empty(Fired(world));
        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
    }

    [Fact]
    public void Does_no_harm_when_it_fires_while_its_instance_ends()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        var timer = world.Find("1")!.Timers.Single(static one => one.Name == "abandoned");
        var fired = new ProcessEvent.TimerFired("checkout", "1", timer.Serial, timer.Name, timer.Due);
        var item = ProcessRecords.Write(fired, ProcessRecords.IdOfTimer("checkout", "1", timer.Serial), null, null);

        world.Append("order-1", new Checkout.OrderCancelled("1"));
        world.Append("$process-checkout.1", item);
        remote.LetGo();
        world.Settle();

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Equal(["OrderPlaced", "OrderCancelled", "OrderRejected"], world.TypesIn("order-1"));
    }

    /// <summary>An order that waits for a payment that does not come.</summary>
    private static ProcessWorld Waiting(Backend backend = Backend.InMemory)
    {
        var world = ProcessWorld.Selling(new Remote().Will(Down), backend);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        return world;
    }

    private static ProcessWorld Placed()
    {
        var world = ProcessWorld.Selling(new Remote { IsSilent = true }.Will(Behaviour.Hangs));
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        return world;
    }

    private static string[] Fired(ProcessWorld world) => [.. world.Records("1").OfType<ProcessEvent.TimerFired>().Select(static one => one.Name)];
}
