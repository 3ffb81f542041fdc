using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Running_beside_a_second_copy
{
    private readonly OperationWorld _world = new();
    private readonly Work _first;
    private readonly Work _second;

    public Running_beside_a_second_copy() => (_first, _second) = (new Work(_world.Clock), new Work(_world.Clock));

    [Fact]
    public void Is_run_by_one_of_them()
    {
        for (var seed = 1UL; seed <= 30; seed++)
        {
            var world = new OperationWorld(seed);
            var (first, second) = (new Work(world.Clock), new Work(world.Clock));
            world.Start(first.Kind);
            world.Start(second.Kind);

            var id = world.Begun(new DoSteps(3));
            world.Pass(TimeSpan.FromSeconds(10));

            Assert.Equal([0, 1, 2], [.. first.Done, .. second.Done]);
            Assert.Equal((OperationPhase.Completed, 1), (world.Find(id).Phase, world.Find(id).Lives));
        }
    }

    [Fact]
    public void Is_taken_over_by_one_that_is_started_and_the_other_stops_without_a_word()
    {
        _world.Start(_first.Kind);
        var id = _world.Begun(new DoSteps(6));
        _world.Pass(TimeSpan.FromSeconds(2.5));

        _world.Start(_second.Kind);
        _world.Settle();

        Assert.Equal((1, 2), (_first.Told, _first.Done.Count));
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([2, 3, 4, 5], _second.Done);
        Assert.Equal((OperationPhase.Completed, 2), (_world.Find(id).Phase, _world.Find(id).Lives));
        Assert.Equal(["Begun", "Taken", "Saved", "Saved", "Taken", "Saved", "Saved", "Saved", "Saved", "Ended"], _world.TypesOf(id));
    }

    [Fact]
    public void Says_nothing_any_more_once_the_other_has_it_though_it_heard_of_nothing()
    {
        _world.Start(_first.Kind);
        var (engine, faulty) = (_world.Engine, _world.Faulty);
        var id = _world.Begun(new DoSteps(6));
        _world.Pass(TimeSpan.FromSeconds(1.5));
        var stuck = faulty.Hold(LedgerCall.Append); // its next record is on the way for long
        _world.Pass(TimeSpan.FromSeconds(1));
        Assert.True(stuck.Arrived.IsCompleted);

        _world.Start(_second.Kind);
        _world.Pass(TimeSpan.FromSeconds(1.5));
        stuck.Release();
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(1, _first.Told);
        Assert.Equal([0, 1], _first.Done);
        Assert.Equal([1, 2, 3, 4, 5], _second.Done);
        Assert.Equal(["Begun", "Taken", "Saved", "Taken", "Saved", "Saved", "Saved", "Saved", "Saved", "Ended"], _world.TypesOf(id));
        _world.Do(() => engine.DisposeAsync());
    }

    [Fact]
    public void Goes_on_with_the_other_alone_when_one_is_gone()
    {
        _world.Start(_first.Kind);
        var former = _world.Engine;
        var id = _world.Begun(new DoSteps(6));
        _world.Pass(TimeSpan.FromSeconds(1.5));
        _world.Start(_second.Kind);
        _world.Do(() => former.DisposeAsync());
        var next = _world.Begun(new DoSteps(2));
        _world.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal((OperationPhase.Completed, OperationPhase.Completed), (_world.Find(id).Phase, _world.Find(next).Phase));
    }

    [Fact]
    public void Tells_who_asks_the_other_that_it_is_run_elsewhere()
    {
        _world.Start(_first.Kind);
        var engine = _world.Engine;
        var id = _world.Begun(new DoSteps(6));
        _world.Pass(TimeSpan.FromSeconds(1.5));
        _world.Start(_second.Kind);
        _world.Settle();

        Assert.Null(_world.Find(id).Waits);
        Assert.Contains("Another engine", _world.Do(() => engine.Find(id))!.Waits, StringComparison.Ordinal);
        var waits = _world.Begin(() => engine.Wait(id));
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(OperationPhase.Completed, _world.DoTask(() => waits)!.Phase);
    }

    [Fact]
    public void Ends_once_whatever_the_order_in_which_two_are_started_stopped_and_crash()
    {
        for (var seed = 1UL; seed <= 80; seed++)
        {
            var world = new OperationWorld(seed);
            var random = new SeededRandom(seed);
            var work = new Work(world.Clock);
            world.Start(work.Kind);
            Guid[] ids = [.. Enumerable.Range(0, 3).Select(n => world.Begun(new DoSteps(n + 2, $"{n}")))];
            for (var act = 0; act < 6; act++)
            {
                world.Pass(TimeSpan.FromMilliseconds(random.Below(1_500)));
                var engine = world.Engine;
                if (random.Coin())
                    world.Faulty.LoseAnswer(happened: random.Coin());
                if (random.OneIn(3))
                    world.Do(() => random.Coin() ? engine.DisposeAsync() : engine.Abandon());
                world.Start(work.Kind);
            }

            world.Pass(TimeSpan.FromMinutes(1));

            Assert.All(ids, id => Assert.Equal(OperationPhase.Completed, world.Find(id).Phase));
            Assert.All(ids, id => Assert.Equal("Ended", Assert.Single(world.TypesOf(id), static type => type == "Ended")));
            Assert.All(ids, id => Assert.Equal(world.Find(id).Lives, world.TypesOf(id).Count(static type => type == "Taken")));
        }
    }
}
