namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Selling
{
    private const string Vendor = """{"vendorId":"V1","name":"Tea & Co","region":"EU","commissionPercent":12.5}""";

    [Fact]
    public async Task Begins_with_a_vendor_that_comes_aboard()
    {
        await using var shop = await RunningShop.Start();

        var made = await shop.Post("/vendors", Vendor, "k1");
        var again = await shop.Post("/vendors", Vendor, "k1");

        Assert.Equal((201, "/api/v1/marketplace/vendors/V1", false), (made.Status, made.Location, made.IsReplayed));
        Assert.Equal("""{"vendorId":"V1","name":"Tea & Co","region":"EU","commissionPercent":12.5,"status":"Active"}""", made.Text);
        Assert.Equal((201, true, made.Text), (again.Status, again.IsReplayed, again.Text));
        await shop.Refuses(409, "VENDOR_EXISTS", "/vendorId", "/vendors", Vendor);
    }

    [Fact]
    public async Task Ends_with_a_suspension()
    {
        await using var shop = await RunningShop.WithTea();

        var suspended = await shop.Made("/vendors/V1/suspension", """{"reason":"sells copies"}""");

        Assert.Equal("Suspended", suspended.GetProperty("status").GetString());
        await shop.Refuses(409, "VENDOR_SUSPENDED", "/lines/0/vendorId", "/orders", RunningShop.Order());
        await shop.Refuses(404, "VENDOR_NOT_FOUND", null, "/vendors/V9/suspension", "{}");
        await shop.Refuses(404, "VENDOR_NOT_FOUND", null, "/vendors/V%209/suspension", "{}");
    }

    [Fact]
    public async Task Goes_on_with_offers_that_are_found_by_their_words()
    {
        await using var shop = await RunningShop.Start();
        await shop.Sells("V1", "tea-green", "10.00", 0);
        await shop.Sells("V1", "tea-black", "11.00", 0);
        await shop.Sells("V2", "teapot", "30.00", 0);

        Assert.Equal(["tea-black", "tea-green"], await Found(shop, "?query=TEA"));
        Assert.Equal(["tea-green"], await Found(shop, "?query=green+best"));
        Assert.Empty(await Found(shop, "?query=coffee"));
        Assert.Equal(3, (await Found(shop, "")).Length);
        Assert.Equal(
            """{"sku":"teapot","vendorId":"V2","title":"Best teapot","unitPrice":{"amount":"30.00","currency":"EUR"}}""",
            (await shop.Get("/offers?query=teapot")).Json.GetProperty("items")[0].GetRawText());
        Assert.Equal((400, "invalid"), await Status(shop, "/offers?query=..."));
        Assert.Equal((400, "invalid"), await Status(shop, "/offers?query=tea&after=nonsense"));
        Assert.Equal((400, "invalid"), await Status(shop, "/offers?limit=1001"));
    }

    [Fact]
    public async Task Shows_offers_in_pages_that_miss_none_and_repeat_none()
    {
        await using var shop = await RunningShop.Start();
        for (var n = 0; n < 5; n++)
            await shop.Sells("V1", $"tea-{n}", "1.00", 0);
        var seen = new List<string>();

        string? after = null;
        do
        {
            var page = (await shop.Get($"/offers?query=tea&limit=2{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}")).Json;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("sku").GetString()!));
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);

        Assert.Equal(["tea-0", "tea-1", "tea-2", "tea-3", "tea-4"], seen);
    }

    [Fact]
    public async Task Publishes_an_offer_once()
    {
        await using var shop = await RunningShop.WithTea();

        await shop.Refuses(409, "OFFER_EXISTS", "/sku", "/offers", """{"sku":"tea","vendorId":"V1","title":"t","unitPrice":{"amount":"9.00","currency":"EUR"}}""");
    }

    private static async Task<string[]> Found(RunningShop shop, string query) =>
        [.. (await shop.Get("/offers" + query)).Json.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("sku").GetString()!)];

    private static async Task<(int, string?)> Status(RunningShop shop, string path) => (await shop.Get(path)) is var answer ? (answer.Status, answer.Code) : default;
}
