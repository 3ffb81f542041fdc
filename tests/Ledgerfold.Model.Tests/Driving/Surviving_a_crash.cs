using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Surviving_a_crash
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    [InlineData(5UL)]
    public void Goes_on_where_it_stood_and_does_nothing_twice(ulong seed)
    {
        var remote = new Remote().Will(Behaviour.LosesTheAnswer, Behaviour.Fails, Behaviour.LosesTheCall);
        var world = ProcessWorld.Selling(remote, Backend.Embedded, seed: seed);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Send(new PlaceOrder("2", "tea", 2, 800));

        for (var crashes = 0; crashes < 4; crashes++)
        {
            world.Pass(TimeSpan.FromSeconds(crashes * 3));
            world.Crash();
            world.Start(Checkout.Module(remote));
        }

        world.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal((ProcessPhase.Completed, ProcessPhase.Completed), (world.Find("1")!.Phase, world.Find("2")!.Phase));
        Assert.Equal(["charged 1 700", "charged 2 800"], remote.Effects.Order());
        Assert.Equal(["OrderPlaced", "OrderConfirmed"], world.TypesIn("order-1"));
        Assert.Equal(["Stocked", "Reserved", "Reserved"], world.TypesIn("stock-tea"));
    }

    [Fact]
    public void Takes_back_after_a_start_what_was_to_be_taken_back()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.LosesTheAnswer);
        var world = ProcessWorld.Selling(remote, Backend.Embedded);
        world.Send(new PlaceOrder("1", "tea", 2, 700));
        world.Pass(TimeSpan.FromMinutes(11));

        world.Crash();
        remote.IsSilent = false;
        world.Start(Checkout.Module(remote));
        world.Pass(TimeSpan.FromMinutes(6));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700", "refunded 1 700"], remote.Effects);
        Assert.Equal(["Stocked", "Reserved", "Released"], world.TypesIn("stock-tea"));
    }

    [Fact]
    public void Lets_two_copies_run_beside_each_other()
    {
        var remote = new Remote();
        var world = ProcessWorld.Selling(remote);
        var first = world.Engine;
        world.Start(Checkout.Module(remote));

        for (var n = 0; n < 20; n++)
        {
            world.Send(new PlaceOrder($"{n}", "tea", 1, 10));
            if (n == 10)
                world.Do(() => first.Abandon());
        }

        world.Pass(TimeSpan.FromMinutes(2));

        Assert.All(Enumerable.Range(0, 20), n => Assert.Equal((1, ProcessPhase.Completed), (world.Find($"{n}")!.Run, world.Find($"{n}")!.Phase)));
        Assert.Equal(20, remote.Effects.Count);
        Assert.Equal(20, world.TypesIn("stock-tea").Count(static type => type == "Reserved"));
    }

    [Fact]
    public void Finishes_what_a_copy_left_that_is_gone()
    {
        var remote = new Remote { IsSilent = true }.Will(Behaviour.Hangs);
        var world = ProcessWorld.Selling(remote);
        var first = world.Engine;
        world.Start(Checkout.Module(remote));
        world.Send(new PlaceOrder("1", "tea", 1, 10));

        world.Do(() => first.Abandon());
        remote.IsSilent = false;
        world.Pass(TimeSpan.FromMinutes(3));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 10"], remote.Effects);
    }
}
