using Ledgerfold.Model.Commanding;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

/// <summary>A foreign card at an address that does not match, from somebody new: 25 + 15 + 10.</summary>
public sealed class Reviewing_a_running_checkout
{
    private readonly CheckoutRun _run = new();

    public Reviewing_a_running_checkout()
    {
        _run.Receive("tea", 2);
        var order = CheckoutRun.OrderOf("O1", ("tea", 2));
        _run.Accept(order with { Payment = order.Payment! with { AddressCheck = "N", IpCountry = "DE", CardCountry = "FR" } });
    }

    [Fact]
    public void Holds_it_and_its_goods()
    {
        Assert.Equal(Order.Status.OnHold, _run.Order("O1").Status);
        Assert.Equal(CheckoutCase.Start.AddHours(48).AddMinutes(15), _run.Stock("tea").Open["O1:1"].ExpiresAt);
        Assert.Empty(_run.Events("payment-O1"));
    }

    [Fact]
    public void Confirms_it_once_it_is_approved_in_the_last_moment()
    {
        _run.Clock.ShiftWallClock(TimeSpan.FromHours(48) - TimeSpan.FromSeconds(1));
        _run.Accept(new ResolveFraudReview("O1", Resolution.Approved));

        Assert.Equal(Order.Status.Confirmed, _run.Order("O1").Status);
        Assert.Equal((0, 2), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Equal(1, _run.Held);
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Rejects_it_once_it_is_declined()
    {
        _run.Accept(new ResolveFraudReview("O1", Resolution.Declined));

        IsBlocked();
    }

    [Fact]
    public void Rejects_it_at_its_limit()
    {
        _run.Jump(TimeSpan.FromHours(48));

        Assert.Equal("REVIEW_EXPIRED", Assert.IsType<CommandAnswer.Rejected>(_run.Send(new ResolveFraudReview("O1", Resolution.Approved))).Code);
        IsBlocked();
    }

    [Fact]
    public void Comes_to_one_end_where_an_approval_races_with_the_limit()
    {
        var ends = new HashSet<Order.Status>();
        for (ulong seed = 1; seed <= 30; seed++)
        {
            var run = new CheckoutRun(seed);
            run.Receive("tea", 2);
            var order = CheckoutRun.OrderOf("O1", ("tea", 2));
            run.Accept(order with { Payment = order.Payment! with { AddressCheck = "N", IpCountry = "DE", CardCountry = "FR" } });
            run.Clock.ShiftWallClock(TimeSpan.FromHours(48) - TimeSpan.FromMicroseconds(1));
            run.Ask(new ResolveFraudReview("O1", Resolution.Approved));
            run.RunSome(seed % 4 == 0 ? 0 : (int)seed);
            run.Jump(TimeSpan.FromMinutes(1));

            var status = run.Order("O1").Status;
            ends.Add(status);
            var isSold = status is Order.Status.Confirmed;
            Assert.True(isSold || status is Order.Status.Rejected, $"seed {seed}: {status}");
            Assert.Equal((0, isSold ? 2 : 0, isSold ? 1 : 0), (run.Stock("tea").Reserved, (int)run.Stock("tea").Committed, run.Held));
            Assert.Empty(run.Open());
        }

        Assert.Equal(2, ends.Count);
    }

    [Fact]
    public void Reserves_again_what_was_released_meanwhile()
    {
        _run.Accept(new ReleaseReservation("tea", "V1", "O1:1"));
        _run.Accept(new ResolveFraudReview("O1", Resolution.Approved));

        Assert.Equal(Order.Status.Confirmed, _run.Order("O1").Status);
        Assert.Equal(ReservationEnd.Committed, _run.Stock("tea").EndOf("O1:1:2"));
        _run.Accept(new CancelOrder("O1", "changed my mind"));
        Assert.Equal((0, 0), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Rejects_it_where_that_is_sold_by_then()
    {
        _run.Accept(new ReleaseReservation("tea", "V1", "O1:1"));
        _run.Accept(CheckoutRun.OrderOf("O2", ("tea", 2)));
        _run.Accept(new ResolveFraudReview("O1", Resolution.Approved));

        Assert.Equal((Order.Status.Rejected, "INSUFFICIENT_STOCK"), (_run.Order("O1").Status, _run.Order("O1").Reason));
        Assert.Equal(Order.Status.Confirmed, _run.Order("O2").Status);
        Assert.Equal((0, 2), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Asks_whoever_nobody_knows_in_time()
    {
        var run = new CheckoutRun();
        run.Receive("tea", 2);
        run.IsBlind = true;
        run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));

        Assert.Equal(Order.Status.OnHold, run.Order("O1").Status);
        run.Accept(new ResolveFraudReview("O1", Resolution.Approved));
        Assert.Equal(Order.Status.Confirmed, run.Order("O1").Status);
        Assert.Empty(run.Open());
    }

    private void IsBlocked()
    {
        Assert.Equal((Order.Status.Rejected, "FRAUD_BLOCKED"), (_run.Order("O1").Status, _run.Order("O1").Reason));
        Assert.Equal((0, 0, 0), (_run.Stock("tea").Reserved, (int)_run.Stock("tea").Committed, _run.Held));
        Assert.Empty(_run.Open());
    }
}

public sealed class Reserving_for_too_short_a_time
{
    private readonly CheckoutRun _run = new();

    public Reserving_for_too_short_a_time() => _run.Receive("tea", 2);

    [Theory]
    [InlineData(11)]
    [InlineData(16)]
    public void Renews_before_it_confirms(int minutes)
    {
        Sleep("payment-O1", "PaymentAuthorized", minutes);
        _run.Begin();

        Assert.Equal(Order.Status.Confirmed, _run.Order("O1").Status);
        Assert.Equal(minutes > 15 ? "StockReserved" : "ReservationExtended", _run.Events("stock-V1:tea")[^2]);
        IsSoldOnce();
    }

    [Fact]
    public void Takes_the_payment_back_where_somebody_else_bought_it()
    {
        Sleep("payment-O1", "PaymentAuthorized", minutes: 16);
        BuyElsewhere();
        _run.Begin();
        _run.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal((Order.Status.Rejected, "INSUFFICIENT_STOCK"), (_run.Order("O1").Status, _run.Order("O1").Reason));
        Assert.Equal((0, 0), (_run.Held, _run.Stock("tea").Open.Count(static one => one.Key.StartsWith("O1", StringComparison.Ordinal))));
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Sells_what_lapsed_between_confirming_and_selling_as_another_reservation()
    {
        Sleep("order-O1", "OrderConfirmed", minutes: 16);
        _run.Begin();

        Assert.Equal(["StockReceived", "StockReserved", "ReservationExpired", "StockReserved", "ReservationCommitted"], _run.Events("stock-V1:tea"));
        IsSoldOnce();
    }

    [Fact]
    public void Waits_for_stock_where_somebody_else_bought_that_and_never_oversells()
    {
        Sleep("order-O1", "OrderConfirmed", minutes: 16);
        BuyElsewhere();
        _run.Begin();
        Assert.Equal((Order.Status.Confirmed, 0), (_run.Order("O1").Status, (int)_run.Stock("tea").Shortfall));
        Assert.Single(_run.Open());

        _run.Receive("tea", 2);
        _run.Jump(TimeSpan.FromMinutes(1));
        Assert.Equal((2, 2), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Contains("VendorOrderCreated", _run.Events("order-O1"));
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Gives_up_what_nobody_can_deliver_after_48_hours()
    {
        Sleep("order-O1", "OrderConfirmed", minutes: 16);
        BuyElsewhere();
        _run.Begin();
        _run.Jump(TimeSpan.FromHours(48));
        _run.Jump(TimeSpan.FromHours(2));

        Assert.Equal(Order.Status.Cancelled, _run.Order("O1").Status);
        Assert.Equal((0, 0), (_run.Held, _run.Stock("tea").Committed));
        Assert.Empty(_run.Open());
    }

    [Fact]
    public void Asks_for_every_step_that_is_said_to_be_one_and_no_other()
    {
        Sleep("order-O1", "OrderConfirmed", minutes: 16);
        BuyElsewhere();
        _run.Begin();
        _run.Jump(TimeSpan.FromHours(48));
        _run.Jump(TimeSpan.FromHours(2));
        _run.Accept(new ReceiveStock("tea", "V1", "north", 2));
        var order = CheckoutRun.OrderOf("O2", ("tea", 2));
        _run.Accept(order with { Payment = order.Payment! with { AddressCheck = "N", IpCountry = "DE", CardCountry = "FR" } });
        _run.Accept(new ResolveFraudReview("O2", Resolution.Approved));
        _run.Accept(CheckoutRun.OrderOf("O3", ("tea", 2)));

        var asked = new[] { "O1", "O2", "O3" }.SelectMany(id => RunCost.StepsOf(_run, id)).Distinct();
        Assert.Equal(CheckoutProcess.Steps.Order(StringComparer.Ordinal), asked.Order(StringComparer.Ordinal));
    }

    /// <summary>Everything stands still for so long, just when this has happened.</summary>
    private void Sleep(string stream, string type, int minutes)
    {
        _run.Ask(CheckoutRun.OrderOf("O1", ("tea", 2)));
        Assert.True(_run.RunUntil(stream, type));
        _run.Kill();
        _run.Clock.ShiftWallClock(TimeSpan.FromMinutes(minutes));
    }

    private void BuyElsewhere()
    {
        _run.Commands = _run.NewCommands();
        _run.Accept(new ReserveStock("tea", "V1", "elsewhere", 2, 7 * 24 * 3600));
    }

    private void IsSoldOnce()
    {
        Assert.Equal((0, 2, 1), (_run.Stock("tea").Reserved, (int)_run.Stock("tea").Committed, _run.Held));
        Assert.Empty(_run.Open());
    }
}
