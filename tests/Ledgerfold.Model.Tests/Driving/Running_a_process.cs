using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed class Running_a_process
{
    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Comes_to_its_end_step_by_step(Backend backend)
    {
        var (world, remote) = Begin(backend);

        world.Send(new PlaceOrder("1", "tea", 2, 700));

        Assert.Equal(ProcessPhase.Completed, world.Find("1")!.Phase);
        Assert.Equal(["charged 1 700"], remote.Effects);
        Assert.Equal(["OrderPlaced", "OrderConfirmed"], TypesIn(world, "order-1"));
        Assert.Equal(["Stocked", "Reserved"], TypesIn(world, "stock-tea"));
    }

    [Theory]
    [InlineData(Backend.InMemory)]
    [InlineData(Backend.Embedded)]
    public void Takes_back_what_was_done_when_a_step_is_turned_down(Backend backend)
    {
        var (world, remote) = Begin(backend);
        remote.Will(Behaviour.Refuses);

        world.Send(new PlaceOrder("1", "tea", 2, 700));

        Assert.Equal(ProcessPhase.Compensated, world.Find("1")!.Phase);
        Assert.Empty(remote.Effects);
        Assert.Equal(["OrderPlaced", "OrderRejected"], TypesIn(world, "order-1"));
        Assert.Equal(["Stocked", "Reserved", "Released"], TypesIn(world, "stock-tea"));
    }

    private static (ProcessWorld World, Remote Remote) Begin(Backend backend = Backend.InMemory)
    {
        var remote = new Remote();
        var world = new ProcessWorld(backend: backend);
        world.Start(Checkout.Module(remote));
        world.Send(new Stock("tea", 10));
        return (world, remote);
    }

    private static string[] TypesIn(ProcessWorld world, string stream) =>
        [.. world.Read(EventQuery.OfStream(stream)).Select(static one => one.Type)];
}
