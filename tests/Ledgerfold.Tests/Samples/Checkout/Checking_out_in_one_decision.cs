namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Checking_out_in_one_decision
{
    private readonly CheckoutRun _run = new(AsDecision.Module);

    public Checking_out_in_one_decision() => _run.Send(new ReceiveStock("tea", 10));

    [Fact]
    public void Is_done_or_not_done()
    {
        var answer = _run.Send(new AsDecision.CheckOut("42", "tea", 2, 30m, "A1"));

        Assert.IsType<CommandAnswer.Accepted>(answer);
        Assert.Equal(["OrderCreated", "OrderConfirmed"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Read("stock-tea"));
    }

    [Fact]
    public void Leaves_nothing_where_it_is_out_of_stock()
    {
        var answer = _run.Send(new AsDecision.CheckOut("42", "tea", 11, 30m, "A1"));

        Assert.Equal("INSUFFICIENT_STOCK", Assert.IsType<CommandAnswer.Rejected>(answer).Code);
        Assert.Empty(_run.Read("order-42"));
    }

    [Fact]
    public void Leaves_nothing_where_the_payment_is_another_orders()
    {
        _run.Send(new AsDecision.CheckOut("41", "tea", 1, 15m, "A1"));

        var answer = _run.Send(new AsDecision.CheckOut("42", "tea", 2, 30m, "A1"));

        Assert.Equal("PAYMENT_DECLINED", Assert.IsType<CommandAnswer.Rejected>(answer).Code);
        Assert.Empty(_run.Read("order-42"));
    }

    [Fact]
    public void Sells_the_last_one_once()
    {
        var answers = new List<CommandAnswer>();
        _run.Do(async () => answers.AddRange(await Task.WhenAll(
            _run.Commands.Send(new AsDecision.CheckOut("41", "tea", 10, 90m, "A1")),
            _run.Commands.Send(new AsDecision.CheckOut("42", "tea", 10, 90m, "A2")))));

        Assert.Single(answers.OfType<CommandAnswer.Accepted>());
        Assert.Equal("INSUFFICIENT_STOCK", Assert.Single(answers.OfType<CommandAnswer.Rejected>()).Code);
    }
}
