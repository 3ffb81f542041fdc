using Ledgerfold.Testing;
using Ledgerfold.Testing.Folding;

namespace Ledgerfold.Tests.Samples;

// begin
public sealed class Confirming_an_order
{
    private static readonly Scenario Orders = new(Shop.Module);

    [Fact]
    public void Happens_once() => Orders
        .Given(new Order.OrderCreated("ada", 30m), new Order.OrderConfirmed())
        .When(new ConfirmOrder("42"))
        .Then();

    [Fact]
    public void Is_refused_once_it_was_cancelled() => Orders
        .Given(new Order.OrderCreated("ada", 30m), new Order.OrderCancelled("too late"))
        .When(new ConfirmOrder("42"))
        .ThenRejected("ORDER_NOT_PENDING");

    [Fact]
    public void Shows_in_the_summary() => new FoldScenario<OrderSummary>(Shop.Module, OrderSummary.Projection)
        .Given("order-42", new Order.OrderCreated("ada", 30m), new Order.OrderConfirmed())
        .Then("order-42", new OrderSummary("ada", 30m, Order.Status.Confirmed));
}
// end

public sealed class Testing_the_rest_of_the_shop
{
    // begin snapshot
    [Fact]
    public void Its_state_can_be_kept_as_a_snapshot() => SnapshotCheck.Holds(
        Order.Decider, new Order.OrderCreated("ada", 30m), new Order.OrderConfirmed(), new Order.OrderCancelled("too late"));
    // end

    // begin faults
    [Fact]
    public async Task An_answer_that_is_lost_on_the_way_is_found_again()
    {
        var ledger = new FaultyLedger(new InMemoryLedger());
        await using var commands = new Commands(Shop.Module, ledger);
        ledger.LoseAnswer(happened: true);

        var answer = await commands.Send(new CreateOrder("42", "ada", 30m), new CommandOrigin { Id = Guid.AllBitsSet });

        Assert.Equal(1, Assert.IsType<CommandAnswer.Accepted>(answer).Token);
        Assert.Equal(1, (await ledger.ReadRange()).Head);
    }
    // end

    // begin engine
    [Fact]
    public async Task Its_projection_keeps_up()
    {
        await using var ledger = new InMemoryLedger();
        await using var engine = new FoldEngine(ledger, new InMemoryFoldStore(), [Shop.Module]);
        await using var commands = new Commands(Shop.Module, ledger);
        await engine.Start();
        await commands.Send(new CreateOrder("42", "ada", 30m));

        await engine.WaitUntilCaughtUp(ledger); // no sleeping, no polling

        Assert.Equal(FoldHealth.Healthy, (await engine.ReadStatus(OrderSummary.Projection)).Health);
    }
    // end
}
