using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>An instance whose own code failed waits for somebody to act, and all that reaches it waits with it.</summary>
public sealed class Holding_an_instance
{
    private static Process<Trip> Process(string poison) => Trip
        .Process(
            react =>
            {
                if (poison == "start")
                    throw new InvalidOperationException("no start");
                react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
                react.After("remind", TimeSpan.FromMinutes(1));
            },
            "a")
        .Timer("remind", static (trip, _) => trip.Saw("reminded"))
        .On<Trip.TripChanged>(static changed => changed.Id, (trip, changed, react) =>
        {
            react.Run($"more {changed.What}", new Trip.Book("more"));
            return changed.What == poison ? throw new InvalidOperationException($"no {poison}") : trip.Saw(changed.What);
        });

    private static Trip.TripChanged Change(string what) => new("1", what);

    [Fact]
    public void Stands_as_it_did_before_the_input_that_failed()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x"));

        Assert.Equal(["Held InvalidOperationException: no x"], instance.Out);
        Assert.Equal("InvalidOperationException: no x", instance.Now!.Stuck);
        Assert.Equal([2L], instance.Now.Waiting);
        Assert.Equal(["a"], instance.Now.Steps.Select(static step => step.Name));
        Assert.Empty(instance.Log);
    }

    [Fact]
    public void Lets_everything_wait_and_takes_it_up_in_order_once_released()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x")).Tell(Change("y"));
        Assert.Equal(["Waits"], instance.Out);
        instance.Done("a").Fires("remind").Tell(Change("z"));
        Assert.Equal([2L, 3, 4, 5, 6], instance.Now!.Waiting);

        instance.Goes(Process("")).Act(new OperatorAction.Release());
        Assert.Equal(["x", "y", "a done", "reminded", "z"], instance.Log);
        Assert.Equal((null, 0), (instance.Now.Error, instance.Now.Waiting.Length));
        Assert.Null(instance.Now.Stuck);
    }

    [Fact]
    public void Is_held_again_where_it_fails_again_and_loses_nothing()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x")).Tell(Change("y")).Act(new OperatorAction.Release());

        Assert.NotNull(instance.Now!.Error);
        Assert.Equal([2L, 3], instance.Now.Waiting);
        Assert.Equal(["x", "y"], instance.Goes(Process("")).Act(new OperatorAction.Release()).Log);
    }

    [Fact]
    public void Is_held_at_the_next_one_that_fails()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x")).Tell(Change("y")).Tell(Change("z"));

        instance.Goes(Process("y")).Act(new OperatorAction.Release());
        Assert.Equal(["x"], instance.Log);
        Assert.Equal([3L, 4], instance.Now!.Waiting);
        Assert.Equal(["x", "y", "z"], instance.Goes(Process("")).Act(new OperatorAction.Release()).Log);
    }

    [Fact]
    public void Is_held_from_the_start_and_begins_once_released()
    {
        var instance = Instance.Begun(Process("start")).Tell(Change("x"));
        Assert.Equal(("InvalidOperationException: no start", null), (instance.Now!.Error, instance.Now.State));

        instance.Act(new OperatorAction.Release());
        Assert.NotNull(instance.Now.Error);
        Assert.Equal([1L, 2], instance.Now.Waiting);

        instance.Goes(Process("")).Act(new OperatorAction.Release());
        Assert.Equal(["x"], instance.Log);
        Assert.Equal((1, ProcessPhase.Running), (instance.Now.Run, instance.Phase));
        Assert.Equal(["a", "more x"], instance.Now.Steps.Select(static step => step.Name));
    }

    [Fact]
    public void Is_no_instance_where_what_began_it_begins_none_any_more()
    {
        var other = new Process<Trip>("trip").On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, _) => trip);
        var instance = Instance.Begun(Process("start")).Tell(Change("x")).Goes(other).Act(new OperatorAction.Release());

        Assert.Equal(("unknown", null), (instance.Missed, instance.Now!.Error));
        Assert.Equal("settled", instance.Answer(1, new StepOutcome(StepOutcomeKind.Done)).Missed);
        Assert.Equal(["NotApplied because"], instance.Act(new OperatorAction.Compensate()).Out);
        Assert.Equal(ProcessPhase.Running, instance.Goes(Process("")).Tell(new Trip.TripPlanned("1")).Phase);
        Assert.Equal((1, 1), (instance.Now.Run, instance.Now.Steps.Length));
    }

    [Fact]
    public void Can_be_ended_and_what_waited_finds_it_ended()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x")).Tell(Change("y")).Done("a").Act(new OperatorAction.Terminate());

        Assert.Equal((ProcessPhase.Terminated, null), (instance.Phase, instance.Now!.Error));
        var missed = instance.Records.OfType<ProcessEvent.ProcessMissed>().Select(static one => $"{one.In.Position} {one.Why}");
        Assert.Equal(["3 ended", "4 settled"], missed);
    }

    [Fact]
    public void Can_be_ended_where_it_never_began()
    {
        var instance = Instance.Begun(Process("start")).Tell(Change("x")).Act(new OperatorAction.Terminate());

        Assert.Equal((ProcessPhase.Terminated, "ended"), (instance.Phase, instance.Missed));
        Assert.Equal("ended", instance.Goes(Process("")).Tell(new Trip.TripPlanned("1")).Missed);
        instance.Goes(Process("") with { StartsAgain = true }).Tell(new Trip.TripPlanned("1"));
        Assert.Equal((ProcessPhase.Running, 2), (instance.Phase, instance.Now!.Run));
    }

    [Fact]
    public void Lets_other_operator_actions_wait_too()
    {
        var instance = Instance.Begun(Process("x")).Tell(Change("x")).Act(new OperatorAction.FireTimer("remind"));
        Assert.Equal(["Waits"], instance.Out);

        Assert.Equal(["x", "reminded"], instance.Goes(Process("")).Act(new OperatorAction.Release()).Log);
    }

    [Fact]
    public void Takes_up_what_waited_at_the_time_of_the_release()
    {
        var process = Process("").Done("more x", static (trip, _, react) => trip.Saw($"{react.Now:HH:mm}"));
        var instance = Instance.Begun(process).Tell(Change("x")).Goes(Process("").Done("more x", static (_, _, _) => throw new FormatException()))
            .Done("more x");

        instance.Goes(process).After(TimeSpan.FromHours(2)).Act(new OperatorAction.Release());
        Assert.Equal(["x", "14:00"], instance.Log);
    }

    [Fact]
    public void Says_so_where_there_is_nothing_to_release() =>
        Assert.Equal(["NotApplied because"], Instance.Begun(Process("")).Act(new OperatorAction.Release()).Out);
}
