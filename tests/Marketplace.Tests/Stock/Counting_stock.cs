using Ledgerfold.Testing;
using Marketplace.Stock;
using static Marketplace.Stock.Inventory;
using static Marketplace.Tests.Stock.StockCase;

namespace Marketplace.Tests.Stock;

public sealed class Counting_stock
{
    [Fact]
    public void Adds_what_is_received() => Ten
        .When(new ReceiveStock("tea", "V1", "paris", 5))
        .Then(new StockReceived("tea", "V1", "paris", 5));

    [Fact]
    public void Is_kept_for_each_location()
    {
        var stock = After(
            new StockReceived("tea", "V1", "berlin", 10),
            new StockReceived("tea", "V1", "paris", 5),
            new StockAdjusted("tea", "V1", "berlin", -2, 0, "broken"),
            new StockFeedApplied("tea", "V1", "paris", 7, 1));

        Assert.Equal((9, 9), (stock.OnHand, stock.Available));
        Assert.Equal(new LocationStock(8, 0), stock.Locations["berlin"]);
        Assert.Equal(new LocationStock(1, 7), stock.Locations["paris"]);
    }

    [Fact]
    public void Takes_a_feed_that_is_newer() => Ten
        .Given(new StockFeedApplied("tea", "V1", "berlin", 4, 20))
        .When(new ApplyStockFeed("tea", "V1", "berlin", 5, 3))
        .Then(new StockFeedApplied("tea", "V1", "berlin", 5, 3));

    [Theory]
    [InlineData(4)]
    [InlineData(3)]
    public void Takes_no_feed_that_is_equal_or_older(long sequence) => Ten
        .Given(new StockFeedApplied("tea", "V1", "berlin", 4, 20))
        .When(new ApplyStockFeed("tea", "V1", "berlin", sequence, 3))
        .ThenRejected("STALE_SEQUENCE", "sequence");

    [Fact]
    public void Has_a_sequence_for_each_location() => Ten
        .Given(new StockFeedApplied("tea", "V1", "berlin", 4, 20))
        .When(new ApplyStockFeed("tea", "V1", "paris", 1, 3))
        .Then(new StockFeedApplied("tea", "V1", "paris", 1, 3));

    [Fact]
    public void Tells_a_shortfall_where_a_feed_is_below_what_is_promised() => Ten
        .Given(Reserved("r1", 4), Reserved("r2", 3), Committed("r2", 3))
        .When(new ApplyStockFeed("tea", "V1", "berlin", 1, 5))
        .Then(new StockFeedApplied("tea", "V1", "berlin", 1, 5), new OversellDetected("tea", "V1", 2));

    [Fact]
    public void Tells_none_where_it_is_just_enough() => Ten
        .Given(Reserved("r1", 4), Reserved("r2", 3), Committed("r2", 3))
        .When(new ApplyStockFeed("tea", "V1", "berlin", 1, 7))
        .Then(new StockFeedApplied("tea", "V1", "berlin", 1, 7));

    [Fact]
    public void Tells_it_again_only_where_it_grows()
    {
        var shortOfTwo = Ten.Given(Reserved("r1", 7), new StockFeedApplied("tea", "V1", "berlin", 1, 5), new OversellDetected("tea", "V1", 2));

        shortOfTwo.When(new ApplyStockFeed("tea", "V1", "berlin", 2, 5)).Then(new StockFeedApplied("tea", "V1", "berlin", 2, 5));
        shortOfTwo.When(new ApplyStockFeed("tea", "V1", "berlin", 2, 6)).Then(new StockFeedApplied("tea", "V1", "berlin", 2, 6));
        shortOfTwo.When(new ApplyStockFeed("tea", "V1", "berlin", 2, 4))
            .Then(new StockFeedApplied("tea", "V1", "berlin", 2, 4), new OversellDetected("tea", "V1", 3));
    }

    [Fact]
    public void Shows_a_shortfall_as_nothing_available()
    {
        var stock = After(new StockReceived("tea", "V1", "berlin", 10), Reserved("r1", 7), new StockFeedApplied("tea", "V1", "berlin", 1, 5));

        Assert.Equal((5, 7, 0, 0, 2), (stock.OnHand, stock.Reserved, stock.Committed, stock.Available, stock.Shortfall));
    }

    [Fact]
    public void Is_adjusted_down_to_nothing_and_no_further()
    {
        Ten.When(new AdjustStock("tea", "V1", "berlin", -10, "fire")).Then(new StockAdjusted("tea", "V1", "berlin", -10, 0, "fire"));
        Ten.When(new AdjustStock("tea", "V1", "berlin", -11, "fire")).ThenRejected("NEGATIVE_STOCK", "quantity");
        Ten.When(new AdjustStock("tea", "V1", "paris", -1, "fire")).ThenRejected("NEGATIVE_STOCK", "quantity");
    }

    [Fact]
    public void Is_adjusted_below_what_is_promised_with_a_shortfall() => Ten
        .Given(Reserved("r1", 8))
        .When(new AdjustStock("tea", "V1", "berlin", -3, "fire"))
        .Then(new StockAdjusted("tea", "V1", "berlin", -3, 0, "fire"), new OversellDetected("tea", "V1", 1));

    [Theory]
    [InlineData("te:a", "V1", "berlin", 1, "sku")]
    [InlineData("tea", "", "berlin", 1, "vendorId")]
    [InlineData("tea", "V1", "ber lin", 1, "location")]
    [InlineData("tea", "V1", "berlin", 0, "quantity")]
    [InlineData("tea", "V1", "berlin", -1, "quantity")]
    [InlineData("tea", "V1", "berlin", 1_000_000_001, "quantity")]
    public Task Names_the_member_of_a_receipt_that_is_at_fault(string sku, string vendorId, string location, int quantity, string field) =>
        Refusal.IsFor(field, Module, new ReceiveStock(sku, vendorId, location, quantity));

    [Fact]
    public async Task Names_the_member_of_a_feed_or_an_adjustment_that_is_at_fault()
    {
        await Refusal.IsFor("sequence", Module, new ApplyStockFeed("tea", "V1", "berlin", 0, 1));
        await Refusal.IsFor("onHand", Module, new ApplyStockFeed("tea", "V1", "berlin", 1, -1));
        await Refusal.IsFor("quantity", Module, new AdjustStock("tea", "V1", "berlin", 0, "why"));
        await Refusal.IsFor("reason", Module, new AdjustStock("tea", "V1", "berlin", 1, ""));
    }

    private static StockState After(params object[] events) => events.Aggregate(StockState.Empty, Apply);
}
