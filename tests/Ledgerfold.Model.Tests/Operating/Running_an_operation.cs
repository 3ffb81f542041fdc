using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Running_an_operation
{
    private readonly OperationWorld _world = new();
    private readonly Work _work;

    public Running_an_operation()
    {
        _work = new Work(_world.Clock);
        _world.Start(_work.Kind);
    }

    [Fact]
    public void Ends_with_its_result()
    {
        var id = _world.Begun(new DoSteps(3));
        _world.Pass(TimeSpan.FromSeconds(10));

        var state = _world.Find(id);
        Assert.Equal((OperationPhase.Completed, "ada", "because", 1), (state.Phase, state.Actor, state.Reason, state.Lives));
        Assert.Equal("""{"steps":3,"lives":1}""", state.Result.ToString());
        Assert.Equal(TimeSpan.FromSeconds(3), state.EndedAt - state.BegunAt);
        Assert.Equal(["Begun", "Taken", "Saved", "Saved", "Saved", "Ended"], _world.TypesOf(id));
        Assert.Equal((null, null), (state.Error, state.Waits));
    }

    [Fact]
    public void Says_how_far_it_is_and_when_it_will_be_done()
    {
        var id = _world.Begun(new DoSteps(10));
        _world.Settle();
        Assert.Equal((OperationPhase.Running, null, null), (_world.Find(id).Phase, _world.Find(id).Progress, _world.Find(id).ExpectedAt));

        _world.Pass(TimeSpan.FromSeconds(4.5));

        var state = _world.Find(id);
        Assert.Equal(new OperationProgress(4, 10, "step 3"), state.Progress);
        Assert.Equal(state.BegunAt + TimeSpan.FromSeconds(10), state.ExpectedAt);
        _world.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(state.ExpectedAt, _world.Find(id).EndedAt);
        Assert.Null(_world.Find(id).ExpectedAt);
    }

    [Fact]
    public void Records_how_far_it_is_only_so_often_unless_it_is_asked_to()
    {
        _world.Start(Eager(static async context =>
        {
            for (var step = 1; step <= 1_000; step++)
                await context.Save(new OperationProgress(step), step);
            await context.Save(new OperationProgress(7), 7, now: true);
            return null;
        }));

        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        Assert.Equal(["Begun", "Taken", "Saved", "Ended"], _world.TypesOf(id));
        Assert.Equal(7, _world.Find(id).Checkpoint!.Value.GetInt32());
    }

    [Fact]
    public void Keeps_a_checkpoint_behind_progress_without_one()
    {
        _world.Start(Eager(static async context =>
        {
            await context.Save(new OperationProgress(1), new { At = "here" }, now: true);
            await context.Save(new OperationProgress(2, 4), now: true);
            return null;
        }));

        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        Assert.Equal(("""{"at":"here"}""", 2), (_world.Find(id).Checkpoint.ToString(), _world.Find(id).Progress!.Done));
    }

    [Fact]
    public void Records_one_after_the_other_what_is_said_side_by_side()
    {
        var world = new OperationWorld(backend: Backend.Embedded); // an append is under way for a while
        world.Start(Eager(static async context =>
        {
            await Task.WhenAll(Enumerable.Range(1, 20).Select(step => context.Save(new OperationProgress(step), step, now: true).AsTask()));
            return "done";
        }));

        var id = world.Begun(new Sweep(null));
        world.Settle();

        var state = world.Find(id);
        Assert.Equal((OperationPhase.Completed, "done", 20), (state.Phase, state.Result!.Value.GetString(), state.Progress!.Done));
        Assert.Equal(23, world.Records(id).Count);
    }

    [Fact]
    public void Fails_with_what_was_thrown_and_is_not_tried_again()
    {
        var id = _world.Begun(new DoSteps(5, FailsAt: 2));
        _world.Pass(TimeSpan.FromHours(1));

        var state = _world.Find(id);
        Assert.Equal((OperationPhase.Failed, "InvalidOperationException: step 2 is too steep", 1), (state.Phase, state.Error, state.Lives));
        Assert.Equal([0, 1], _work.Done);
    }

    [Theory]
    [InlineData("throws much", "IOException: xxx")]
    [InlineData("cancels itself", "OperationCanceledException: ")]
    [InlineData("large result", "InvalidOperationException: A result has at most 262144 bytes as JSON, and this one 262146.")]
    [InlineData("large checkpoint", "InvalidOperationException: A checkpoint has at most 262144 bytes as JSON, and this one 262146.")]
    [InlineData("endless result", "JsonException: ")]
    [InlineData("other checkpoint", "JsonException: ")]
    public void Fails_and_says_so(string how, string error)
    {
        _world.Start(Eager(async context =>
        {
            switch (how)
            {
                case "throws much":
                    throw new IOException(new string('x', 100_000));
                case "cancels itself":
                    throw new OperationCanceledException();
                case "large result":
                    return new string('x', OperationRecords.JsonBytesMax);
                case "large checkpoint":
                    await context.Save(new OperationProgress(1), new string('x', OperationRecords.JsonBytesMax), now: true);
                    return null;
                case "other checkpoint":
                    await context.Save(new OperationProgress(1), "text", now: true);
                    return System.Text.Json.JsonSerializer.Deserialize<int>("\"text\"");
                default:
                    var endless = new Endless();
                    endless.Self = endless;
                    return endless;
            }
        }));

        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        var state = _world.Find(id);
        Assert.Equal(OperationPhase.Failed, state.Phase);
        Assert.StartsWith(error, state.Error, StringComparison.Ordinal);
        Assert.True(state.Error!.Length < 2_100);
    }

    [Fact]
    public void Keeps_as_much_as_is_allowed()
    {
        var much = new string('x', OperationRecords.JsonBytesMax - 2);
        _world.Start(Eager(async context =>
        {
            await context.Save(new OperationProgress(1, 2, new string('m', 10_000)), much, now: true);
            return much;
        }));

        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        var state = _world.Find(id);
        Assert.Equal((OperationPhase.Completed, much, much), (state.Phase, state.Result!.Value.GetString(), state.Checkpoint!.Value.GetString()));
        Assert.Equal(501, state.Progress!.Message!.Length);
    }

    [Fact]
    public void Turns_away_what_is_said_when_it_has_ended()
    {
        OperationContext? kept = null;
        _world.Start(Eager(context =>
        {
            kept = context;
            return Task.FromResult<object?>(null);
        }));
        var id = _world.Begun(new Sweep(null));
        _world.Settle();

        Assert.Throws<ObjectDisposedException>(() => _world.Do(() => kept!.Save(new OperationProgress(1), now: true)));
        Assert.Equal(["Begun", "Taken", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Waits_for_its_turn()
    {
        var world = new OperationWorld(options: new OperationOptions { Parallelism = 2 });
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        Guid[] ids = [.. Enumerable.Range(0, 5).Select(_ => world.Begun(new DoSteps(2)))];

        Assert.Equal((OperationPhase.Waiting, "Its turn has not come."), (world.Find(ids[2]).Phase, world.Find(ids[2]).Waits));
        world.Pass(TimeSpan.FromSeconds(7));

        Assert.All(ids, id => Assert.Equal(OperationPhase.Completed, world.Find(id).Phase));
        Assert.Equal(2, work.SideMax);
        Assert.Equal([2, 2, 4, 4, 6], ids.Select(id => (world.Find(id).EndedAt - world.Find(id).BegunAt)!.Value.TotalSeconds));
    }

    [Fact]
    public void Is_waited_for()
    {
        var id = _world.Begun(new DoSteps(3));
        var tooShort = _world.Begin(() => _world.Engine.Wait(id, TimeSpan.FromSeconds(2)));
        var longEnough = _world.Begin(() => _world.Engine.Wait(id));
        var without = _world.Do(() => _world.Engine.Wait(_world.NextId()));
        var notAtAll = _world.Do(() => _world.Engine.Wait(id, TimeSpan.Zero));

        _world.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal((true, false), (tooShort.IsCompleted, longEnough.IsCompleted));
        _world.Pass(TimeSpan.FromSeconds(2));
        Assert.True(longEnough.IsCompleted);

        Assert.Equal((OperationPhase.Running, OperationPhase.Completed), (Ended(tooShort)!.Phase, Ended(longEnough)!.Phase));
        Assert.Null(without);
        Assert.Equal(OperationPhase.Running, notAtAll!.Phase);
        Assert.Equal(OperationPhase.Completed, _world.Do(() => _world.Engine.Wait(id))!.Phase);
    }

    [Fact]
    public void Answers_whoever_waits_when_the_engine_stops()
    {
        var id = _world.Begun(new DoSteps(3));
        var waits = _world.Begin(() => _world.Engine.Wait(id));

        _world.Do(() => _world.Engine.DisposeAsync());
        _world.Settle();

        Assert.Equal(OperationPhase.Running, Ended(waits)!.Phase);
    }

    private static Operation<Sweep> Eager(Func<OperationContext, Task<object?>> run) => new("sweep") { Run = (_, context) => run(context) };

    private OperationState? Ended(Task<OperationState?> task) => _world.DoTask(() => task);

    private sealed class Endless
    {
        public Endless? Self { get; set; }
    }
}
