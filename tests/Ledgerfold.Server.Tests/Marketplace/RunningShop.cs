using System.Text;
using System.Text.Json;

namespace Ledgerfold.Server.Tests.Marketplace;

/// <summary>A server with the marketplace on it, spoken to as its users do.</summary>
internal sealed class RunningShop : IAsyncDisposable
{
    public const string Root = "/api/v1/marketplace";

    private int _keys;

    private RunningShop(RunningServer server) => Server = server;

    public RunningServer Server { get; }

    public static async Task<RunningShop> Start(bool manualClock = true, string? directory = null) =>
        new(await RunningServer.Start(directory, manualClock, Systems.All));

    /// <summary>With a vendor V1 that offers tea at 10.00 EUR and has so many of it.</summary>
    public static async Task<RunningShop> WithTea(int quantity = 10)
    {
        var shop = await Start();
        await shop.Sells("V1", "tea", "10.00", quantity);
        return shop;
    }

    /// <summary>An order for an article of V1 at 10.00 EUR each.</summary>
    public static string Order(string sku = "tea", int quantity = 1, string price = "10.00", string customer = "ada", string card = "tok_1", string vendor = "V1") => $$"""
        {"customerId":"{{customer}}","currency":"EUR","lines":[{"sku":"{{sku}}","vendorId":"{{vendor}}","quantity":{{quantity}},"unitPrice":{"amount":"{{price}}","currency":"EUR"} }],
        "payment":{"card":"{{card}}"},"destination":{"country":"DE"} }
        """;

    public async Task Sells(string vendor, string sku, string price, int quantity, string currency = "EUR")
    {
        await Post("/vendors", $$"""{"vendorId":"{{vendor}}","name":"Vendor {{vendor}}","region":"EU","commissionPercent":12.5}""");
        await Made("/offers", $$"""{"sku":"{{sku}}","vendorId":"{{vendor}}","title":"Best {{sku}}","unitPrice":{"amount":"{{price}}","currency":"{{currency}}"} }""");
        if (quantity > 0)
            await Made("/stock/receipts", $$"""{"sku":"{{sku}}","vendorId":"{{vendor}}","location":"BER","quantity":{{quantity}}}""");
    }

    public Task<Answer> Get(string path, string? tenant = null) => Send(HttpMethod.Get, path, null, null, tenant);

    public Task<Answer> Post(string path, string json, string? key = null, string? tenant = null) =>
        Send(HttpMethod.Post, path, json, key ?? $"key-{Interlocked.Increment(ref _keys)}", tenant);

    /// <summary>Posts, and it is done.</summary>
    public async Task<JsonElement> Made(string path, string json, string? key = null)
    {
        var answer = await Post(path, json, key);
        Assert.True(answer.Status == 201, answer.Text);
        return answer.Json;
    }

    /// <summary>Says what the next calls for a card come to.</summary>
    public async Task Script(string card, string outcome) =>
        Assert.Equal(200, (await Post("/simulator/payment-script", $$"""{"card":"{{card}}","outcomes":["{{outcome}}"]}""")).Status);

    /// <summary>Asks again whenever something was appended, until it is so.</summary>
    public async Task Until(Func<Task<bool>> isSo)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        over.CancelAfter(TimeSpan.FromSeconds(60));
        var request = new ReadRequest { Follow = true, After = await Head() };
        await using var pages = Server.Get<ILedger>().ReadAcrossTenants(request, over.Token).GetAsyncEnumerator(over.Token);
        var next = pages.MoveNextAsync().AsTask();
        while (!await isSo())
        {
            // it may be that time has to pass and nothing else
            if (await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, over.Token)) == next && await next)
                next = pages.MoveNextAsync().AsTask();
        }

        await over.CancelAsync();
        await next.ContinueWith(static _ => { }, TaskScheduler.Default); // a read that goes on must end before it is let go of
    }

    public async Task Advance(TimeSpan time) =>
        Assert.Equal(200, (await Server.Post("/api/v1/clock/advance", $$"""{"seconds":{{time.TotalSeconds}}}""")).Status);

    /// <summary>What is refused, where, and by which code; and nothing was appended.</summary>
    public async Task Refuses(int status, string code, string? pointer, string path, string json)
    {
        var before = await Head();

        var answer = await Post(path, json);

        Assert.True((status, code) == (answer.Status, answer.Code), answer.Text);
        if (pointer is not null)
            Assert.True(answer.Pointers is [var one] && one == pointer, answer.Text);
        if (status == 400)
            Assert.Equal(before, await Head());
    }

    public async Task<long> Head() => (await Server.Get<ILedger>().ReadRange(TestContext.Current.CancellationToken)).Head;

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private Task<Answer> Send(HttpMethod method, string path, string? json, string? key, string? tenant)
    {
        var request = new HttpRequestMessage(method, Root + path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (tenant is not null)
            request.Headers.Add("Ledgerfold-Tenant", tenant);
        return Server.Send(request);
    }
}
