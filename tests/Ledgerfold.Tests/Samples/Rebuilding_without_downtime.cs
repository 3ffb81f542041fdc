using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Model.Replaying;

namespace Ledgerfold.Tests.Samples;

public sealed class Rebuilding_without_downtime
{
    [Fact]
    public async Task Builds_the_rows_again_compares_switches_and_goes_back()
    {
        await using var shop = await RunningShop.Start();
        await shop.Do(new CreateOrder("1", "ada", 10m));
        await shop.Do(new CreateOrder("2", "bob", 20m));
        var (ledger, engine) = (shop.Ledger, shop.Engine);

        // begin engine
        await using var operations = new OperationEngine(ledger, FoldOperations.Of(engine)); // a hosted application has it already
        await operations.Start();

        async Task<OperationState> Run<TRequest>(TRequest request, string reason)
            where TRequest : notnull
        {
            var answer = await operations.Begin(request, new OperationOrigin(Actor: "ada", reason));
            return answer is BeginAnswer.Begun begun
                ? (await operations.Wait(begun.Id))! // or look at Find(begun.Id): progress, and when it will be done
                : throw new InvalidOperationException($"{answer}"); // Running names the one that is in work already
        }
        // end

        // begin rebuild
        var rebuilt = await Run(new RebuildRequest("order-summaries", Version: 1), "a row looked wrong");
        var comparison = rebuilt.Result!.Value.GetProperty("comparison"); // same, added, changed, removed, and samples of each
        Assert.Equal(0, comparison.GetProperty("changed").GetInt64());

        await Run(new SwitchRequest("order-summaries", Version: 1), "the new rows are right");
        await Run(new RollBackRequest("order-summaries"), "no, they are not"); // and once more goes forward again
        await Run(new DiscardRequest("order-summaries"), "what we see is right");
        // end
        Assert.Equal(2, comparison.GetProperty("same").GetInt64());

        // begin replay
        var then = await Run(new ReplayRequest { Projection = "order-summaries", Version = 1, To = 1 }, "how it was after the first order");
        var rows = new ReplayRows<OrderSummary>(shop.Store, OrderSummary.Projection, then.Id);
        Assert.NotNull(await rows.Get("order-1"));
        Assert.Null(await rows.Get("order-2"));
        await rows.Drop();
        // end

        // begin whatif
        var whatIf = await Run(
            new ReplayRequest
            {
                Projection = "order-summaries",
                Version = 1,
                Alterations = [new Alteration.Remove(Position: 2)], // and Replace, and Insert
                Compares = true,
            },
            "what if bob had not ordered");
        Assert.Equal(1, whatIf.Result!.Value.GetProperty("comparison").GetProperty("removed").GetInt64());
        // end
    }
}
