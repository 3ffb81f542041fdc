using System.Text.Json;
using Ledgerfold.Cli.Load;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Tests.Load;

public sealed class Drawing_traffic
{
    private static readonly LoadPlan Flash = new(LoadProfile.Flash, "r1");

    [Fact]
    public void Fills_the_schedule_of_a_flash_sale_with_the_shares_it_promises()
    {
        var traffic = LoadTraffic.Of(Flash);

        Assert.Equal(30_150, traffic.Clicks.Count);
        Assert.Equal(0.3, Share(traffic.Clicks, click => !click.IsFirst), 0.01);
        Assert.Equal(0.7, Share(traffic.Purchases, purchase => purchase.IsHot), 0.01);
        Assert.Equal(0.05, Share(traffic.Purchases, purchase => purchase.Outcome == "timeout"), 0.01);
        Assert.Equal(0.02, Share(traffic.Purchases, purchase => purchase.Outcome == "late-approve"), 0.005);
        Assert.Equal((1_000, 20), (traffic.Catalogue.Hot!.Units, traffic.Catalogue.Others.Length));
    }

    [Fact]
    public void Clicks_again_only_on_what_was_clicked_before()
    {
        var seen = new HashSet<int>();
        foreach (var click in LoadTraffic.Of(Flash).Clicks)
            Assert.Equal(click.IsFirst, seen.Add(click.Purchase));
    }

    [Fact]
    public void Gives_every_purchase_a_key_and_a_card_of_its_own()
    {
        var purchases = LoadTraffic.Of(Flash).Purchases;

        Assert.Equal(purchases.Count, purchases.DistinctBy(purchase => purchase.Key).Count());
        Assert.Equal(purchases.Count, purchases.DistinctBy(purchase => purchase.Card).Count());
    }

    [Fact]
    public void Is_the_same_in_every_process()
    {
        var plan = JsonSerializer.Deserialize<LoadPlan>(JsonSerializer.Serialize(Flash with { Seed = 7 }))!;

        var (one, other) = (LoadTraffic.Of(Flash with { Seed = 7 }), LoadTraffic.Of(plan));

        Assert.Equal(one.Clicks, other.Clicks);
        Assert.All(one.Purchases.Zip(other.Purchases), pair => Assert.Equal(pair.First.Body, pair.Second.Body));
    }

    [Fact]
    public void Posts_orders_whose_discount_is_never_more_than_the_goods()
    {
        foreach (var purchase in LoadTraffic.Of(new LoadPlan(LoadProfile.Steady, "r1") { Orders = 5_000 }).Purchases)
        {
            var order = JsonDocument.Parse(purchase.Body).RootElement;
            var goods = order.GetProperty("lines").EnumerateArray().Sum(line => line.GetProperty("quantity").GetInt32() * AmountOf(line, "unitPrice"));
            Assert.True(!order.TryGetProperty("discount", out _) || AmountOf(order, "discount") <= goods, $"{order}");
            Assert.Equal(purchase.Card, order.GetProperty("payment").GetProperty("card").GetString());
        }
    }

    private static double Share<T>(IReadOnlyCollection<T> all, Func<T, bool> counts) => all.Count(counts) / (double)all.Count;

    private static decimal AmountOf(JsonElement json, string name) => decimal.Parse(json.GetProperty(name).GetProperty("amount").GetString()!);
}
