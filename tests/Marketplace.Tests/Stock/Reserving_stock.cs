using Ledgerfold.Testing;
using Marketplace.Stock;
using static Marketplace.Stock.Inventory;
using static Marketplace.Tests.Stock.StockCase;

namespace Marketplace.Tests.Stock;

public sealed class Reserving_stock
{
    [Fact]
    public void Sets_it_aside_for_a_time() => Ten.When(Reserve("r1", 4, 900)).Then(Reserved("r1", 4, 900));

    [Fact]
    public void Takes_the_last_unit_and_no_more()
    {
        Ten.Given(Reserved("r1", 4)).When(Reserve("r2", 6)).Then(Reserved("r2", 6));
        Ten.Given(Reserved("r1", 4)).When(Reserve("r2", 7)).ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r2", 7, 6));
    }

    [Fact]
    public void Counts_what_is_committed_as_gone() => Ten
        .Given(Reserved("r1", 4), Committed("r1", 4))
        .When(Reserve("r2", 7))
        .ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r2", 7, 6));

    [Fact]
    public void Is_refused_where_nothing_was_ever_received() =>
        Nothing.When(Reserve("r1", 1)).ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r1", 1, 0));

    [Fact]
    public void Is_refused_while_there_is_a_shortfall() => Ten
        .Given(Reserved("r1", 4), new StockFeedApplied("tea", "V1", "berlin", 1, 2))
        .When(Reserve("r2", 1))
        .ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r2", 1, 0));

    [Fact]
    public void Has_what_was_released_or_expired_again()
    {
        Ten.Given(Reserved("r1", 10), Released("r1", 10)).When(Reserve("r2", 10)).Then(Reserved("r2", 10));
        Ten.Given(Reserved("r1", 10), Expired("r1", 10)).When(Reserve("r2", 10)).Then(Reserved("r2", 10));
    }

    [Fact]
    public void Happens_once_under_one_id()
    {
        Ten.Given(Reserved("r1", 4)).When(Reserve("r1", 4)).Then();
        Ten.Given(Reserved("r1", 4)).When(Reserve("r1", 5)).ThenRejected("RESERVATION_EXISTS", "reservationId");
        Ten.Given(Reserved("r1", 4), Released("r1", 4)).When(Reserve("r1", 4)).ThenRejected("RESERVATION_EXISTS", "reservationId");
    }

    [Fact]
    public void Is_not_kept_from_what_is_over_and_not_written_down() => Ten
        .Given(Reserved("r1", 4, 60), Reserved("r2", 3, 30), Reserved("r3", 3, 120))
        .At(Noon.AddSeconds(60))
        .When(Reserve("r4", 5))
        .Then(Expired("r2", 3), Expired("r1", 4), new StockReserved("tea", "V1", "r4", 5, Noon.AddSeconds(960)));

    [Fact]
    public void Writes_down_no_more_of_that_than_is_needed() => Ten
        .Given(Reserved("r1", 4, 60), Reserved("r2", 3, 30), Reserved("r3", 3, 120))
        .At(Noon.AddSeconds(60))
        .When(Reserve("r4", 3))
        .Then(Expired("r2", 3), new StockReserved("tea", "V1", "r4", 3, Noon.AddSeconds(960)));

    [Fact]
    public void Goes_by_the_time_that_a_reservation_was_extended_to() => Ten
        .Given(Reserved("r1", 10, 60), new ReservationExtended("tea", "V1", "r1", Noon.AddSeconds(120)))
        .At(Noon.AddSeconds(119))
        .When(Reserve("r2", 1))
        .ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r2", 1, 0));

    [Fact]
    public void Says_what_could_be_had_where_even_that_is_too_little() => Ten
        .Given(Reserved("r1", 4, 60), Reserved("r2", 6, 120))
        .At(Noon.AddSeconds(60))
        .When(Reserve("r3", 5))
        .ThenRejected("INSUFFICIENT_STOCK", "quantity", Short("r3", 5, 4));

    [Fact]
    public async Task Names_the_member_that_is_at_fault()
    {
        await Refusal.IsFor("reservationId", Module, Reserve("", 1));
        await Refusal.IsFor("reservationId", Module, Reserve("a::b", 1));
        await Refusal.IsFor("reservationId", Module, Reserve("a/b", 1));
        await Refusal.IsFor("quantity", Module, Reserve("r1", 0));
        await Refusal.IsFor("quantity", Module, Reserve("r1", 100_001));
        await Refusal.IsFor("ttlSeconds", Module, Reserve("r1", 1, 0));
        await Refusal.IsFor("ttlSeconds", Module, Reserve("r1", 1, 2_592_001));
        await Refusal.IsFor("seconds", Module, Extend("r1", 0));
        await Refusal.IsFor("vendorId", Module, new CommitReservation("tea", "V 1", "r1"));
    }
}
