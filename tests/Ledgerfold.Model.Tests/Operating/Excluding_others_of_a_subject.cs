using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

public sealed class Excluding_others_of_a_subject
{
    private readonly OperationWorld _world;
    private readonly Work _work;

    public Excluding_others_of_a_subject()
    {
        _world = new OperationWorld();
        _work = new Work(_world.Clock);
        _world.Start(_work.Kind, _work.Sweeping);
    }

    [Fact]
    public void Names_the_one_that_is_open_until_it_has_ended()
    {
        var first = _world.Begun(new DoSteps(3, "it"));

        Assert.Equal(new BeginAnswer.Running(first, "it"), _world.Ask(new DoSteps(9, "it")));
        Assert.Equal(new BeginAnswer.Running(first, "it"), _world.Ask(new Sweep("it"))); // whatever its kind
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new DoSteps(3, "something else")));
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new DoSteps(3, "it"), tenant: "other"));
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new DoSteps(3)));

        _world.Pass(TimeSpan.FromSeconds(3));
        Assert.IsType<BeginAnswer.Begun>(_world.Ask(new Sweep("it")));
    }

    [Fact]
    public void Answers_a_repetition_while_another_is_open()
    {
        var first = _world.Begun(new DoSteps(1, "it"));
        _world.Pass(TimeSpan.FromSeconds(3));
        _world.Begun(new DoSteps(3, "it"));

        Assert.Equal(new BeginAnswer.Begun(first, Repeated: true), _world.Ask(new DoSteps(1, "it"), first));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lets_one_of_two_begin_that_looked_at_the_same_time(bool firstIsFirst)
    {
        var (one, ledgerOfOne) = (_world.Engine, _world.Faulty);
        var (other, ledgerOfOther) = (_world.Start(_work.Kind), _world.Faulty);
        var (heldOfOne, heldOfOther) = (ledgerOfOne.Hold(LedgerCall.Append), ledgerOfOther.Hold(LedgerCall.Append));
        var asked = _world.Begin(() => one.Begin(new DoSteps(2, "it"), new OperationOrigin("ada", "because")));
        var askedOfOther = _world.Begin(() => other.Begin(new DoSteps(2, "it"), new OperationOrigin("bob", "because")));
        Assert.True(heldOfOne.Arrived.IsCompleted && heldOfOther.Arrived.IsCompleted);

        (firstIsFirst ? heldOfOne : heldOfOther).Release();
        _world.Settle();
        (firstIsFirst ? heldOfOther : heldOfOne).Release();
        _world.Settle();

        var (winner, loser) = firstIsFirst ? (asked, askedOfOther) : (askedOfOther, asked);
        var begun = Assert.IsType<BeginAnswer.Begun>(_world.DoTask(() => winner));
        Assert.Equal(new BeginAnswer.Running(begun.Id, "it"), _world.DoTask(() => loser));
        _world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal([0, 1], _work.Done);
    }

    [Fact]
    public void Holds_for_whatever_order_things_happen_in()
    {
        for (var seed = 1UL; seed <= 60; seed++)
        {
            var world = new OperationWorld(seed);
            var work = new Work(world.Clock);
            OperationEngine[] engines = [world.Start(work.Kind), world.Start(work.Kind)];
            var random = new SeededRandom(seed);
            var asked = new List<Task<BeginAnswer>>();
            for (var n = 0; n < 12; n++)
            {
                var engine = random.Pick(engines);
                asked.Add(world.Scheduler.Start(async () => await engine.Begin(new DoSteps(1, "it"), new OperationOrigin("ada", $"because {n}"))));
                if (random.Coin())
                    world.Pass(TimeSpan.FromSeconds(random.Below(3)));
            }

            world.Pass(TimeSpan.FromMinutes(1));
            var begun = asked.Select(one => world.DoTask(() => one)).OfType<BeginAnswer.Begun>().Select(one => world.Find(one.Id)).ToArray();
            Assert.NotEmpty(begun);
            Assert.All(begun, one => Assert.Equal(OperationPhase.Completed, one.Phase));
            var inOrder = begun.OrderBy(static one => one.Position).ToArray();
            Assert.All(inOrder.Zip(inOrder.Skip(1)), pair => Assert.True(world.Records(pair.First.Id)[^1].Position < pair.Second.Position));
            Assert.Equal(1, work.SideMax);
        }
    }
}
