using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

public sealed class Taking_back
{
    private static void RunAll(Reactions react, params string[] steps)
    {
        foreach (var step in steps)
            react.Run(step, new Trip.Book(step), undo: new Trip.Cancel(step));
    }

    private static Process<Trip> Three { get; } = Trip.Process(static react => RunAll(react, "a", "b", "c"), "a", "b", "c");

    [Fact]
    public void Undoes_in_reverse_what_was_done_and_one_at_a_time()
    {
        var instance = Instance.Begun(Three).Done("c").Done("a").Failed("b");
        Assert.Equal(["StepClosed b", "CompensationBegun b: NO", "undo c"], instance.Out);
        Assert.Equal(ProcessPhase.Compensating, instance.Phase);
        Assert.Equal("b: NO", instance.Now!.Reason);

        instance.Undone("c");
        Assert.Equal(["StepClosed c", "undo a"], instance.Out);

        instance.Undone("a");
        Assert.Equal(["StepClosed a", "Ended"], instance.Out);
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
        Assert.Empty(instance.Now.Steps);
    }

    [Fact]
    public void Asks_for_what_was_given_to_take_a_step_back()
    {
        var instance = Instance.Begun(Three).Done("a").Done("b").Failed("c");

        var undo = instance.Now!.Steps.Single(static step => step.Undoes is not null);
        Assert.Equal("""Cancel {"what":"b"} undoes 2""", $"{undo.Work!.Name} {undo.Work.Data} undoes {undo.Undoes}");
    }

    [Fact]
    public void Waits_for_steps_on_their_way_and_undoes_them_in_their_turn()
    {
        var instance = Instance.Begun(Three).Done("a").Failed("b");
        Assert.DoesNotContain(instance.Begins, static one => one.StartsWith("undo", StringComparison.Ordinal));

        instance.Done("c");
        Assert.Equal(["StepClosed c", "undo c"], instance.Out);
        Assert.Equal(["a done"], instance.Log);
        Assert.Equal(["undo a"], instance.Undone("c").Out.Skip(1));
    }

    [Fact]
    public void Passes_over_a_step_on_its_way_that_fails_in_the_end()
    {
        var instance = Instance.Begun(Three).Done("a").Failed("b").Failed("c");

        Assert.Equal(["StepClosed c", "undo a"], instance.Out);
    }

    [Fact]
    public void Passes_over_a_step_that_needs_no_undoing()
    {
        var process = Trip.Process(
            static react =>
            {
                react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
                react.Run("note", new Trip.Book("note"));
                react.Run("b", new Trip.Book("b"));
            },
            "a",
            "note",
            "b");

        var instance = Instance.Begun(process).Done("a").Done("note").Failed("b").Undone("a");
        Assert.Equal(["a", "note", "b", "undo a"], instance.Begins);
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Fact]
    public void Ends_at_once_where_nothing_was_done()
    {
        var instance = Instance.Begun(Three).Failed("a").Failed("b").Failed("c");

        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
        Assert.Equal(["a", "b", "c"], instance.Begins);
    }

    [Fact]
    public void Keeps_the_first_reason()
    {
        var instance = Instance.Begun(Three).Failed("a").Failed("b").Failed("c");

        Assert.Equal("a: NO", instance.Now!.Reason);
    }

