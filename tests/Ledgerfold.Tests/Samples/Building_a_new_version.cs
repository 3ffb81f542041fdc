using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Tests.Samples;

public sealed class Building_a_new_version
{
    // begin new
    public sealed record CustomerTotal(decimal Total, int Orders);

    public static readonly Projection<CustomerTotal> Before = Totals(version: 1, static _ => 1);
    public static readonly Projection<CustomerTotal> After = Totals(version: 2, static created => created.Total > 0 ? 1 : 0); // free ones do not count

    private static Projection<CustomerTotal> Totals(int version, Func<Order.OrderCreated, int> count) => new("customer-totals", version)
    {
        Query = EventQuery.OfTypes(nameof(Order.OrderCreated)),
        Key = static (fact, _) => ((Order.OrderCreated)fact).Customer,
        Apply = (before, fact, _) => fact is Order.OrderCreated created
            ? new((before?.Total ?? 0) + created.Total, (before?.Orders ?? 0) + count(created))
            : before,
    };
    // end

    private static Module Module(params Projection<CustomerTotal>[] totals) =>
        totals.Aggregate(Shop.Module, static (module, projection) => module.Projects(projection));

    [Fact]
    public async Task Compares_what_old_and_new_code_make_of_the_history()
    {
        await using var shop = await RunningShop.Start();
        await shop.Do(new CreateOrder("1", "ada", 10m));
        await shop.Do(new CreateOrder("2", "bob", 0m));
        var ledger = shop.Ledger;

        // begin compare
        var differences = await HistoryReplay.Compare(ledger, Shop.Module.EventTypes, Before, After);

        Assert.Equal(["""default/bob: {"total":0,"orders":1} → {"total":0,"orders":0}"""], differences.Select(one => one.ToString()));
        // end
    }

    [Fact]
    public async Task Builds_it_beside_the_old_one_and_switches()
    {
        await using var old = await RunningShop.Start(Module(Before));
        await old.Do(new CreateOrder("1", "ada", 0m));
        await old.Engine.WaitUntil(Before, 1);
        await using var shop = await RunningShop.Start(old, Module(Before, After));
        var (engine, totals) = (shop.Engine, shop.Projections.Of(After));
        var answer = await totals.Get("ada");
        Assert.Equal(1, answer.OrThrow()!.Orders);

        // begin switch
        Assert.True(engine.IsActive(Before)); // readers of either see version 1 while version 2 is built

        await engine.WaitUntil(After, position: 1); // or look at engine.ReadStatus(After).Remaining
        Assert.True(await engine.Switch(After)); // false while it has not caught up; Switch(Before) is the way back
        Assert.Equal(0, (await totals.Get("ada")).OrThrow()!.Orders);

        Assert.True(await engine.Drop(Before.Fold)); // when nobody wants to go back
        // end
    }
}
