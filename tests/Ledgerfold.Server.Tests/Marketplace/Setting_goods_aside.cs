using System.Text.Json;

namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Setting_goods_aside
{
    private const string Two = """{"sku":"tea","vendorId":"V1","quantity":2,"ttlSeconds":60}""";

    [Fact]
    public async Task Holds_them_until_they_are_given_back()
    {
        await using var shop = await RunningShop.WithTea(quantity: 3);

        var held = await shop.Post("/reservations", Two, "k1");
        var again = await shop.Post("/reservations", Two, "k1");
        var id = held.Field("reservationId");

        Assert.Equal((201, $"/api/v1/marketplace/reservations/{id}", "Open"), (held.Status, held.Location, held.Field("state")));
        Assert.Equal(held.Text, again.Text);
        Assert.Equal(("2", "1"), await Sums(shop));
        await shop.Refuses(409, "INSUFFICIENT_STOCK", "/quantity", "/reservations", Two);
        Assert.Equal("Released", await State(shop, $"/reservations/{id}/releases"));
        Assert.Equal(("0", "3"), await Sums(shop));
        Assert.Equal("Released", (await shop.Get($"/reservations/{id}")).Field("state"));
        await shop.Refuses(409, "RESERVATION_RELEASED", "/reservationId", $"/reservations/{id}/commitments", "{}");
    }

    [Fact]
    public async Task Sells_them()
    {
        await using var shop = await RunningShop.WithTea(quantity: 3);
        var id = (await shop.Made("/reservations", Two)).GetProperty("reservationId").GetString();

        Assert.Equal("Committed", await State(shop, $"/reservations/{id}/commitments"));

        Assert.Equal("2", (await shop.Get("/stock/tea")).Field("committed"));
        await shop.Refuses(409, "RESERVATION_COMMITTED", "/reservationId", $"/reservations/{id}/releases", "{}");
    }

    [Fact]
    public async Task Is_over_at_its_time_and_not_before()
    {
        await using var shop = await RunningShop.WithTea(quantity: 3);
        var made = await shop.Made("/reservations", Two);
        var id = made.GetProperty("reservationId").GetString();
        var longer = await shop.Made($"/reservations/{id}/extensions", """{"seconds":3600}""");

        await shop.Advance(TimeSpan.FromMinutes(50));
        var before = (await shop.Get($"/reservations/{id}")).Field("state");
        await shop.Advance(TimeSpan.FromMinutes(12));

        Assert.Equal(TimeSpan.FromHours(1), longer.GetProperty("expiresAt").GetDateTimeOffset() - made.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal(("Open", "Expired"), (before, (await shop.Get($"/reservations/{id}")).Field("state")));
        await shop.Refuses(409, "RESERVATION_EXPIRED", "/reservationId", $"/reservations/{id}/commitments", "{}");
        await shop.Refuses(409, "RESERVATION_EXPIRED", "/reservationId", $"/reservations/{id}/extensions", """{"seconds":60}""");
        await shop.Made("/reservations", """{"sku":"tea","vendorId":"V1","quantity":3,"ttlSeconds":60}""");
    }

    [Fact]
    public async Task Knows_its_own_reservations_alone()
    {
        await using var shop = await RunningShop.WithTea();
        var id = (await shop.Made("/reservations", Two)).GetProperty("reservationId").GetString();

        foreach (var (path, tenant) in new[] { ($"/reservations/{id}", "other"), ("/reservations/R1", "default"), ("/reservations/a%20b", "default") })
            Assert.Equal((404, "RESERVATION_NOT_FOUND"), await shop.Get(path, tenant) is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal((404, "RESERVATION_NOT_FOUND"), await shop.Post($"/reservations/{id}/releases", "{}", tenant: "other") is var foreign ? (foreign.Status, foreign.Code) : default);
        await shop.Refuses(400, "invalid", "/seconds", $"/reservations/{id}/extensions", """{"seconds":0}""");
    }

    private static async Task<string?> State(RunningShop shop, string path) => (await shop.Made(path, "{}")).GetProperty("state").GetString();

    private static async Task<(string Reserved, string Available)> Sums(RunningShop shop) =>
        (await shop.Get("/stock/tea")) is var stock ? (stock.Field("reserved"), stock.Field("available")) : default;
}
