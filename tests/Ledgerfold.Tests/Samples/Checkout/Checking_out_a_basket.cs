namespace Ledgerfold.Tests.Samples.Checkout;

public sealed class Checking_out_a_basket
{
    private readonly PaymentProvider _provider = new();
    private readonly CheckoutRun _run;

    public Checking_out_a_basket()
    {
        _run = new CheckoutRun(Baskets.Module(_provider));
        _run.Send(new ReceiveStock("tea", 10));
        _run.Send(new ReceiveStock("cup", 1));
    }

    [Fact]
    public void Reserves_every_line_and_pays_once()
    {
        _run.Send(new Baskets.CreateBasket("42", [new("tea", 2), new("cup", 1)], 30m));

        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Read("stock-tea"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Read("stock-cup"));
        Assert.Equal(1, _provider.Held);
        Assert.Equal(ProcessPhase.Completed, _run.Find("basket", "42")!.Phase);
    }

    [Fact]
    public void Gives_the_others_back_when_one_is_not_there()
    {
        _run.Send(new Baskets.CreateBasket("42", [new("tea", 2), new("cup", 2)], 30m));

        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Read("stock-tea"));
        Assert.Equal(["StockReceived"], _run.Read("stock-cup"));
        Assert.Equal((0, 0), (_provider.Held, _provider.Voided));
        Assert.Equal("reserve cup: INSUFFICIENT_STOCK: quantity", _run.Find("basket", "42")!.Reason);
    }
}
