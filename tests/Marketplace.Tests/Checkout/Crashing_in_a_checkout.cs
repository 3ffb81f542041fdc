using System.Collections.Immutable;
using Ledgerfold.Testing;
using Marketplace.Checkout;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

/// <summary>
/// One run after another in which nothing is written any more from the n-th append on, or the n-th is written and nobody hears of it; until a
/// run comes to its end without having met its fault. Each goes on from there as if it were started anew, and comes to the same end.
/// </summary>
public sealed class Crashing_in_a_checkout
{
    private static readonly ImmutableArray<string> Ends = ["confirmed", "sold out", "declined", "timeout", "blocked", "approved", "cancelled"];

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var end in Ends)
            {
                cases.Add(end, false);
                cases.Add(end, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Comes_to_the_same_end(string end, bool happens)
    {
        var crashes = 0;
        for (var append = 1; ; append++)
        {
            FaultyLedger? faulty = null;
            var run = new CheckoutRun(seed: (ulong)append, ledger: ledger => faulty = new FaultyLedger(ledger, leaveOpen: true));
            run.Receive("tea", 3);
            run.Receive("cup", 1);
            if (append > 1)
                faulty!.Pass(LedgerCall.Append, append - 1);
            if (happens)
                faulty!.LoseAnswer(happened: true);
            faulty!.Fail(LedgerCall.Append, new IOException("the process is dead"), times: 2_000);
            var waiting = faulty.Waiting;
            Live(run, end);
            var isMet = waiting - faulty.Waiting >= append;
            run.Kill();
            run.Begin();
            Live(run, end); // the customer clicks again
            run.Pass(TimeSpan.FromMinutes(10));
            Check(run, end, append);
            if (!isMet)
                break;
            crashes++;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{end}: {crashes} crashes, {(happens ? "behind" : "before")} each append");
        Assert.InRange(crashes, end == "sold out" ? 9 : 20, 100);
    }

    private static void Live(CheckoutRun run, string end)
    {
        var outcome = end switch
        {
            "declined" => ProviderOutcome.Decline,
            "timeout" => ProviderOutcome.Timeout,
            _ => ProviderOutcome.Approve,
        };
        if (run.Provider.Holds().IsEmpty && outcome is not ProviderOutcome.Approve)
            run.Script("O1", outcome, outcome);
        var order = CheckoutRun.OrderOf("O1", ("tea", 2), ("cup", end == "sold out" ? 2 : 1));
        run.Ask(order with
        {
            Payment = order.Payment! with
            {
                CardCheck = end == "blocked" ? "failed" : null,
                AddressCheck = end == "approved" ? "N" : null,
                IpCountry = "DE",
                CardCountry = end == "approved" ? "FR" : "DE",
            },
        });
        run.RunAll();
        if (end == "timeout")
            run.Pass(TimeSpan.FromSeconds(15));
        if (end == "approved")
            run.Ask(new ResolveFraudReview("O1", Resolution.Approved));
        if (end == "cancelled")
            run.Ask(new CancelOrder("O1", "changed my mind"));
        run.RunAll();
    }

    private static void Check(CheckoutRun run, string end, int append)
    {
        var (status, code) = end switch
        {
            "sold out" => (Marketplace.Orders.Order.Status.Rejected, "INSUFFICIENT_STOCK"),
            "declined" => (Marketplace.Orders.Order.Status.Rejected, "PAYMENT_DECLINED"),
            "timeout" => (Marketplace.Orders.Order.Status.Rejected, "PAYMENT_TIMEOUT"),
            "blocked" => (Marketplace.Orders.Order.Status.Rejected, "FRAUD_BLOCKED"),
            "cancelled" => (Marketplace.Orders.Order.Status.Cancelled, "changed my mind"),
            _ => (Marketplace.Orders.Order.Status.Confirmed, null),
        };
        var order = run.Order("O1");
        var isSold = status is Marketplace.Orders.Order.Status.Confirmed;
        Assert.True((status, code) == (order.Status, order.Reason), $"append {append}: {order.Status} {order.Reason}");
        Assert.True(run.Stock("tea") is { Reserved: 0 } tea && tea.Committed == (isSold ? 2 : 0), $"append {append}: tea");
        Assert.True(run.Stock("cup") is { Reserved: 0 } cup && cup.Committed == (isSold ? 1 : 0), $"append {append}: cup");
        Assert.True(run.Held == (isSold ? 1 : 0), $"append {append}: {run.Held} held");
        Assert.True(run.Provider.Holds().Length <= 1, $"append {append}: {run.Provider.Holds().Length} authorizations");
        Assert.True(run.Open() is [], $"append {append}: {string.Join(", ", run.Open())}");
    }
}
