using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Cancelling_an_operation
{
    private readonly OperationWorld _world = new(options: new OperationOptions { Parallelism = 1 });
    private readonly Work _work;

    public Cancelling_an_operation()
    {
        _work = new Work(_world.Clock);
        _world.Start(_work.Kind);
    }

    [Fact]
    public void Ends_at_once_what_nobody_has_taken_up()
    {
        _world.Begun(new DoSteps(3));
        var id = _world.Begun(new DoSteps(3));

        Assert.Equal(new CancelAnswer.Ended(OperationPhase.Cancelled), _world.Cancel(id));

        _world.Pass(TimeSpan.FromMinutes(1));
        var state = _world.Find(id);
        Assert.Equal((OperationPhase.Cancelled, 0, "bob", "enough"), (state.Phase, state.Lives, state.Cancel!.Actor, state.Cancel.Reason));
        Assert.Equal(["Begun", "CancelAsked", "Ended"], _world.TypesOf(id));
        Assert.Equal([0, 1, 2], _work.Done);
    }

    [Fact]
    public void Tells_what_runs_and_records_that_it_heeded()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(2.5));

        Assert.Equal(new CancelAnswer.Asked(), _world.Cancel(id));
        _world.Settle();

        Assert.Equal((OperationPhase.Cancelled, 2), (_world.Find(id).Phase, _world.Find(id).Progress!.Done));
        Assert.Equal(["Begun", "Taken", "Saved", "Saved", "CancelAsked", "Ended"], _world.TypesOf(id));
        Assert.Equal((1, 2), (_work.Told, _work.Done.Count));
        Assert.Null(_world.Find(id).Error);
    }

    [Fact]
    public void Changes_nothing_of_what_has_ended()
    {
        var id = _world.Begun(new DoSteps(1));
        _world.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(new CancelAnswer.Ended(OperationPhase.Completed), _world.Cancel(id));
        Assert.Equal("Ended", _world.TypesOf(id)[^1]);
        Assert.Null(_world.Find(id).Cancel);
    }

    [Fact]
    public void Is_asked_for_once()
    {
        var stubborn = Stubborn(out var goOn, out _);
        _world.Start(stubborn);
        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        Assert.Equal([new CancelAnswer.Asked(), new CancelAnswer.Asked()], [_world.Cancel(id), _world.Cancel(id)]);
        Assert.Equal((OperationPhase.Running, "bob"), (_world.Find(id).Phase, _world.Find(id).Cancel!.Actor));
        goOn.SetResult();
        _world.Settle();

        Assert.Equal((OperationPhase.Completed, "all the same"), (_world.Find(id).Phase, _world.Find(id).Result!.Value.GetString()));
        Assert.Equal(["Begun", "Taken", "CancelAsked", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Fails_where_leaving_fails()
    {
        var failing = Stubborn(out var goOn, out var tokens);
        _world.Start(failing);
        var id = _world.Begun(new Sweep(null));
        _world.Settle();
        _world.Cancel(id);
        Assert.True(Assert.Single(tokens).IsCancellationRequested);

        goOn.SetException(new IOException("cannot clean up"));
        _world.Settle();

        Assert.Equal((OperationPhase.Failed, "IOException: cannot clean up"), (_world.Find(id).Phase, _world.Find(id).Error));
    }

    [Fact]
    public void Reaches_what_another_engine_runs()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(1.5));
        var other = _world.Make(); // knows nothing, runs nothing

        Assert.Equal(new CancelAnswer.Asked(), _world.Cancel(id, other));
        _world.Settle();

        Assert.Equal((OperationPhase.Cancelled, 1), (_world.Find(id).Phase, _work.Told));
    }

    [Fact]
    public void Is_found_by_the_next_record_where_nobody_heard_of_it()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(1.5));
        var deaf = _world.Faulty.Hold(LedgerCall.Read);
        var other = _world.Make(_work.Sweeping);
        _world.Begun(new Sweep(null), other);
        _world.Settle();
        Assert.True(deaf.Arrived.IsCompleted);
        Assert.Equal(new CancelAnswer.Asked(), _world.Cancel(id, other));
        _world.Settle();
        Assert.Equal(OperationPhase.Running, _world.Find(id).Phase);

        _world.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(OperationPhase.Cancelled, _world.Find(id).Phase);
    }

    [Fact]
    public void Tells_it_again_behind_a_restart_so_that_it_can_leave_in_order()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(2.5));
        _world.Crash();
        _world.Make();
        Assert.Equal(new CancelAnswer.Asked(), _world.Cancel(id));

        _world.Start(_work.Kind);
        _world.Settle();

        Assert.Equal((OperationPhase.Cancelled, 2), (_world.Find(id).Phase, _work.Told)); // when it crashed, and now
        Assert.Equal(["Begun", "Taken", "Saved", "Saved", "CancelAsked", "Taken", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Ends_what_was_left_behind_and_nobody_can_do_any_more()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(2.5));
        _world.Crash();
        _world.Start();

        Assert.Equal(new CancelAnswer.Ended(OperationPhase.Cancelled), _world.Cancel(id));

        Assert.Equal(["Begun", "Taken", "Saved", "Saved", "CancelAsked", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Ends_at_a_start_what_was_cancelled_before_and_nobody_can_do_any_more()
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Pass(TimeSpan.FromSeconds(2.5));
        _world.Crash();
        _world.Make();
        _world.Cancel(id);

        _world.Start();
        _world.Settle();

        Assert.Equal(OperationPhase.Cancelled, _world.Find(id).Phase);
    }

    [Fact]
    public void Is_refused_where_it_breaks_a_rule()
    {
        var id = _world.Begun(new DoSteps(1));

        Assert.Equal("reason", Assert.IsType<CancelAnswer.Refused>(_world.Do(() => _world.Engine.Cancel(id, " ", "bob"))).Field);
        Assert.Equal("actor", Assert.IsType<CancelAnswer.Refused>(_world.Do(() => _world.Engine.Cancel(id, "enough", ""))).Field);
        Assert.Equal(new CancelAnswer.Unknown(), _world.Cancel(_world.NextId()));
        Assert.Equal(new CancelAnswer.Unknown(), _world.Do(() => _world.Engine.Cancel(id, "enough", "bob", "other")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Is_recorded_once_where_the_answer_is_lost(bool happened)
    {
        var id = _world.Begun(new DoSteps(9));
        _world.Settle();
        _world.Faulty.LoseAnswer(happened);
        var asked = _world.Begin(() => _world.Engine.Cancel(id, "enough", "bob"));
        _world.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(new CancelAnswer.Asked(), _world.DoTask(() => asked));
        Assert.Single(_world.TypesOf(id), "CancelAsked");
        Assert.Equal(OperationPhase.Cancelled, _world.Find(id).Phase);
    }

    private static Operation<Sweep> Stubborn(out TaskCompletionSource goOn, out List<CancellationToken> tokens)
    {
        var wait = goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = tokens = [];
        return new Operation<Sweep>("stubborn")
        {
            Run = async (_, context) =>
            {
                seen.Add(context.Cancel);
                await wait.Task;
                return "all the same";
            },
        };
    }
}
