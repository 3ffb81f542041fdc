using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Processing;

/// <summary>What operators do, and where it does not apply.</summary>
public sealed class Stepping_in
{
    private static readonly Process<Trip> Process = Trip
        .Process(
            static react =>
            {
                react.Run("a", new Trip.Book("a"), undo: new Trip.Cancel("a"));
                react.Run("pay", new Trip.Charge("1"), undo: new Trip.Refund("1"), within: TimeSpan.FromMinutes(1));
                react.After("remind", TimeSpan.FromMinutes(30));
            },
            "a",
            "pay")
        .Failed("pay", static (trip, _, _) => trip.Saw("pay failed"))
        .Timer("remind", static (trip, react) => trip.Saw($"reminded at {react.Now:HH:mm}"));

    public static TheoryData<OperatorAction> NotApplying =>
    [
        new OperatorAction.RetryStep(1),
        new OperatorAction.RetryStep(99),
        new OperatorAction.SettleStep(1),
        new OperatorAction.SettleStep(99),
        new OperatorAction.FireTimer("other"),
        new OperatorAction.FireTimer("pay in time"),
        new OperatorAction.MoveTimer("other", DateTimeOffset.UnixEpoch),
        new OperatorAction.CancelTimer("other"),
        new OperatorAction.Release(),
    ];

    [Theory]
    [MemberData(nameof(NotApplying))]
    public void Says_so_where_it_does_not_apply(OperatorAction action)
    {
        var instance = Instance.Begun(Process);
        var before = instance.Now!;

        Assert.Equal(["NotApplied because"], instance.Act(action).Out);
        Assert.Equal(before.Steps.Length, instance.Now!.Steps.Length);
        Assert.Equal(before.Timers, instance.Now.Timers);
        Assert.Equal(before.Phase, instance.Phase);
    }

    [Fact]
    public void Applies_nothing_to_one_that_has_ended()
    {
        OperatorAction[] actions =
        [
            new OperatorAction.Compensate(), new OperatorAction.Terminate(), new OperatorAction.FireTimer("remind"),
            new OperatorAction.MoveTimer("remind", DateTimeOffset.UnixEpoch), new OperatorAction.Release(),
        ];
        var instance = Instance.Begun(Process).Act(new OperatorAction.Terminate());

        Assert.All(actions, action => Assert.Equal(["NotApplied because"], instance.Act(action).Out));
        Assert.Equal((ProcessPhase.Terminated, "because"), (instance.Phase, instance.Now!.Reason));
    }

    [Fact]
    public void Is_told_as_missed_where_there_is_no_instance() =>
        Assert.Equal("unknown", new Instance(Process).Act(new OperatorAction.Compensate()).Missed);

    [Fact]
    public void Fires_a_timer_now_and_not_again()
    {
        var instance = Instance.Begun(Process);
        var remind = instance.Timer("remind");

        Assert.Equal(["reminded at 12:00"], instance.Act(new OperatorAction.FireTimer("remind")).Log);
        Assert.Null(instance.Fires(remind).Last);
    }

    [Fact]
    public void Moves_and_cancels_a_timer()
    {
        var instance = Instance.Begun(Process);
        var remind = instance.Timer("remind");

        instance.Act(new OperatorAction.MoveTimer("remind", remind.Due.AddHours(1)));
        Assert.Equal(["TimerMoved remind 13:30"], instance.Out);
        Assert.Null(instance.Fires(remind).Last);
        Assert.Equal(["TimerEnded remind"], instance.Act(new OperatorAction.CancelTimer("remind")).Out);
    }

    [Fact]
    public void Compensates_for_the_reason_that_is_given()
    {
        var instance = Instance.Begun(Process).Done("a").Done("pay").Act(new OperatorAction.Compensate());

        Assert.Equal(["TimerEnded remind", "CompensationBegun because", "undo pay"], instance.Out);
        Assert.Equal("because", instance.Now!.Reason);
        Assert.Equal(["NotApplied because"], instance.Act(new OperatorAction.Compensate()).Out);
    }

    [Fact]
    public void Ends_it_where_it_stands_and_takes_nothing_back()
    {
        var instance = Instance.Begun(Process).Done("a").Act(new OperatorAction.Terminate());

        Assert.Equal(["TimerEnded pay in time", "TimerEnded remind", "Ended because"], instance.Out);
        Assert.Empty(instance.Now!.Steps);
        Assert.Empty(instance.Now.Timers);
    }

    [Fact]
    public void Settles_a_step_that_is_overdue_as_done_late()
    {
        var instance = Instance.Begun(Process).Fires("pay");

        instance.Act(new OperatorAction.SettleStep(instance.Step("pay").Serial));
        Assert.Equal(["StepClosed pay", "undo pay"], instance.Out);
        Assert.Equal(["pay failed"], instance.Log);
    }

    [Fact]
    public void Leaves_the_handing_in_of_events_to_the_engine() =>
        Assert.Equal(["NotApplied because"], Instance.Begun(Process).Act(new OperatorAction.HandIn(1)).Out);
}
