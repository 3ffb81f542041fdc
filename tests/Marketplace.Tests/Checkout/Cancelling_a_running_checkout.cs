using Ledgerfold.Model.Commanding;
using Marketplace.Orders;
using Marketplace.Payments;
using Marketplace.Payments.Simulation;

namespace Marketplace.Tests.Checkout;

public sealed class Cancelling_a_running_checkout
{
    /// <summary>After so many turns of everything that goes on, and under another order of it each time.</summary>
    [Theory]
    [InlineData(ProviderOutcome.Approve, 7)]
    [InlineData(ProviderOutcome.LateApprove, 17)]
    [InlineData(ProviderOutcome.Decline, 17)]
    public void Leaves_nothing_whenever_it_comes(ProviderOutcome outcome, int step)
    {
        var ends = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var turns = 0; turns < 900; turns += step)
        {
            var run = new CheckoutRun(seed: (ulong)turns);
            run.Receive("tea", 2);
            run.Receive("cup", 1);
            run.Script("O1", outcome);
            run.Ask(CheckoutRun.OrderOf("O1", ("tea", 2), ("cup", 1)));
            run.RunSome(turns);
            run.Ask(new CancelOrder("O1", "changed my mind"));
            run.RunAll();
            run.Pass(TimeSpan.FromMinutes(10));

            var order = run.Order("O1");
            var before = order.Status is Order.Status.Cancelled ? run.Events("order-O1")[^2] : $"{order.Status}";
            ends[before] = ends.GetValueOrDefault(before) + 1;
            if (order.Status is not Order.Status.Confirmed) // it was not there yet
            {
                Assert.True((run.Stock("tea").Reserved, run.Stock("tea").Committed) is (0, 0), $"{turns} turns: tea");
                Assert.True((run.Stock("cup").Reserved, run.Stock("cup").Committed) is (0, 0), $"{turns} turns: cup");
                Assert.True(run.Held == 0, $"{turns} turns: {run.Held} held");
            }

            Assert.True(run.Open() is [], $"{turns} turns: {string.Join(", ", run.Open())}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", ends.Select(static one => $"{one.Value} behind {one.Key}")));
        Assert.True(ends.GetValueOrDefault("OrderValidated") > 10, string.Join(", ", ends));
        if (outcome is ProviderOutcome.Approve)
            Assert.True(ends.ContainsKey("OrderConfirmed") && ends.ContainsKey("VendorOrderCreated"), string.Join(", ", ends));
    }

    [Fact]
    public void Frees_one_line_of_what_was_sold()
    {
        var run = new CheckoutRun();
        run.Receive("tea", 2);
        run.Receive("cup", 1);
        run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2), ("cup", 1)));

        run.Accept(new CancelOrderLine("O1", 1, "broken"));
        Assert.Equal((0, 1), (run.Stock("tea").Committed, run.Stock("cup").Committed));
        Assert.Equal((Order.Status.Confirmed, 1), (run.Order("O1").Status, run.Held));

        run.Accept(new CancelOrderLine("O1", 2, "broken"));
        Assert.Equal((0, 0), (run.Stock("tea").Committed, run.Stock("cup").Committed));
        Assert.Equal((Order.Status.Cancelled, 0), (run.Order("O1").Status, run.Held));
        Assert.Empty(run.Open());
    }

    [Fact]
    public void Refunds_what_was_captured()
    {
        var run = new CheckoutRun();
        run.Receive("tea", 2);
        run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));
        run.Accept(new CapturePayment("O1", new(15_00, "EUR")));

        run.Accept(new CancelOrder("O1", "changed my mind"));

        Assert.Equal((15_00, 15_00), (run.Provider.Holds()[0].Captured.Minor, run.Provider.Holds()[0].Refunded.Minor));
        Assert.Empty(run.Open());
    }

    [Fact]
    public void Is_refused_once_it_is_rejected()
    {
        var run = new CheckoutRun();
        run.Accept(CheckoutRun.OrderOf("O1", ("tea", 2)));

        Assert.Equal("ORDER_REJECTED", Assert.IsType<CommandAnswer.Rejected>(run.Send(new CancelOrder("O1", "changed my mind"))).Code);
    }
}
