namespace Ledgerfold.Tests.Samples;

public sealed class Handling_a_poison_event
{
    private sealed record Average(decimal Total, int Orders, decimal Each);

    private static readonly Projection<Average> Averages = new("averages")
    {
        Query = EventQuery.OfCategory("order"),
        Key = static (fact, _) => fact is Order.OrderCreated created ? created.Customer : null,
        Apply = static (before, fact, _) => Add(before ?? new Average(0, 0, 0), (Order.OrderCreated)fact),
    };

    private static Average Add(Average before, Order.OrderCreated created) => created.Total < 0
        ? throw new InvalidOperationException("a total below nothing")
        : new Average(before.Total + created.Total, before.Orders + 1, (before.Total + created.Total) / (before.Orders + 1));

    [Fact]
    public async Task Holds_its_key_and_nothing_else_until_somebody_decides()
    {
        await using var shop = await RunningShop.Start(new Module("shop").Events(Shop.Module.EventTypes)
            .Decides(Order.Decider, orders => orders.On<CreateOrder>(command => command.OrderId, Order.Decide)).Projects(Averages));
        await shop.Do(new CreateOrder("1", "ada", 10m));
        await shop.Do(new CreateOrder("2", "ada", -1m)); // poison
        await shop.Do(new CreateOrder("3", "ada", 20m)); // waits behind it
        var token = await shop.Do(new CreateOrder("4", "bob", 5m)); // goes on
        var (engine, averages) = (shop.Engine, shop.Projections.Of(Averages));

        // begin see
        var answer = await averages.Get("ada", Consistency.AtLeast(token, within: TimeSpan.FromSeconds(20)));

        var held = Assert.Single(answer.Freshness.Held);
        Assert.Equal("key ada of default at 2: InvalidOperationException: a total below nothing", held.ToString());
        Assert.Equal(10m, answer.OrThrow()!.Each); // what was true before the event that failed
        Assert.True(answer.Freshness.IsStale);
        // end
        Assert.Equal(5m, (await averages.Get("bob")).OrThrow()!.Each);

        // begin release
        if (!await engine.Release(Averages, held)) // tries again now: after a deployment that can apply it, or when what was away is back
            await engine.Skip(Averages, held, reason: "order 2 was entered by mistake, see case 4711");

        Assert.Equal(15m, (await averages.Get("ada")).OrThrow()!.Each); // events 1 and 3
        // end
    }
}
