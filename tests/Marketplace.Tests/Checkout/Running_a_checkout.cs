using Ledgerfold.Model.Processing;
using Ledgerfold.Testing.Processing;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

public sealed class Running_a_checkout
{
    private readonly CheckoutRun _run = new();

    public Running_a_checkout()
    {
        _run.Receive("tea", 10);
        _run.Receive("cup", 1);
    }

    [Fact]
    public void Confirms_an_order_that_is_in_order()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2), ("cup", 1)));

        Assert.Equal(["OrderCreated", "OrderValidated", "OrderConfirmed", "VendorOrderCreated"], _run.Events("order-O1"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationCommitted"], _run.Events("stock-V1:tea"));
        Assert.Equal((0, 2), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Equal(["PaymentRequested", "PaymentAuthorized"], _run.Events("payment-O1"));
        Assert.Equal(1, _run.Held);
        Assert.Equal(ProcessPhase.Completed, _run.Find("checkout", "O1")!.Phase);
    }

    [Fact]
    public void Rejects_an_order_that_is_sold_out_and_gives_the_rest_back()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 11), ("cup", 1)));

        Assert.Equal((Order.Status.Rejected, "INSUFFICIENT_STOCK"), End("O1"));
        Assert.Equal(["StockReceived", "StockReserved", "ReservationReleased"], _run.Events("stock-V1:cup"));
        Assert.Empty(_run.Events("payment-O1"));
        NothingIsLeft();
    }

    [Fact]
    public void Confirms_without_a_payment_where_there_is_nothing_to_pay()
    {
        var free = CheckoutRun.OrderOf("O1", ("tea", 2));
        _run.Accept(free with { Discount = new(20_00, "EUR"), Payment = null });

        Assert.Equal(Order.Status.Confirmed, _run.Order("O1").Status);
        Assert.Empty(_run.Events("payment-O1"));
        Assert.Empty(_run.Events("fraud-O1"));
        _run.Accept(new CancelOrder("O1", "why not"));
        NothingIsLeft();
    }

    [Fact]
    public void Rejects_an_order_whose_payment_is_declined()
    {
        _run.Script("O1", ProviderOutcome.Decline);
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));

        Assert.Equal((Order.Status.Rejected, "PAYMENT_DECLINED"), End("O1"));
        NothingIsLeft();
    }

    [Fact]
    public void Rejects_an_order_after_ten_seconds_without_an_answer()
    {
        _run.Script("O1", ProviderOutcome.Timeout);
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));

        _run.Pass(TimeSpan.FromSeconds(9.9));
        Assert.Equal(Order.Status.Pending, _run.Order("O1").Status);
        _run.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal((Order.Status.Rejected, "PAYMENT_TIMEOUT"), End("O1"));
        NothingIsLeft();
    }

    [Fact]
    public void Gives_an_authorization_back_that_comes_when_the_order_is_rejected()
    {
        _run.Script("O1", ProviderOutcome.LateApprove);
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));

        _run.Pass(TimeSpan.FromSeconds(12));
        Assert.Equal((Order.Status.Rejected, "PAYMENT_TIMEOUT"), End("O1"));
        Assert.Empty(_run.Open());

        _run.Pass(TimeSpan.FromMinutes(10));
        Assert.True(Assert.Single(_run.Provider.Holds()).IsReleased);
        Assert.Empty(_run.Open("authorization", "paymentVoid"));
        NothingIsLeft();
    }

    [Fact]
    public void Confirms_behind_an_error_that_passes()
    {
        _run.Script("O1", ProviderOutcome.ErrorOnce);
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));
        _run.Pass(TimeSpan.FromSeconds(5));

        Assert.Equal(Order.Status.Confirmed, _run.Order("O1").Status);
        Assert.Equal(1, _run.Held);
    }

    [Fact]
    public void Blocks_an_order_whose_card_check_failed()
    {
        var order = CheckoutRun.OrderOf("O1", ("tea", 2));
        _run.Accept(order with { Payment = order.Payment! with { CardCheck = "failed" } });

        Assert.Equal((Order.Status.Rejected, "FRAUD_BLOCKED"), End("O1"));
        Assert.Empty(_run.Events("payment-O1"));
        NothingIsLeft();
    }

    [Fact]
    public void Sells_the_last_unit_to_one_of_two_buyers()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var run = new CheckoutRun(seed);
            run.Receive("cup", 1);
            run.Ask(CheckoutRun.OrderOf("O1", ("cup", 1)));
            run.Ask(CheckoutRun.OrderOf("O2", ("cup", 1)));
            run.RunAll();

            Assert.Equal([Order.Status.Confirmed, Order.Status.Rejected], new[] { run.Order("O1").Status, run.Order("O2").Status }.Order());
            Assert.Equal((0, 1, 0), (run.Stock("cup").Reserved, run.Stock("cup").Committed, run.Stock("cup").Shortfall));
            Assert.Equal(1, run.Held);
        }
    }

    [Fact]
    public void Ends_within_its_limits_where_the_provider_says_nothing_at_all()
    {
        var run = new CheckoutRun(provider: static _ => new SilentProvider());
        run.Receive("tea", 10);
        run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));
        run.Pass(TimeSpan.FromSeconds(11));

        Assert.Equal((Order.Status.Rejected, "PAYMENT_TIMEOUT"), (run.Order("O1").Status, run.Order("O1").Reason));
        Assert.Empty(run.Open());
        Assert.Equal(0, run.Stock("tea").Reserved);
    }

    [Fact]
    public void Makes_the_same_of_a_recorded_history()
    {
        _run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2), ("cup", 1)));

        ProcessRecording? recording = null;
        _run.Do(async () => recording = await ProcessRecording.Read(_run.Ledger, "checkout", "O1"));
        ProcessRecording.Parse(recording!.ToText()).Replay(CheckoutProcess.Process, CheckoutCase.Modules).ThenSame();
    }

    private (Order.Status, string?) End(string orderId) => (_run.Order(orderId).Status, _run.Order(orderId).Reason);

    private void NothingIsLeft()
    {
        Assert.Equal((0, 0), (_run.Stock("tea").Reserved, _run.Stock("tea").Committed));
        Assert.Equal((0, 0), (_run.Stock("cup").Reserved, _run.Stock("cup").Committed));
        Assert.Equal(0, _run.Held);
        Assert.Empty(_run.Open());
    }

    /// <summary>Takes every call and answers none.</summary>
    private sealed class SilentProvider : IPaymentProvider
    {
        public Task<ProviderAnswer> Authorize(string key, string card, Marketplace.Amounts.Money amount, CancellationToken cancel) => Nothing(cancel);

        public Task<ProviderAnswer> Query(string key, CancellationToken cancel) => Nothing(cancel);

        public Task<ProviderAnswer> Void(string key, CancellationToken cancel) => Nothing(cancel);

        public Task<ProviderAnswer> Capture(string key, string captureKey, Marketplace.Amounts.Money amount, CancellationToken cancel) => Nothing(cancel);

        public Task<ProviderAnswer> Refund(string key, string refundKey, Marketplace.Amounts.Money amount, CancellationToken cancel) => Nothing(cancel);

        private static async Task<ProviderAnswer> Nothing(CancellationToken cancel)
        {
            var never = new TaskCompletionSource<ProviderAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (cancel.Register(() => never.TrySetCanceled(cancel)))
                return await never.Task;
        }
    }
}
