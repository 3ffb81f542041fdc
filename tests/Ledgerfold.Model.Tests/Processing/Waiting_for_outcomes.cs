using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>Steps that are not answered in time, answered late, or never.</summary>
public sealed class Waiting_for_outcomes
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>A booking that is done, then a payment that can be asked for or not.</summary>
    private static Process<Trip> Paying(object pay) => Trip.Process(
        react =>
        {
            react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
            react.Run("pay", pay, undo: new Trip.Refund("1"), within: Minute);
        },
        "a",
        "pay");

    private static Process<Trip> Going(object pay) => Paying(pay)
        .Failed("pay", static (trip, failed, _) => trip.Saw($"pay {failed.Code} {failed.IsOverdue}"));

    [Fact]
    public void Is_of_no_effect_when_the_deadline_comes_after_the_answer()
    {
        var instance = Instance.Begun(Paying(new Trip.Charge("1")));
        var deadline = instance.Timer("pay in time");

        Assert.Equal(["StepClosed pay", "TimerEnded pay in time"], instance.Done("pay").Out);
        Assert.Null(instance.Fires(deadline).Last);
    }

    [Fact]
    public void Compensates_where_nobody_says_otherwise_and_waits_for_the_outcome_only_before_it_ends()
    {
        var instance = Instance.Begun(Paying(new Trip.Charge("1"))).Done("a").Fires("pay");
        Assert.Equal(["TimerEnded pay in time", "CompensationBegun pay: its time is up", "undo a"], instance.Out);

        instance.Undone("a");
        Assert.Equal(ProcessPhase.Compensating, instance.Phase);
        Assert.Equal(["StepClosed pay", "undo pay"], instance.Done("pay").Out);
        Assert.Equal(ProcessPhase.Compensated, instance.Undone("pay").Phase);
        Assert.Equal(["a done"], instance.Log);
    }

    [Fact]
    public void Ends_when_the_overdue_step_turns_out_not_to_be_done()
    {
        var instance = Instance.Begun(Paying(new Trip.Charge("1"))).Done("a").Fires("pay").Undone("a").Failed("pay");

        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
        Assert.Equal(["a", "pay", "undo a"], instance.Begins);
    }

    [Fact]
    public void Undoes_a_step_that_may_never_be_known_as_if_it_were_done()
    {
        var instance = Instance.Begun(Paying(Trip.Unsure("1"))).Done("a").Fires("pay");
        Assert.Equal(["TimerEnded pay in time", "CompensationBegun pay: its time is up", "undo pay"], instance.Out);

        instance.Undone("pay").Undone("a");
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
    }

    [Fact]
    public void Misses_an_answer_that_comes_while_the_step_is_undone_already()
    {
        var instance = Instance.Begun(Paying(Trip.Unsure("1"))).Done("a");
        var pay = instance.OpenStep("pay");

        Assert.Equal("settled", instance.Fires("pay").Answer(pay, new StepOutcome(StepOutcomeKind.Done)).Missed);
    }

    [Fact]
    public void Undoes_a_step_that_was_given_up_as_if_it_were_done()
    {
        var instance = Instance.Begun(Paying(Trip.Unsure("1"))).Done("a").Unknown("pay");

        Assert.Equal(["TimerEnded pay in time", "CompensationBegun pay: GIVEN_UP", "undo pay"], instance.Out);
        Assert.Equal(["undo a"], instance.Undone("pay").Out.Skip(1));
    }

    [Fact]
    public void Gives_up_while_it_compensates()
    {
        var instance = Instance.Begun(Paying(new Trip.Charge("1"))).Done("a").Fires("pay").Undone("a").Unknown("pay");

        Assert.Equal(["undo pay"], instance.Out);
        Assert.Equal(ProcessPhase.Compensated, instance.Undone("pay").Phase);
    }

    [Fact]
    public void Tells_the_process_that_the_time_is_up_and_undoes_what_turns_out_done_late()
    {
        var instance = Instance.Begun(Going(new Trip.Charge("1"))).Done("a").Fires("pay");
        Assert.Equal(["a done", "pay OVERDUE True"], instance.Log);

        instance.Done("pay");
        Assert.Equal(["StepClosed pay", "undo pay"], instance.Out);
        Assert.Equal(["a done", "pay OVERDUE True"], instance.Undone("pay").Log);
        Assert.Equal((ProcessPhase.Running, "a"), (instance.Phase, Assert.Single(instance.Now!.Steps).Name));
    }

    [Fact]
    public void Tells_the_process_what_turns_out_done_late_where_it_asks_and_keeps_it_to_be_undone()
    {
        var process = Going(new Trip.Charge("1")).Late("pay", static (trip, _, react) =>
        {
            react.Compensate("changed our mind");
            return trip.Saw("pay late");
        });

        var instance = Instance.Begun(process).Done("a").Fires("pay").Done("pay");
        Assert.Equal(["a done", "pay OVERDUE True", "pay late"], instance.Log);
        Assert.Equal(["StepClosed pay", "CompensationBegun changed our mind", "undo pay"], instance.Out);
    }

    [Fact]
    public void Says_nothing_more_when_a_step_that_was_told_failed_fails_late()
    {
        var instance = Instance.Begun(Going(new Trip.Charge("1"))).Done("a").Fires("pay").Failed("pay");

        Assert.Equal(["a done", "pay OVERDUE True"], instance.Log);
        Assert.Equal((ProcessPhase.Running, "StepClosed pay"), (instance.Phase, Assert.Single(instance.Out)));
    }

    [Fact]
    public void Says_nothing_more_when_a_step_that_was_told_failed_is_given_up()
    {
        var process = Going(new Trip.Charge("1")).Finished(["pay"], static (trip, _) => trip.Saw("finished"));
        var instance = Instance.Begun(process).Done("a").Fires("pay").Unknown("pay");

        Assert.Equal(["a done", "pay OVERDUE True", "finished"], instance.Log);
        instance.Act(new OperatorAction.Compensate());
        Assert.Equal(["CompensationBegun because", "undo pay"], instance.Out);
    }

    [Fact]
    public void Can_undo_at_once_what_nobody_will_ever_know_of_and_try_another_way()
    {
        var process = Paying(Trip.Unsure("1")).Failed("pay", static (trip, _, react) =>
        {
            react.Undo("pay");
            react.Run("pay", new Trip.Charge("2"), undo: new Trip.Refund("2"));
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Unknown("pay");
        Assert.Equal(["TimerEnded pay in time", "undo pay", "pay"], instance.Out);
        instance.Undone("pay").Done("pay").Act(new OperatorAction.Compensate());
        Assert.Equal(["CompensationBegun because", "undo pay"], instance.Out);
    }

    [Fact]
    public void Undoes_after_the_end_what_was_overdue_and_turns_out_done()
    {
        var process = Paying(new Trip.Charge("1")).Failed("pay", static (trip, _, react) =>
        {
            react.End();
            return trip;
        });

        var instance = Instance.Begun(process).Done("a").Fires("pay");
        Assert.Equal(ProcessPhase.Completed, instance.Phase);

        Assert.Equal(["undo pay"], instance.Done("pay").Out);
        Assert.Equal(["StepClosed pay"], instance.Undone("pay").Out);
        Assert.Equal((ProcessPhase.Completed, 0), (instance.Phase, instance.Now!.Steps.Length));
    }

    [Theory]
    [InlineData(StepOutcomeKind.Done)]
    [InlineData(StepOutcomeKind.Failed)]
    [InlineData(StepOutcomeKind.Unknown)]
    internal void Leaves_after_the_end_what_the_process_left_on_its_way(StepOutcomeKind kind)
    {
        var process = Paying(new Trip.Charge("1")).On<Trip.TripChanged>(static changed => changed.Id, static (trip, _, react) =>
        {
            react.End();
            return trip;
        });
        var instance = Instance.Begun(process).Done("a").Tell(new Trip.TripChanged("1", ""));
        Assert.Equal(["TimerEnded pay in time", "Ended"], instance.Out);

        instance.Answer(instance.OpenStep("pay"), new StepOutcome(kind, "X"));
        Assert.Equal(["StepClosed pay"], instance.Out);
        Assert.Empty(instance.Now!.Steps);
    }

    [Fact]
    public void Misses_what_is_answered_after_an_operator_ended_it()
    {
        var instance = Instance.Begun(Paying(new Trip.Charge("1")));
        var pay = instance.OpenStep("pay");

        Assert.Equal("settled", instance.Act(new OperatorAction.Terminate()).Answer(pay, new StepOutcome(StepOutcomeKind.Done)).Missed);
    }

    [Fact]
    public void Settles_in_a_later_run_what_a_former_one_left_without_telling_it()
    {
        var process = (Paying(new Trip.Charge("1")) with { StartsAgain = true })
            .Failed("pay", static (trip, _, react) =>
            {
                react.End();
                return trip;
            })
            .Late("pay", static (trip, _, _) => trip.Saw("pay late"))
            .Finished(["a", "pay"], static (trip, _) => trip.Saw("finished"));
        var instance = Instance.Begun(process).Done("a").Fires("pay");
        var first = instance.OpenStep("pay");
        instance.Tell(new Trip.TripPlanned("1"));
        Assert.Equal((2, null), (instance.Now!.Run, instance.Now.Error));
        var second = instance.OpenStep("pay");
        Assert.NotEqual(first, second);

        instance.Answer(first, new StepOutcome(StepOutcomeKind.Done));
        Assert.Equal(["undo pay"], instance.Out);
        instance.Done("a").Answer(second, new StepOutcome(StepOutcomeKind.Done));
        Assert.Equal(["a done", "pay done", "finished"], instance.Log);
    }

    [Fact]
    public void Does_not_wait_in_a_later_run_for_what_a_former_one_left()
    {
        var process = (Paying(new Trip.Charge("1")) with { StartsAgain = true }).Failed("pay", static (trip, failed, react) =>
        {
            if (failed.IsOverdue)
                react.End();
            else
                react.Compensate("no money");
            return trip;
        });
        var instance = Instance.Begun(process).Done("a").Fires("pay").Tell(new Trip.TripPlanned("1"));

        instance.Done("a").Failed("pay").Undone("a");
        Assert.Equal(ProcessPhase.Compensated, instance.Phase);
        Assert.True(Assert.Single(instance.Now!.Steps).LeftOver);
    }

    [Fact]
    public void Undoes_at_the_end_what_nobody_will_ever_know_of()
    {
        var instance = Instance.Begun(Paying(Trip.Unsure("1")).Failed("pay", static (trip, _, react) =>
        {
            react.End();
            return trip;
        })).Done("a").Fires("pay");

        Assert.Equal((ProcessPhase.Completed, "undo pay"), (instance.Phase, instance.Begins.Last()));
        Assert.Empty(instance.Undone("pay").Now!.Steps);
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("timers")]
    public void Is_held_where_there_are_more_of_them_than_a_row_could_show(string what)
    {
        var instance = Instance.Begun(Trip.Process(static _ => { })
            .On<Trip.TripChanged>(static changed => changed.Id, static (trip, changed, react) =>
            {
                for (var n = 0; n < 1_001; n++)
                {
                    if (changed.What == "steps")
                        react.Run("a", new Trip.Book("a"), of: $"{n}");
                    else
                        react.After($"{n}", Minute);
                }

                return trip;
            }));

        Assert.Contains($"at most 1000 {what}", instance.Tell(new Trip.TripChanged("1", what)).Now!.Error, StringComparison.Ordinal);
    }
}
