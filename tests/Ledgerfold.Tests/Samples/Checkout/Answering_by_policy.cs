namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Answering_by_policy
{
    private static readonly Policy<Order.OrderCreated> Large = new(
        "reserveLarge",
        static (created, _) => created.Total < 100 ? null : new ReserveStock(created.Sku, created.OrderId, created.Quantity),
        then: static (created, _) => new ConfirmOrder(created.OrderId, "on account"),
        refused: static (created, failure) => new RejectOrder(created.OrderId, failure.Code));

    private static readonly Policy<Order.OrderCancelled> Commit = new(
        "commitOnCancellation", static (cancelled, _) => new CommitReservation(cancelled.Sku, cancelled.OrderId));

    private readonly CheckoutRun _run = new(Shop.Module.Runs(Large).Runs(Commit));

    public Answering_by_policy() => _run.Send(new ReceiveStock("tea", 10));

    [Fact]
    public void Does_one_thing_and_then_another()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 700m));

        Assert.Equal(["OrderCreated", "OrderConfirmed"], _run.Read("order-42"));
        Assert.Equal(["Completed"], Instances("reserveLarge"));
    }

    [Fact]
    public void Does_something_else_where_it_is_turned_down()
    {
        _run.Send(new CreateOrder("42", "tea", 11, 700m));

        Assert.Equal(["OrderCreated", "OrderRejected"], _run.Read("order-42"));
        Assert.Equal(["Completed"], Instances("reserveLarge"));
    }

    [Fact]
    public void Leaves_no_instance_for_an_event_that_says_nothing_to_it()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 99m));

        Assert.Equal(["OrderCreated"], _run.Read("order-42"));
        Assert.Empty(Instances("reserveLarge"));
    }

    [Fact]
    public void Answers_each_event_once_however_often_it_is_started()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 700m));
        _run.Send(new CreateOrder("43", "tea", 2, 700m));

        _run.Restart(Shop.Module.Runs(Large).Runs(Commit));
        _run.Pass(TimeSpan.FromMinutes(5));

        Assert.Equal(["StockReceived", "StockReserved", "StockReserved"], _run.Read("stock-tea"));
        Assert.Equal(["Completed", "Completed"], Instances("reserveLarge"));
    }

    [Fact]
    public void Is_stuck_where_it_is_turned_down_and_nobody_says_what_follows()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 99m));

        _run.Send(new CancelOrder("42")); // there is nothing to be committed

        Assert.Equal(["work failed: NOT_RESERVED"], Instances("commitOnCancellation"));
    }

    /// <summary>How all instances of a policy stand.</summary>
    private List<string> Instances(string policy)
    {
        var found = new List<string>();
        _run.Do(async () =>
        {
            var page = await _run.Engine.Search(new InstanceSearch { Process = policy }, atLeast: (await _run.Ledger.ReadRange()).Head);
            found.AddRange(page.Rows.Select(static row => row.Stuck ?? $"{row.Phase}"));
        });
        return found;
    }
}
