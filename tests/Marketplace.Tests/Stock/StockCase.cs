using Ledgerfold.Testing;
using Marketplace.Stock;
using static Marketplace.Stock.Inventory;

namespace Marketplace.Tests.Stock;

/// <summary>Where the scenarios of one article begin: ten are on hand in one place, and the time is noon.</summary>
internal static class StockCase
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Scenario Nothing = new Scenario(Module).At(Noon);

    public static readonly Scenario Ten = Nothing.Given(new StockReceived("tea", "V1", "berlin", 10));

    public static StockReserved Reserved(string id, int quantity, int seconds = 900) => new("tea", "V1", id, quantity, Noon.AddSeconds(seconds));

    public static ReservationCommitted Committed(string id, int quantity) => new("tea", "V1", id, quantity);

    public static ReservationReleased Released(string id, int quantity) => new("tea", "V1", id, quantity);

    public static ReservationExpired Expired(string id, int quantity) => new("tea", "V1", id, quantity);

    public static ReserveStock Reserve(string id, int quantity, int seconds = 900) => new("tea", "V1", id, quantity, seconds);

    public static CommitReservation Commit(string id) => new("tea", "V1", id);

    public static ReleaseReservation Release(string id) => new("tea", "V1", id);

    public static ExpireReservation Expire(string id) => new("tea", "V1", id);

    public static ExtendReservation Extend(string id, int seconds) => new("tea", "V1", id, seconds);

    public static ReservationRejected Short(string id, int quantity, long available) => new("tea", "V1", id, quantity, available, "INSUFFICIENT_STOCK");
}
