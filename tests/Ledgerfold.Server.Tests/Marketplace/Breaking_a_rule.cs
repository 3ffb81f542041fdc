using static Ledgerfold.Server.Tests.Marketplace.RunningShop;

namespace Ledgerfold.Server.Tests.Marketplace;

/// <summary>Whatever breaks a rule is refused for the field that does, and nothing is appended.</summary>
public sealed class Breaking_a_rule(SharedShop shop) : IClassFixture<SharedShop>
{
    [Theory]
    [InlineData("/vendorId", """{"vendorId":"V 1","name":"n","region":"EU","commissionPercent":1}""")]
    [InlineData("/name", """{"vendorId":"V1","region":"EU","commissionPercent":1}""")]
    [InlineData("/region", """{"vendorId":"V1","name":"n","region":"","commissionPercent":1}""")]
    [InlineData("/commissionPercent", """{"vendorId":"V1","name":"n","region":"EU"}""")]
    [InlineData("/commissionPercent", """{"vendorId":"V1","name":"n","region":"EU","commissionPercent":100.01}""")]
    [InlineData("/commissionPercent", """{"vendorId":"V1","name":"n","region":"EU","commissionPercent":"12"}""")]
    [InlineData("/commissionPercent", """{"vendorId":"V1","name":"n","region":"EU","commissionPercent":1e99}""")]
    public async Task By_a_vendor(string pointer, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, "/vendors", body);
    }

    [Theory]
    [InlineData("/sku", """{"sku":"a:b","vendorId":"V1","title":"t","unitPrice":{"amount":"1.00","currency":"EUR"}}""")]
    [InlineData("/title", """{"sku":"a","vendorId":"V1","title":"  ","unitPrice":{"amount":"1.00","currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t"}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"12.345","currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"1.5","currency":"JPY"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"1e3","currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"-1.00","currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"1000000000.01","currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":12,"currency":"EUR"}}""")]
    [InlineData("/unitPrice", """{"sku":"a","vendorId":"V1","title":"t","unitPrice":{"amount":"12.00","currency":"XXX"}}""")]
    public async Task By_an_offer(string pointer, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, "/offers", body);
    }

    [Theory]
    [InlineData("/quantity", "receipts", """{"sku":"tea","vendorId":"V1","location":"BER","quantity":0}""")]
    [InlineData("/quantity", "receipts", """{"sku":"tea","vendorId":"V1","location":"BER"}""")]
    [InlineData("/quantity", "receipts", """{"sku":"tea","vendorId":"V1","location":"BER","quantity":99999999999999999999}""")]
    [InlineData("/quantity", "receipts", """{"sku":"tea","vendorId":"V1","location":"BER","quantity":1.5}""")]
    [InlineData("/location", "receipts", """{"sku":"tea","vendorId":"V1","quantity":1}""")]
    [InlineData("/onHand", "feeds", """{"sku":"tea","vendorId":"V1","location":"BER","sequence":1}""")]
    [InlineData("/onHand", "feeds", """{"sku":"tea","vendorId":"V1","location":"BER","sequence":1,"onHand":-1}""")]
    [InlineData("/sequence", "feeds", """{"sku":"tea","vendorId":"V1","location":"BER","sequence":0,"onHand":1}""")]
    public async Task By_stock(string pointer, string noun, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, $"/stock/{noun}", body);
    }

    [Theory]
    [InlineData("/quantity", """{"sku":"tea","vendorId":"V1","quantity":0,"ttlSeconds":60}""")]
    [InlineData("/quantity", """{"sku":"tea","vendorId":"V1","quantity":100001,"ttlSeconds":60}""")]
    [InlineData("/ttlSeconds", """{"sku":"tea","vendorId":"V1","quantity":1}""")]
    [InlineData("/ttlSeconds", """{"sku":"tea","vendorId":"V1","quantity":1,"ttlSeconds":2592001}""")]
    [InlineData("/vendorId", """{"sku":"tea","quantity":1,"ttlSeconds":1}""")]
    public async Task By_a_reservation(string pointer, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, "/reservations", body);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task By_an_order(string pointer, string search, string replacement)
    {
        var body = Order().Replace(search, replacement);
        Assert.NotEqual(Order(), body);

        await shop.Value.Refuses(400, "invalid", pointer, "/orders", body);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("31")]
    [InlineData("soon")]
    [InlineData("1.5")]
    public async Task By_a_wait(string wait)
    {
        await shop.Value.Refuses(400, "invalid", "wait", $"/orders?wait={wait}", Order());
    }

    [Theory]
    [InlineData("/amount", "captures", "{}")]
    [InlineData("/amount", "captures", """{"amount":{"amount":"0.00","currency":"EUR"}}""")]
    [InlineData("/amount", "refunds", """{"amount":{"amount":"-1.00","currency":"EUR"}}""")]
    [InlineData("/amount", "captures", """{"amount":{"amount":"1.001","currency":"EUR"}}""")]
    [InlineData("/amount", "refunds", """{"amount":{"amount":"1,00","currency":"EUR"}}""")]
    [InlineData("/reason", "voids", """{"reason":""}""")]
    public async Task By_a_payment(string pointer, string noun, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, $"/payments/P1/{noun}", body);
    }

    [Theory]
    [InlineData("/decision", "reviews", """{"decision":"perhaps"}""")]
    [InlineData("/decision", "reviews", "{}")]
    [InlineData("/note", "reviews", """{"decision":"approved","note":" "}""")]
    [InlineData("/reason", "cancellations", "{}")]
    public async Task By_what_is_done_with_an_order(string pointer, string noun, string body)
    {
        await shop.Value.Refuses(400, "invalid", pointer, $"/orders/O1/{noun}", body);
    }

    public static TheoryData<string, string, string> Broken() => new()
    {
        { "/customerId", "\"ada\"", "\"a da\"" },
        { "/customerId", "\"customerId\":\"ada\",", "" },
        { "/currency", "\"currency\":\"EUR\",\"lines\"", "\"currency\":\"EURO\",\"lines\"" },
        { "/lines", "\"lines\"", "\"rows\"" },
        { "/lines/0/quantity", "\"quantity\":1", "\"quantity\":0" },
        { "/lines/0/quantity", "\"quantity\":1", "\"quantity\":\"1\"" },
        { "/lines/0/quantity", "\"quantity\":1", "\"quantity\":4294967297" },
        { "/lines/0/sku", "\"sku\":\"tea\"", "\"sku\":\"te:a\"" },
        { "/lines/0/unitPrice", "\"10.00\"", "\"10.001\"" },
        { "/lines/0/unitPrice", "\"10.00\"", "\"1e1\"" },
        { "/lines/0/unitPrice", "{\"amount\":\"10.00\",\"currency\":\"EUR\"}", "{\"amount\":\"10.00\",\"currency\":\"USD\"}" },
        { "/lines/1/sku", "} }],", "} },{\"sku\":\"tea\",\"vendorId\":\"V1\",\"quantity\":1,\"unitPrice\":{\"amount\":\"10.00\",\"currency\":\"EUR\"}}]," },
        { "/discount", "\"payment\"", "\"discount\":{\"amount\":\"10.01\",\"currency\":\"EUR\"},\"payment\"" },
        { "/shipping/0/vendorId", "\"payment\"", "\"shipping\":[{\"vendorId\":\"V2\",\"price\":{\"amount\":\"1.00\",\"currency\":\"EUR\"}}],\"payment\"" },
        { "/payment", "\"payment\":{\"card\":\"tok_1\"},", "" },
        { "/payment/card", "tok_1", "" },
        { "/destination/country", "\"DE\"", "\" \"" },
    };
}

/// <summary>A shop for calls that change nothing.</summary>
public sealed class SharedShop : IAsyncLifetime
{
    internal RunningShop Value { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Value = await WithTea();

    public ValueTask DisposeAsync() => Value.DisposeAsync();
}
