namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Checking_out_by_choreography
{
    private readonly PaymentProvider _provider = new();
    private readonly CheckoutRun _run;

    public Checking_out_by_choreography()
    {
        _run = new CheckoutRun(AsChoreography.Module(_provider));
        _run.Send(new ReceiveStock("tea", 10));
    }

    [Fact]
    public void Reserves_pays_and_confirms()
    {
        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        Assert.Equal(["OrderCreated", "PaymentRequested", "OrderConfirmed"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Read("stock-tea"));
        Assert.Equal(1, _provider.Held);
    }

    [Fact]
    public void Rejects_an_order_that_is_out_of_stock()
    {
        _run.Send(new CreateOrder("42", "tea", 11, 30m));

        Assert.Equal(["OrderCreated", "OrderRejected"], _run.Read("order-42"));
        Assert.Equal(["StockReceived"], _run.Read("stock-tea"));
    }

    [Fact]
    public void Gives_back_what_was_reserved_when_the_payment_is_declined()
    {
        _provider.Declines = true;

        _run.Send(new CreateOrder("42", "tea", 2, 30m));

        Assert.Equal(["OrderCreated", "PaymentRequested", "OrderRejected"], _run.Read("order-42"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Read("stock-tea"));
    }

    // begin trouble
    [Fact]
    public void Keeps_a_payment_that_nobody_thought_of_taking_back()
    {
        _provider.IsSilent = true;
        _run.Send(new CreateOrder("42", "tea", 2, 30m));
        _run.Send(new CancelOrder("42"));

        _provider.IsSilent = false;
        _run.Pass(TimeSpan.FromMinutes(5)); // authorized by now; the order does not want it any more

        Assert.Equal(["StockReceived", "StockReserved"], _run.Read("stock-tea")); // no policy answers OrderCancelled
        Assert.Equal(1, _provider.Held); // and none knows of both the payment and the order
        _run.Do(async () =>
        {
            var trouble = Assert.Single(await _run.Engine.ReadTrouble());
            Assert.Equal("authorizeOnRequest", trouble.Instance.Process);
            Assert.Equal("answer failed: ORDER_NOT_PENDING", trouble.Stuck); // but nothing is lost without a word
        });
    }
    // end
}
