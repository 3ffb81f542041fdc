using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments.Simulation;
using Marketplace.Stock;

namespace Marketplace.Tests.Checkout;

/// <summary>
/// Orders, outcomes, reviews, cancellations, time and crashes as the seed says, over few articles that are soon sold out. Once everything has
/// come to its end: nothing is reserved, what is sold is what the orders say, and money is held for those alone.
/// </summary>
public sealed class Whatever_happens_to_orders
{
    private static readonly string[] Articles = ["cup", "pot", "tea"];

    [Fact]
    public void Ends_with_goods_and_money_where_the_orders_say()
    {
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= 40; seed++)
            Run(seed, ends);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", ends.Select(static one => $"{one.Value} {one.Key}")));
        Assert.Subset(
            ends.Keys.ToHashSet(),
            new HashSet<string>(["Confirmed ", "Cancelled ", "Rejected INSUFFICIENT_STOCK", "Rejected FRAUD_BLOCKED", "Rejected PAYMENT_DECLINED", "Rejected PAYMENT_TIMEOUT"]));
    }

    private static void Run(ulong seed, SortedDictionary<string, int> ends)
    {
        var random = new SeededRandom(seed);
        var run = new CheckoutRun(seed);
        var received = Articles.ToDictionary(static sku => sku, _ => random.Between(2, 12));
        foreach (var (sku, quantity) in received)
            run.Receive(sku, quantity);
        var orders = new List<string>();
        for (var step = 0; step < 40; step++)
        {
            Act(run, random, orders);
            if (random.OneIn(3))
                run.RunAll();
            else
                run.RunSome(random.Below(200));
        }

        run.RunAll();
        run.Pass(TimeSpan.FromMinutes(10));
        run.Jump(TimeSpan.FromHours(49)); // what nobody looked at
        run.Pass(TimeSpan.FromMinutes(10));
        Check(run, received, [.. orders.Where(id => run.Events($"order-{id}") is not [])], seed, ends);
    }

    private static void Act(CheckoutRun run, SeededRandom random, List<string> orders)
    {
        switch (random.Below(20))
        {
            case < 9:
                orders.Add($"O{orders.Count + 1}");
                Order(run, random, orders[^1]);
                break;
            case < 12 when orders.Count > 0:
                run.Ask(new CancelOrder(random.Pick(orders), "changed my mind"));
                break;
            case < 15 when orders.Count > 0:
                run.Ask(new ResolveFraudReview(random.Pick(orders), random.OneIn(3) ? Resolution.Declined : Resolution.Approved));
                break;
            case 15 when orders.Count > 0:
                run.Ask(new CancelOrderLine(random.Pick(orders), random.Between(1, 3), "broken"));
                break;
            case 16:
                run.Kill();
                run.Clock.ShiftWallClock(TimeSpan.FromMinutes(random.OneIn(3) ? random.Below(20) : 0));
                run.Begin();
                break;
            case 17:
                run.Jump(TimeSpan.FromMinutes(random.Below(20)));
                break;
            default:
                run.Pass(TimeSpan.FromMilliseconds(random.Below(20_000)));
                break;
        }
    }

    private static void Order(CheckoutRun run, SeededRandom random, string orderId)
    {
        run.Script(orderId, random.Below(8) switch
        {
            0 => ProviderOutcome.Decline,
            1 => ProviderOutcome.Timeout,
            2 => ProviderOutcome.LateApprove,
            3 => ProviderOutcome.ErrorOnce,
            _ => ProviderOutcome.Approve,
        });
        var order = CheckoutRun.OrderOf(orderId, [.. Enumerable.Range(0, random.Between(1, 3)).Select(_ => (random.Pick(Articles), random.Between(1, 2)))]);
        var isHeld = random.OneIn(6);
        run.Ask(order with
        {
            Discount = random.OneIn(8) ? new Money(order.Lines.Sum(static line => line.Quantity) * 10_00, "EUR") : null,
            Payment = order.Payment! with
            {
                CardCheck = random.OneIn(15) ? "failed" : null,
                AddressCheck = isHeld ? "N" : null,
                IpCountry = isHeld ? "DE" : null,
                CardCountry = isHeld ? "FR" : null,
            },
        });
    }

    private static void Check(CheckoutRun run, Dictionary<string, int> received, List<string> orders, ulong seed, SortedDictionary<string, int> ends)
    {
        Assert.True(run.Open("checkout", "return", "paymentVoid", "paymentRefund") is [], $"seed {seed}: {string.Join(", ", run.Open())}");
        var sold = Articles.ToDictionary(static sku => sku, static _ => 0L);
        foreach (var id in orders)
        {
            var order = run.Order(id);
            var end = $"{order.Status} {(order.Status is Marketplace.Orders.Order.Status.Rejected ? order.Reason : "")}";
            ends[end] = ends.GetValueOrDefault(end) + 1;
            var isSold = order.Status is Marketplace.Orders.Order.Status.Confirmed;
            Assert.True(isSold || order.Status is Marketplace.Orders.Order.Status.Rejected or Marketplace.Orders.Order.Status.Cancelled, $"seed {seed}: {id} {end}");
            Assert.True(!isSold || order.HasVendorOrders, $"seed {seed}: the vendors of {id} know nothing");
            foreach (var line in isSold ? order.Bill!.Lines : [])
                sold[line.Sku] += line.Quantity;
            var holds = run.Provider.Holds().Where(hold => hold.Key.EndsWith($"/{id}", StringComparison.Ordinal) && hold is { IsDeclined: false, IsReleased: false }).ToList();
            var isPaid = isSold && !run.Read($"order-{id}").OfType<Order.OrderConfirmed>().Single().Total.IsZero;
            Assert.True(holds.Count == (isPaid ? 1 : 0), $"seed {seed}: {id} {end} with {holds.Count} holds");
        }

        foreach (var sku in Articles)
        {
            var stock = run.Stock(sku);
            var open = stock.Open.Where(one => !one.Value.IsOver(run.Now)).ToList();
            Assert.True(open is [], $"seed {seed}: {sku} is reserved: {string.Join(", ", open)}");
            Assert.True(stock.Committed == sold[sku], $"seed {seed}: {stock.Committed} {sku} are committed, {sold[sku]} sold");
            Assert.True(stock.Committed <= received[sku], $"seed {seed}: {stock.Committed} of {received[sku]} {sku} are sold");
        }
    }
}
