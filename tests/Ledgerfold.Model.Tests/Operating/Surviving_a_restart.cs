using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Surviving_a_restart
{
    private const int Steps = 5;

    // begun, taken, five steps, ended
    private static readonly int Appends = 3 + Steps;

    public static TheoryData<Backend, int> EveryRecord
    {
        get
        {
            var data = new TheoryData<Backend, int>();
            foreach (var backend in Enum.GetValues<Backend>())
            {
                for (var record = 0; record < Appends; record++)
                    data.Add(backend, record);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryRecord))]
    public void Goes_on_from_its_last_checkpoint_wherever_it_was_cut_off(Backend backend, int record)
    {
        foreach (var isWritten in new[] { true, false })
        {
            var world = new OperationWorld(backend: backend);
            var work = new Work(world.Clock);
            world.Start(work.Kind);
            var id = world.NextId();
            if (record > 0)
                world.Faulty.Pass(LedgerCall.Append, record);
            if (isWritten)
                world.Faulty.LoseAnswer(happened: true);
            world.Faulty.Hold(LedgerCall.Append); // and nothing gets through any more
            _ = world.Begin(() => world.Engine.Begin(new DoSteps(Steps, "it"), new OperationOrigin("ada", "because") { Id = id }));
            world.Pass(TimeSpan.FromMinutes(1));
            world.Crash();
            var saved = Math.Clamp(record - 1 - (isWritten ? 0 : 1), 0, Steps);

            world.Start(work.Kind);
            world.Ask(new DoSteps(Steps, "it"), id); // whoever asked did not hear of it, perhaps
            world.Pass(TimeSpan.FromMinutes(1));

            var state = world.Find(id);
            Assert.Equal((OperationPhase.Completed, Steps), (state.Phase, state.Progress!.Done));
            Assert.Equal(Enumerable.Range(0, Steps), work.Done.Distinct());
            Assert.True(work.Done.Count <= Steps + 1, "Not more than one step is done again.");
            Assert.Equal(work.Lives[^1].Life, state.Lives);
            Assert.True(work.Lives.Count == 1 || work.Lives[^1].From == saved, $"It went on from {work.Lives[^1].From}, and {saved} was saved.");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bears_that_answers_are_lost(bool happened)
    {
        for (var record = 0; record < Appends; record++)
        {
            var world = new OperationWorld();
            var work = new Work(world.Clock);
            world.Start(work.Kind);
            var id = world.NextId();
            if (record > 0)
                world.Faulty.Pass(LedgerCall.Append, record);
            world.Faulty.LoseAnswer(happened, times: 3);
            world.Faulty.Fail(LedgerCall.Append, new IOException("it failed"));
            _ = world.Begin(() => world.Engine.Begin(new DoSteps(Steps), new OperationOrigin("ada", "because") { Id = id }));
            world.Pass(TimeSpan.FromMinutes(5));

            Assert.Equal(OperationPhase.Completed, world.Find(id).Phase);
            Assert.Equal(Enumerable.Range(0, Steps), work.Done);
            Assert.Equal(["Begun", "Taken", .. Enumerable.Repeat("Saved", Steps), "Ended"], world.TypesOf(id));
        }
    }

    [Fact]
    public void Is_left_open_when_the_engine_stops()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        var id = world.Begun(new DoSteps(9));
        world.Pass(TimeSpan.FromSeconds(3.5));

        world.Do(() => world.Engine.DisposeAsync());

        Assert.Equal((OperationPhase.Running, 1), (world.Find(id).Phase, work.Told));
        world.Start(work.Kind);
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Enumerable.Range(0, 9), work.Done);
        Assert.Equal((OperationPhase.Completed, 2), (world.Find(id).Phase, world.Find(id).Lives));
    }

    [Fact]
    public void Can_save_where_it_is_when_it_is_told_to_stop()
    {
        var world = new OperationWorld(options: new OperationOptions { RecordEvery = TimeSpan.FromHours(1) });
        var lives = new List<int>();
        var kind = new Operation<Sweep>("careful")
        {
            Run = async (_, context) =>
            {
                lives.Add(context.Checkpoint<int>());
                await Ambient.Pause(world.Clock, TimeSpan.FromHours(5), context.Cancel);
                await context.Save(new OperationProgress(7), 7, now: context.Cancel.IsCancellationRequested);
                return null;
            },
        };
        world.Start(kind);
        var id = world.Begun(new Sweep(null));
        world.Settle();

        world.Do(() => world.Engine.DisposeAsync());
        world.Start(kind);
        world.Settle();

        Assert.Equal([0, 7], lives);
        Assert.Equal(OperationPhase.Running, world.Find(id).Phase);
    }

    [Fact]
    public void Expects_its_end_by_what_this_life_did()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        var id = world.Begun(new DoSteps(100));
        world.Pass(TimeSpan.FromSeconds(20.5));
        world.Crash();
        world.Pass(TimeSpan.FromHours(7)); // nobody's work
        world.Start(work.Kind);
        world.Settle();
        Assert.Null(world.Find(id).ExpectedAt);

        world.Pass(TimeSpan.FromSeconds(4));

        Assert.Equal((24, TimeSpan.FromSeconds(76)), (world.Find(id).Progress!.Done, world.Find(id).ExpectedAt - world.Clock.GetUtcNow()));
    }

    [Fact]
    public void Stays_open_where_nobody_knows_its_kind_and_says_so()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        var id = world.Begun(new DoSteps(9, "it"));
        world.Pass(TimeSpan.FromSeconds(1.5));
        world.Crash();
        world.Start(work.Sweeping);
        world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal((OperationPhase.Running, "No operation named work is known here."), (world.Find(id).Phase, world.Find(id).Waits));
        Assert.Equal(["work"], world.Do(() => world.Engine.ReadStatus()).Unknown);
        Assert.Equal(new BeginAnswer.Running(id, "it"), world.Ask(new Sweep("it")));

        world.Crash();
        world.Start(work.Kind);
        world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal((OperationPhase.Completed, null), (world.Find(id).Phase, world.Find(id).Waits));
        Assert.Equal(Enumerable.Range(0, 9), work.Done);
    }

    [Fact]
    public void Is_given_up_after_too_many_lives()
    {
        var world = new OperationWorld(options: new OperationOptions { LivesMax = 3 });
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        var id = world.Begun(new DoSteps(9));
        for (var restart = 0; restart < 3; restart++)
        {
            world.Settle();
            world.Crash();
            world.Start(work.Kind);
        }

        world.Settle();

        var state = world.Find(id);
        Assert.Equal((OperationPhase.Failed, 3, "It was taken up 3 times and never came to an end."), (state.Phase, state.Lives, state.Error));
    }

    [Fact]
    public void Reads_little_at_a_start_however_many_there_were()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind, work.Sweeping);
        var left = world.Begun(new DoSteps(1_000_000));
        for (var n = 0; n < 500; n++)
            world.Begun(new Sweep(null));
        world.Settle();
        world.Crash();

        var cursor = world.Do(() => world.Ledger.ReadCursor("$operations", "operations", 0));
        Assert.True(cursor.Position > world.Do(() => world.Ledger.ReadRange()).Head - 1_000, $"A start reads from {cursor.Position}.");
        Assert.Equal($"{world.Records(left)[0].Position}", cursor.HeldKeys[0]);
        Assert.InRange(cursor.HeldKeys.Length, 1, 8); // and what was about to end
        world.Start(work.Sweeping);
        Assert.Equal(left, Assert.Single(world.Do(() => world.Engine.List(new OperationSearch { OpenOnly = true })).Operations).Id);
        world.Start(work.Kind);
        world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(2, world.Find(left).Lives);
    }

    [Fact]
    public void Takes_up_what_it_could_not_read_at_first()
    {
        var world = new OperationWorld();
        var work = new Work(world.Clock);
        world.Start(work.Kind);
        world.Faulty.Fail(LedgerCall.LookUp, new IOException("not now"), times: 1); // whoever takes it up
        world.Faulty.Fail(LedgerCall.Read, new IOException("not now"), times: 3);
        world.Make(work.Kind);
        var id = world.Begun(new DoSteps(2));

        world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(OperationPhase.Completed, world.Find(id).Phase);
        Assert.Equal([0, 1], work.Done);
    }
}
