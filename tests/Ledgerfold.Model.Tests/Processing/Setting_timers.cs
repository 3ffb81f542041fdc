using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

public sealed class Setting_timers
{
    /// <summary>What a change says is done: <c>after 5</c>, <c>cancel</c>, <c>end</c>.</summary>
    private static readonly Process<Trip> Process = Trip
        .Process(static react => react.After("remind", TimeSpan.FromMinutes(30)))
        .Timer("remind", static (trip, react) => trip.Saw($"reminded at {react.Now:HH:mm}"))
        .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
        {
            if (changed.What.StartsWith("after", StringComparison.Ordinal))
                react.After("remind", TimeSpan.FromMinutes(int.Parse(changed.What[6..])));
            else if (changed.What == "cancel")
                react.Cancel("remind");
            else
                react.End();
            return trip.Saw($"due {react.DueOf("remind"):HH:mm}");
        }) with
    {
        StartsAgain = true,
    };

    private static Trip.TripChanged Change(string what) => new("1", what);

    [Fact]
    public void Fires_once()
    {
        var instance = Instance.Begun(Process);
        var remind = instance.Timer("remind");
        Assert.Equal(["TimerSet remind 12:30"], instance.Out);

        Assert.Equal(["TimerEnded remind"], instance.Fires("remind").Out);
        Assert.Null(instance.Fires(remind).Last);
        Assert.Equal(["reminded at 12:30"], instance.Log);
    }

    [Fact]
    public void Moves_the_one_of_that_name_so_that_the_old_time_is_of_no_effect()
    {
        var instance = Instance.Begun(Process);
        var old = instance.Timer("remind");

        Assert.Equal(["TimerMoved remind 12:05"], instance.Tell(Change("after 5")).Out);
        Assert.Null(instance.Fires(old).Last);
        Assert.Equal(["due 12:05", "reminded at 12:05"], instance.Fires("remind").Log);
    }

    [Fact]
    public void Takes_it_away()
    {
        var instance = Instance.Begun(Process);
        var old = instance.Timer("remind");

        Assert.Equal(["TimerEnded remind"], instance.Tell(Change("cancel")).Out);
        Assert.Empty(instance.Tell(Change("cancel")).Out);
        Assert.Null(instance.Fires(old).Last);
        Assert.Equal(["due ", "due "], instance.Log);
    }

    [Fact]
    public void Never_reaches_a_later_run_from_a_former_one()
    {
        var instance = Instance.Begun(Process);
        var old = instance.Timer("remind");

        instance.Tell(Change("end"));
        Assert.Equal(["TimerEnded remind", "Ended"], instance.Out);
        Assert.Null(instance.Fires(old).Last);
        instance.Tell(new Trip.TripPlanned("1"));
        Assert.Null(instance.Fires(old).Last);
        Assert.NotEqual(old.Serial, instance.Timer("remind").Serial);
        Assert.Empty(instance.Log);
    }

    [Fact]
    public void Keeps_whole_microseconds_of_a_time()
    {
        var odd = new DateTimeOffset(2026, 3, 2, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(123);
        var process = Trip.Process(react =>
        {
            react.At("x", odd);
            react.At("x", odd.AddTicks(10));
        });

        var due = Instance.Begun(process).Timer("x").Due;
        Assert.Equal((TimeSpan.Zero, Times.Cut(odd.AddTicks(10))), (due.Offset, due));
        var moved = Instance.Begun(process).Act(new OperatorAction.MoveTimer("x", odd));
        Assert.Equal(Times.Cut(odd), moved.Timer("x").Due);
    }

    [Fact]
    public void Holds_code_that_does_not_say_what_follows()
    {
        var instance = Instance.Begun(Trip.Process(static react => react.After("x", TimeSpan.Zero))).Fires("x");

        Assert.Contains("trip@1 does not say what follows on the timer x", instance.Now!.Error);
        Assert.Single(instance.Now.Timers);
    }

    [Fact]
    public void Holds_code_that_sets_one_where_nothing_is_reacted_to_any_more()
    {
        var process = Trip.Process(static react =>
        {
            react.Compensate("no");
            react.After("x", TimeSpan.Zero);
        });

        Assert.Contains("The timer x would reach nobody", Instance.Begun(process).Now!.Error);
    }

    [Fact]
    public void Is_told_as_unknown_where_there_is_no_instance() =>
        Assert.Equal("unknown", new Instance(Process).Tell(new ProcessEvent.TimerFired("trip", "1", 1, "x", default)).Missed);
}
