using Ledgerfold.Testing;
using Marketplace.Stock;

namespace Marketplace.Tests.Stock;

public sealed class Showing_stock
{
    private const string Stream = "stock-V1:tea";
    private static readonly DateTimeOffset Soon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly FoldScenario<ArticleStock> Sums = new(Inventory.Module, ArticleStock.Projection);
    private static readonly FoldScenario<ReservationView> Reservations = new(Inventory.Module, ReservationView.Projection);

    [Fact]
    public void Is_sold_out_only_as_long_as_no_reservation_can_have_ended()
    {
        var stock = new ArticleStock("tea", "V1") { Reserved = 1, NoneEndsBefore = Soon };

        Assert.True(stock.IsSoldOut(Soon.AddTicks(-1)));
        Assert.False(stock.IsSoldOut(Soon));
        Assert.True((stock with { NoneEndsBefore = null }).IsSoldOut(Soon));
        Assert.False((new ArticleStock("tea", "V1") { Locations = stock.Locations.Add("BER", new LocationStock(1, 0)) }).IsSoldOut(Soon));
    }

    [Fact]
    public void Remembers_the_first_end_until_nothing_is_reserved()
    {
        var held = Sums.Given(
            Stream,
            new Inventory.StockReserved("tea", "V1", "a", 2, Soon.AddHours(1)),
            new Inventory.StockReserved("tea", "V1", "b", 1, Soon),
            new Inventory.StockReserved("tea", "V1", "c", 1, Soon.AddHours(2)),
            new Inventory.ReservationReleased("tea", "V1", "b", 1));

        held.Then(Stream, new ArticleStock("tea", "V1") { Reserved = 3, NoneEndsBefore = Soon });
        held.Given(Stream, new Inventory.ReservationCommitted("tea", "V1", "a", 2), new Inventory.ReservationExpired("tea", "V1", "c", 1))
            .Then(Stream, new ArticleStock("tea", "V1") { Committed = 2 });
    }

    [Fact]
    public void Finds_a_reservation_by_its_id_with_its_one_end()
    {
        var open = Reservations.Given(Stream, new Inventory.StockReserved("tea", "V1", "a", 2, Soon), new Inventory.ReservationExtended("tea", "V1", "a", Soon.AddHours(1)));

        open.Then("a", new ReservationView("a", "tea", "V1", 2, Soon.AddHours(1)));
        open.Given(Stream, new Inventory.ReservationReleased("tea", "V1", "a", 2)).Then("a", new ReservationView("a", "tea", "V1", 2, Soon.AddHours(1)) { End = ReservationEnd.Released });
    }

    [Fact]
    public void Says_what_the_stock_itself_says_whatever_happens()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var random = new SeededRandom(seed);
            var (state, row) = (StockState.Empty, (ArticleStock?)null);
            for (var n = 0; n < 60; n++)
            {
                var fact = Draw(random, state, n);
                state = Inventory.Apply(state, fact);
                row = ArticleStock.Projection.Apply(row, fact, null!);

                Assert.True((state.OnHand, state.Reserved, state.Committed, state.Available) == (row!.OnHand, row.Reserved, row.Committed, row.Available), $"seed {seed}, event {n}: {fact}");
                Assert.True(state.Open.Values.All(open => open.ExpiresAt >= row.NoneEndsBefore), $"seed {seed}, event {n}: {fact}");
                Assert.True(state.Open.IsEmpty == (row.NoneEndsBefore is null), $"seed {seed}, event {n}: {fact}");
            }
        }
    }

    private static object Draw(SeededRandom random, StockState state, int n)
    {
        var location = random.Pick(["BER", "AMS"]);
        if (!state.Open.IsEmpty && random.Coin())
        {
            var id = random.Pick([.. state.Open.Keys.Order(StringComparer.Ordinal)]);
            var quantity = state.Open[id].Quantity;
            return random.Below(4) switch
            {
                0 => new Inventory.ReservationCommitted("tea", "V1", id, quantity),
                1 => new Inventory.ReservationReleased("tea", "V1", id, quantity),
                2 => new Inventory.ReservationExpired("tea", "V1", id, quantity),
                _ => new Inventory.ReservationExtended("tea", "V1", id, state.Open[id].ExpiresAt.AddMinutes(random.Below(50))),
            };
        }

        return random.Below(5) switch
        {
            0 => new Inventory.StockReceived("tea", "V1", location, random.Between(1, 9)),
            1 => new Inventory.StockFeedApplied("tea", "V1", location, n + 1, random.Below(9)),
            2 => new Inventory.StockAdjusted("tea", "V1", location, -1, 0, "broken"),
            3 => new Inventory.StockAdjusted("tea", "V1", null, 0, -1, "no longer wanted", "x"),
            _ => new Inventory.StockReserved("tea", "V1", $"r{n}", random.Between(1, 4), Soon.AddMinutes(random.Below(100))),
        };
    }
}
