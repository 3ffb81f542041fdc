using Ledgerfold.Testing;
using Marketplace.Stock;
using static Marketplace.Stock.Inventory;
using static Marketplace.Tests.Stock.StockCase;

namespace Marketplace.Tests.Stock;

public sealed class Ending_a_reservation
{
    private static readonly Scenario Held = Ten.Given(Reserved("r1", 4, 60));

    [Fact]
    public void Commits_it_before_its_time() => Held.At(Noon.AddSeconds(60).AddTicks(-1)).When(Commit("r1")).Then(Committed("r1", 4));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Commits_nothing_at_its_time_or_later(long ticks) =>
        Held.At(Noon.AddSeconds(60).AddTicks(ticks)).When(Commit("r1")).ThenRejected("RESERVATION_EXPIRED", "reservationId");

    [Fact]
    public void Commits_by_the_time_it_was_extended_to()
    {
        var extended = Held.Given(new ReservationExtended("tea", "V1", "r1", Noon.AddSeconds(90)));

        extended.At(Noon.AddSeconds(89)).When(Commit("r1")).Then(Committed("r1", 4));
        extended.At(Noon.AddSeconds(90)).When(Commit("r1")).ThenRejected("RESERVATION_EXPIRED");
    }

    [Fact]
    public void Extends_it_from_where_it_would_end() =>
        Held.At(Noon.AddSeconds(59)).When(Extend("r1", 30)).Then(new ReservationExtended("tea", "V1", "r1", Noon.AddSeconds(90)));

    [Fact]
    public void Extends_nothing_that_is_over_or_unknown()
    {
        Held.At(Noon.AddSeconds(60)).When(Extend("r1", 30)).ThenRejected("RESERVATION_EXPIRED", "reservationId");
        Held.When(Extend("r2", 30)).ThenRejected("RESERVATION_NOT_FOUND", "reservationId");
        Held.Given(Committed("r1", 4)).When(Extend("r1", 30)).ThenRejected("RESERVATION_COMMITTED", "reservationId");
    }

    [Fact]
    public void Releases_it_at_any_time()
    {
        Held.When(Release("r1")).Then(Released("r1", 4));
        Held.At(Noon.AddSeconds(600)).When(Release("r1")).Then(Released("r1", 4));
    }

    [Fact]
    public void Expires_it_from_its_time_on_and_not_before()
    {
        Held.At(Noon.AddSeconds(59)).When(Expire("r1")).Then();
        Held.At(Noon.AddSeconds(60)).When(Expire("r1")).Then(Expired("r1", 4));
    }

    [Fact]
    public void Changes_nothing_the_second_time()
    {
        Held.Given(Committed("r1", 4)).At(Noon.AddSeconds(600)).When(Commit("r1")).Then();
        Held.Given(Released("r1", 4)).When(Release("r1")).Then();
        Held.Given(Expired("r1", 4)).When(Expire("r1")).Then();
    }

    [Fact]
    public void Never_sells_what_was_given_back_nor_gives_back_what_was_sold()
    {
        Held.Given(Released("r1", 4)).When(Commit("r1")).ThenRejected("RESERVATION_RELEASED", "reservationId");
        Held.Given(Expired("r1", 4)).When(Commit("r1")).ThenRejected("RESERVATION_EXPIRED", "reservationId");
        Held.Given(Committed("r1", 4)).When(Release("r1")).ThenRejected("RESERVATION_COMMITTED", "reservationId");
        Held.Given(Committed("r1", 4)).When(Expire("r1")).ThenRejected("RESERVATION_COMMITTED", "reservationId");
    }

    [Fact]
    public void Gives_back_once_however_release_and_expiry_race()
    {
        Held.Given(Expired("r1", 4)).When(Release("r1")).Then();
        Held.Given(Released("r1", 4)).At(Noon.AddSeconds(60)).When(Expire("r1")).Then();
    }

    [Fact]
    public void Knows_nothing_of_one_that_there_never_was()
    {
        Held.When(Commit("r2")).ThenRejected("RESERVATION_NOT_FOUND", "reservationId");
        Held.When(Release("r2")).Then();
        Held.When(Expire("r2")).Then();
    }

    [Fact]
    public void Forgets_ends_of_long_ago_and_remembers_the_last()
    {
        var stock = new object[] { new StockReceived("tea", "V1", "berlin", 10) }
            .Concat(Enumerable.Range(1, 5_000).SelectMany(static n => new object[] { Reserved($"r{n}", 1), Released($"r{n}", 1) }))
            .Aggregate(StockState.Empty, Apply);

        Assert.Empty(stock.Open);
        Assert.Empty(stock.ByExpiry);
        Assert.InRange(stock.Ended.Count + stock.EndedBefore.Count, StockState.EndsMax, 2 * StockState.EndsMax);
        Assert.All(Enumerable.Range(5_001 - StockState.EndsMax, StockState.EndsMax), n => Assert.Equal(ReservationEnd.Released, stock.EndOf($"r{n}")));
        Assert.Equal((10, 0, 0), (stock.Available, stock.Reserved, stock.Committed));
    }

    [Fact]
    public void Frees_what_was_committed_when_it_is_not_wanted_after_all()
    {
        var sold = Held.Given(Committed("r1", 4));

        sold.When(new FreeCommitted("tea", "V1", "r1", 4)).Then(new StockAdjusted("tea", "V1", null, 0, -4, "no longer wanted", "r1"));
        sold.When(new FreeCommitted("tea", "V1", "r1", 5)).ThenRejected("NOT_COMMITTED", "quantity");
        sold.Given(new StockAdjusted("tea", "V1", null, 0, -4, "no longer wanted", "r1")).When(Reserve("r2", 10)).Then(Reserved("r2", 10));
        Held.When(new FreeCommitted("tea", "V1", "r1", 4)).ThenRejected("NOT_COMMITTED", "reservationId");
        Held.At(Noon.AddSeconds(60)).When(new FreeCommitted("tea", "V1", "r1", 4)).ThenRejected("RESERVATION_EXPIRED", "reservationId");
        Held.Given(Released("r1", 4)).When(new FreeCommitted("tea", "V1", "r1", 4)).ThenRejected("RESERVATION_RELEASED", "reservationId");
    }

    [Fact]
    public void Keeps_a_state_that_bears_being_kept() => SnapshotCheck.Holds(
        Decider,
        new StockReceived("tea", "V1", "berlin", 10),
        Reserved("r1", 4, 60),
        Reserved("r2", 1, 30),
        new ReservationExtended("tea", "V1", "r1", Noon.AddSeconds(90)),
        Reserved("r3", 2),
        Committed("r2", 1),
        Released("r3", 2),
        new StockFeedApplied("tea", "V1", "paris", 3, 1),
        Expired("r1", 4),
        new StockAdjusted("tea", "V1", null, 0, -1, "no longer wanted", "r2"));

    [Fact]
    public void Knows_what_ends_first_also_from_a_snapshot()
    {
        var json = Decider.Json;
        var stock = new object[] { Reserved("r1", 4, 60), Reserved("r2", 1, 30) }.Aggregate(StockState.Empty, Apply);

        var kept = System.Text.Json.JsonSerializer.Deserialize<StockState>(System.Text.Json.JsonSerializer.Serialize(stock, json), json)!;

        Assert.Equal(["r2", "r1"], kept.ByExpiry.Select(static due => due.Id));
    }
}
