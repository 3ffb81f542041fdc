namespace Ledgerfold.Server.Tests.Marketplace;

public sealed class Counting_stock
{
    [Fact]
    public async Task Adds_up_what_came_in_over_vendors_and_locations()
    {
        await using var shop = await RunningShop.Start();
        await Receive(shop, "V2", "BER", 5);
        await Receive(shop, "V1", "BER", 3);
        await Receive(shop, "V1", "AMS", 4);
        await Feed(shop, sequence: 7, onHand: 2);
        await shop.Made("/reservations", """{"sku":"tea","vendorId":"V1","quantity":1,"ttlSeconds":60}""");

        var answer = await shop.Get("/stock/tea");

        Assert.Equal(
            """{"sku":"tea","onHand":11,"reserved":1,"committed":0,"available":10,"vendors":["""
                + """{"vendorId":"V1","onHand":6,"reserved":1,"committed":0,"available":5,"locations":["""
                + """{"location":"AMS","onHand":4,"sequence":0},{"location":"BER","onHand":2,"sequence":7}]},"""
                + """{"vendorId":"V2","onHand":5,"reserved":0,"committed":0,"available":5,"locations":[{"location":"BER","onHand":5,"sequence":0}]}]}""",
            answer.Text);
        Assert.Equal(404, (await shop.Get("/stock/coffee")).Status);
        Assert.Equal(404, (await shop.Get("/stock/te%20a")).Status);
        Assert.Equal(404, (await shop.Get("/stock/tea", tenant: "other")).Status);
    }

    [Fact]
    public async Task Takes_no_older_feed()
    {
        await using var shop = await RunningShop.Start();
        Assert.Equal(201, (await Feed(shop, sequence: 7, onHand: 2)).Status);

        await shop.Refuses(409, "STALE_SEQUENCE", "/sequence", "/stock/feeds", """{"sku":"tea","vendorId":"V1","location":"BER","sequence":7,"onHand":3}""");
        Assert.Equal("2", (await shop.Get("/stock/tea")).Field("onHand"));
    }

    [Fact]
    public async Task Takes_a_receipt_once()
    {
        await using var shop = await RunningShop.Start();
        const string Body = """{"sku":"tea","vendorId":"V1","location":"BER","quantity":5}""";

        var first = await shop.Post("/stock/receipts", Body, "k1");
        var second = await shop.Post("/stock/receipts", Body, "k1");

        Assert.Equal(first.Text, second.Text);
        Assert.Equal("5", (await shop.Get("/stock/tea")).Field("onHand"));
    }

    private static Task<Answer> Receive(RunningShop shop, string vendor, string location, int quantity) => shop.Post(
        "/stock/receipts", $$"""{"sku":"tea","vendorId":"{{vendor}}","location":"{{location}}","quantity":{{quantity}}}""");

    private static Task<Answer> Feed(RunningShop shop, int sequence, int onHand) => shop.Post(
        "/stock/feeds", $$"""{"sku":"tea","vendorId":"V1","location":"BER","sequence":{{sequence}},"onHand":{{onHand}}}""");
}
