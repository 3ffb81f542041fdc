using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>What follows behind the pivot.</summary>
public sealed class Going_forward_only
{
    private static Process<Trip> Process(object ship) => Trip
        .Process(static react => react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a")))
        .Done("a", (trip, _, react) =>
        {
            react.Pivot();
            react.Run("ship", ship, undo: new Trip.Cancel("ship"), within: TimeSpan.FromMinutes(1));
            return trip.Saw("a done");
        })
        .Done("ship", static (trip, _, react) =>
        {
            react.End();
            return trip.Saw("shipped");
        });

    [Fact]
    public void Forgets_how_to_undo_what_was_done_and_what_is_done_from_here_on()
    {
        var instance = Instance.Begun(Process(new Trip.Book("ship"))).Done("a");

        Assert.Equal(["StepClosed a", "Pivoted", "ship", "TimerSet ship in time 12:01"], instance.Out);
        Assert.Null(Assert.Single(instance.Now!.Steps).Undo);
        Assert.Equal(ProcessPhase.Completed, instance.Done("ship").Phase);
    }

    [Fact]
    public void Is_stuck_where_a_step_fails_until_it_is_tried_again_under_a_new_number()
    {
        var instance = Instance.Begun(Process(new Trip.Book("ship"))).Done("a");
        var first = instance.OpenStep("ship");
        instance.Failed("ship");
        Assert.Equal((ProcessPhase.Running, "ship failed: NO"), (instance.Phase, instance.Now!.Stuck));
        Assert.Empty(instance.Now.Timers);

        instance.After(TimeSpan.FromHours(1)).Act(new OperatorAction.RetryStep(first));
        Assert.Equal(["ship", "TimerSet ship in time 13:01"], instance.Out);
        Assert.NotEqual(first, instance.OpenStep("ship"));
        instance.Done("ship");
        Assert.Equal(["a done", "shipped"], instance.Log);
    }

    [Fact]
    public void Goes_on_where_a_failed_step_is_settled_by_hand()
    {
        var instance = Instance.Begun(Process(new Trip.Book("ship"))).Done("a").Failed("ship");

        instance.Act(new OperatorAction.SettleStep(instance.Step("ship").Serial));
        Assert.Equal(["a done", "shipped"], instance.Log);
        Assert.Equal(ProcessPhase.Completed, instance.Phase);
    }

    [Fact]
    public void Waits_for_an_overdue_step_and_goes_on_when_it_is_done_after_all()
    {
        var instance = Instance.Begun(Process(new Trip.Book("ship"))).Done("a").Fires("ship");
        Assert.Equal((ProcessPhase.Running, null), (instance.Phase, instance.Now!.Stuck));

        Assert.Equal(["a done", "shipped"], instance.Done("ship").Log);
    }

    [Fact]
    public void Is_stuck_where_an_overdue_step_fails_after_all()
    {
        var instance = Instance.Begun(Process(new Trip.Book("ship"))).Done("a").Fires("ship").Failed("ship");

        Assert.Equal("ship failed: NO", instance.Now!.Stuck);
    }

    [Fact]
    public void Is_stuck_where_an_overdue_step_is_given_up()
    {
        var instance = Instance.Begun(Process(new Trip.Charge("ship"))).Done("a").Fires("ship").Unknown("ship");

        Assert.Equal("ship failed: GIVEN_UP", instance.Now!.Stuck);
    }

    [Fact]
    public void Is_stuck_where_a_step_that_may_never_be_known_is_overdue_and_goes_on_when_it_is_answered_after_all()
    {
        var instance = Instance.Begun(Process(Trip.Unsure("ship"))).Done("a");
        var ship = instance.OpenStep("ship");

        Assert.Equal("ship failed: its time is up", instance.Fires("ship").Now!.Stuck);
        instance.Answer(ship, new StepOutcome(StepOutcomeKind.Done));
        Assert.Equal(["a done", "shipped"], instance.Log);
    }

    [Fact]
    public void Tells_a_process_that_asks_to_be_told()
    {
        var process = Process(new Trip.Book("ship")).Failed("ship", static (trip, failed, react) =>
        {
            react.Run("courier", new Trip.Book("courier"));
            return trip.Saw($"ship {failed.Code}");
        });

        var instance = Instance.Begun(process).Done("a").Failed("ship");
        Assert.Equal(["StepClosed ship", "TimerEnded ship in time", "courier"], instance.Out);
        Assert.Null(instance.Now!.Stuck);
    }

    [Fact]
    public void Holds_code_that_wants_to_go_back()
    {
        var process = Process(new Trip.Book("ship")).Failed("ship", static (trip, _, react) =>
        {
            react.Compensate("no");
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Failed("ship");
        Assert.Contains("no way back behind the pivot", instance.Now!.Error);
        Assert.Equal(["NotApplied because"], Instance.Begun(process).Done("a").Act(new OperatorAction.Compensate()).Out);
    }

    [Fact]
    public void Holds_code_that_turns_forward_while_it_goes_back()
    {
        var process = Trip.Process(
            static react =>
            {
                react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
                react.Compensate("no");
                react.Pivot();
            },
            "a");

        Assert.Contains("There is no pivot any more", Instance.Begun(process).Now!.Error);
    }

    [Fact]
    public void Leaves_alone_what_a_former_run_has_to_undo()
    {
        var process = Process(new Trip.Book("ship")) with { StartsAgain = true };
        var late = process.Failed("a", static (trip, _, react) =>
        {
            react.End();
            return trip;
        });
        var slow = late with
        {
            Starting = late.Starting.Clear(),
        };
        slow = slow.Starts<Trip.TripPlanned>(static planned => planned.Id, static (_, react) =>
        {
            react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"), within: TimeSpan.FromMinutes(1));
            return Trip.Planned;
        });
        var instance = Instance.Begun(slow);
        var first = instance.OpenStep("a");
        instance.Fires("a").Tell(new Trip.TripPlanned("1")).Done("a");

        Assert.True(instance.Now!.Pivoted);
        Assert.Equal(["undo a"], instance.Answer(first, new StepOutcome(StepOutcomeKind.Done)).Out);
    }
}
