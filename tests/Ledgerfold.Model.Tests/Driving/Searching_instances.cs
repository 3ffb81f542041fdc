using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Searching_instances
{
    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Finds_them_in_every_way(Backend backend)
    {
        var remote = new Remote { IsSilent = true };
        var world = ProcessWorld.Selling(remote, backend);
        world.Send(new PlaceOrder("a1", "tea", 1, 10));
        world.Pass(TimeSpan.FromMinutes(1));
        var between = world.Clock.GetUtcNow();
        world.Send(new PlaceOrder("a2", "coffee", 1, 10));
        world.Pass(TimeSpan.FromMinutes(1));
        remote.Will(Behaviour.Hangs);
        world.Send(new PlaceOrder("b1", "tea", 1, 10));
        world.Append("order-x", new Checkout.OrderCancelled("x"));

        Assert.Equal(["a1", "a2", "b1"], Find(world, new() { Process = "checkout" }));
        Assert.Equal(["b1", "a2", "a1"], Find(world, new() { Process = "checkout", Backward = true }));
        Assert.Equal(["a1"], Find(world, new() { Process = "checkout", StartedBefore = between }));
        Assert.Equal(["a2", "b1"], Find(world, new() { Process = "checkout", StartedFrom = between }));
        Assert.Equal(["a1", "a2"], Find(world, new() { Process = "checkout", By = InstanceSearchBy.Key, KeyPrefix = "a" }));
        Assert.Equal(["b1"], Find(world, new() { Process = "checkout", By = InstanceSearchBy.Phase }));
        Assert.Equal(["a2"], Find(world, new() { Process = "checkout", By = InstanceSearchBy.Phase, Phase = ProcessPhase.Compensated }));
        Assert.Equal(["x"], Find(world, new() { Process = "checkout", By = InstanceSearchBy.Missed }));
        Assert.Empty(Find(world, new() { Process = "check" }));
        Assert.Empty(Find(world, new() { Process = "checkout", Tenant = "other" }));
    }

    [Fact]
    public void Finds_those_with_a_timer_that_should_have_fired()
    {
        var world = ProcessWorld.Selling(new Remote { IsSilent = true }.Will(Behaviour.Hangs));
        world.Send(new PlaceOrder("1", "tea", 1, 10));
        var search = new InstanceSearch { Process = "checkout", By = InstanceSearchBy.OverdueTimer };
        Assert.Empty(Find(world, search));

        world.Clock.ShiftWallClock(TimeSpan.FromMinutes(30)); // and nobody has looked at the clock since

        Assert.Equal(["1"], Find(world, search));
    }

    [Fact]
    public void Finds_those_that_cannot_go_on()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        world.Send(new PlaceOrder("1", "tea", 1, 10));
        world.Act("1", new OperatorAction.Compensate());
        remote.Will(Behaviour.Refuses);
        remote.LetGo();
        world.Settle();

        var found = Search(world, new() { Process = "checkout", By = InstanceSearchBy.Stuck }).Rows.Single();

        Assert.Equal(("1", "pay failed: DECLINED: no money"), (found.Key, found.Stuck));
    }

    [Fact]
    public void Goes_on_page_by_page()
    {
        var world = ProcessWorld.Selling(new Remote());
        for (var n = 0; n < 25; n++)
            world.Send(new PlaceOrder($"{n:D2}", "tea", 1, 10));

        var search = new InstanceSearch { Process = "checkout", Limit = 10 };
        var found = new List<string>();
        for (InstancePage? page = null; page is null || page.Next is not null;)
        {
            page = Search(world, search with { Continue = page?.Next });
            found.AddRange(page.Rows.Select(static row => row.Key));
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(static n => $"{n:D2}"), found);
    }

    [Fact]
    public void Shows_what_is_under_way_and_how_often_it_was_tried()
    {
        var world = ProcessWorld.Selling(new Remote(canAsk: false).Will(Behaviour.Fails, Behaviour.Fails, Behaviour.Hangs));
        world.Send(new PlaceOrder("1", "tea", 1, 10));
        world.Pass(TimeSpan.FromSeconds(9));

        var row = Search(world, new() { Process = "checkout" }).Rows.Single();

        var step = Assert.Single(row.Steps);
        Assert.Equal(("pay", 2, "IOException: the line is dead"), (step.Name, step.Attempts, step.Problem));
        Assert.Equal(["abandoned", "pay in time"], row.Timers.Select(static timer => timer.Name));
        Assert.Equal([false, true], row.Timers.Select(static timer => timer.IsDeadline));
    }

    private static string[] Find(ProcessWorld world, InstanceSearch search) => [.. Search(world, search).Rows.Select(static row => row.Key)];

    private static InstancePage Search(ProcessWorld world, InstanceSearch search)
    {
        var head = world.Do(() => world.Ledger.ReadRange()).Head;
        return world.Do(() => world.Engine.Search(search, head));
    }
}