    [Fact]
    public void Takes_the_timers_away_and_reacts_to_nothing_else()
    {
        var process = Trip
            .Process(
                static react =>
                {
                    RunAll(react, "a", "b");
                    react.After("remind", TimeSpan.FromHours(1));
                },
                "a")
            .Timer("remind", static (trip, _) => trip.Saw("reminded"))
            .On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, _) => trip.Saw("changed"));
        var instance = Instance.Begun(process);
        var remind = instance.Timer("remind");

        instance.Done("a").Failed("b");
        Assert.Empty(instance.Now!.Timers);
        Assert.Null(instance.Fires(remind).Last);
        Assert.Equal("compensating", instance.Tell(new Trip.TripChanged("1", "x")).Missed);
        Assert.Equal(["a done"], instance.Log);
    }

    [Fact]
    public void Waits_no_longer_than_the_deadline_of_a_step_that_can_be_late()
    {
        var process = Trip.Process(
            static react =>
            {
                react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
                react.Run("pay", new Trip.Charge("1"), undo: new Trip.Refund("1"), within: TimeSpan.FromMinutes(1));
                react.Run("b", new Trip.Book("b"));
            },
            "a");

        var instance = Instance.Begun(process).Done("a").Failed("b");
        Assert.Equal(["StepClosed b", "CompensationBegun b: NO"], instance.Out);
        Assert.Equal(["TimerEnded pay in time", "undo a"], instance.Fires("pay").Out);
    }

    [Fact]
    public void Does_what_is_to_be_done_afterwards_once_everything_is_undone()
    {
        var process = Three.Compensated(static (trip, react) =>
        {
            react.Run("apologise", new Trip.Book("sorry"), undo: new Trip.Cancel("sorry"));
            return trip.Saw($"compensated because {react.Reason}");
        });

        var instance = Instance.Begun(process).Done("a").Failed("b").Failed("c").Undone("a");
        Assert.Equal(["StepClosed a", "apologise"], instance.Out);
        Assert.Equal(ProcessPhase.Compensating, instance.Phase);

        instance.Done("apologise");
        Assert.Equal(["StepClosed apologise", "Ended"], instance.Out);
        Assert.Equal(["a done", "compensated because b: NO"], instance.Log);
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Theory]
    [InlineData(StepOutcomeKind.Failed)]
    [InlineData(StepOutcomeKind.Unknown)]
    internal void Is_stuck_where_what_is_to_be_done_afterwards_fails(StepOutcomeKind kind)
    {
        var process = Three.Compensated(static (trip, react) =>
        {
            react.Run("apologise", new Trip.Mail("sorry"));
            return trip;
        });
        var instance = Instance.Begun(process).Failed("a").Failed("b").Failed("c");

        instance.Answer(instance.OpenStep("apologise"), new StepOutcome(kind, "NO"));
        Assert.StartsWith("apologise failed", instance.Now!.Stuck);
        instance.Act(new OperatorAction.RetryStep(instance.Step("apologise").Serial)).Done("apologise");
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Fact]
    public void Is_stuck_where_an_undo_fails_until_it_is_tried_again()
    {
        var instance = Instance.Begun(Three).Done("a").Done("b").Failed("c").UndoFailed("b");
        Assert.Equal("b failed: NO", instance.Now!.Stuck);
        Assert.Empty(instance.Out);
        var failed = instance.Now.Steps.Single(static step => step.Undoes is not null);

        instance.Act(new OperatorAction.RetryStep(failed.Serial));
        Assert.Equal(["undo b"], instance.Out);
        Assert.Null(instance.Now.Stuck);
        var retried = instance.Now.Steps.Single(static step => step.Undoes is not null);
        Assert.NotEqual(failed.Serial, retried.Serial);
        Assert.Equal(failed.Undoes, retried.Undoes);

        instance.Undone("b").Undone("a");
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Fact]
    public void Is_stuck_where_an_undo_is_given_up_until_it_is_settled_by_hand()
    {
        var instance = Instance.Begun(Three).Done("a").Done("b").Failed("c");
        var undo = instance.OpenUndo("b");

        instance.Answer(undo, new StepOutcome(StepOutcomeKind.Unknown, "GIVEN_UP"));
        Assert.Equal("b failed: GIVEN_UP", instance.Now!.Stuck);
        Assert.Equal(["StepClosed b", "undo a"], instance.Act(new OperatorAction.SettleStep(undo)).Out);
    }

    [Fact]
    public void Undoes_one_step_before_its_turn_and_not_again()
    {
        var process = Three.On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
        {
            react.Undo(changed.What);
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Done("b").Tell(new Trip.TripChanged("1", "a"));
        Assert.Equal(["undo a"], instance.Out);
        Assert.Empty(instance.Tell(new Trip.TripChanged("1", "a")).Out);
        Assert.Empty(instance.Tell(new Trip.TripChanged("1", "c")).Out);

        instance.Failed("c"); // waits for the undo that goes on
        Assert.Equal(["StepClosed c", "CompensationBegun c: NO"], instance.Out);
        instance.Undone("a").Undone("b");
        Assert.Equal(["a", "b", "c", "undo a", "undo b"], instance.Begins);
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Fact]
    public void Runs_a_step_again_while_the_one_before_is_undone()
    {
        var process = Three.On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, react) =>
        {
            react.Undo("a");
            react.Run("a", new Trip.Book("another"), undo: new Trip.Cancel("another"));
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Done("b").Tell(new Trip.TripChanged("1", "")).Done("a").Undone("a").Failed("c");
        Assert.Equal(["a", "b", "c", "undo a", "a", "undo a"], instance.Begins);
        Assert.Equal(["undo b"], instance.Undone("a").Out.Skip(1));
    }

    [Fact]
    public void Keeps_the_undo_that_failed_where_the_instance_ends_without_it()
    {
        var process = Three.On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
        {
            if (changed.What == "undo")
                react.Undo("a");
            else
                react.End();
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Done("b").Done("c").Tell(new Trip.TripChanged("1", "undo")).UndoFailed("a")
            .Tell(new Trip.TripChanged("1", "end"));
        Assert.Equal((ProcessPhase.Completed, "a failed: NO"), (instance.Phase, instance.Now!.Stuck));

        instance.Act(new OperatorAction.RetryStep(instance.Now.Steps.Single(static step => step.Undoes is not null).Serial)).Undone("a");
        Assert.Empty(instance.Now.Steps);
        Assert.Null(instance.Now.Stuck);
    }
}
