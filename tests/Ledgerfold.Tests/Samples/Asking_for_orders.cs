using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Tests.Samples;

public sealed class Asking_for_orders
{
    [Fact]
    public async Task By_key_by_index_and_page_by_page()
    {
        await using var shop = await RunningShop.Start();
        for (var order = 1; order <= 5; order++)
            await shop.Do(new CreateOrder($"{order}", order % 2 == 0 ? "bob" : "ada", 10m * order));
        await shop.Engine.WaitUntilCaughtUp(shop.Ledger);
        var summaries = shop.Summaries;

        // begin
        var one = await summaries.Get("order-3");

        var ofAda = new RowQuery<OrderSummary> { Index = "customer", Value = "ada", Limit = 2 };
        var first = (await summaries.Read(ofAda)).OrThrow();
        var second = (await summaries.Read(ofAda with { Continue = first.Next })).OrThrow();

        var large = (await summaries.Read(new RowQuery<OrderSummary> { Where = static summary => summary.Total > 30m, Backward = true })).OrThrow();
        // end
        Assert.Equal(30m, one.OrThrow()!.Total);
        Assert.Equal(["order-1", "order-3"], first.Rows.Select(row => row.Key));
        Assert.Equal(["order-5"], second.Rows.Select(row => row.Key));
        Assert.Equal(["order-5", "order-4"], large.Rows.Select(row => row.Key));
    }
}
