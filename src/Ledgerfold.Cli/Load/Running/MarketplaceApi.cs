using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Ledgerfold.Cli.Load.Traffic;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>What a run needs of a marketplace beside its orders, by the calls that everybody has.</summary>
internal sealed class MarketplaceApi : IDisposable
{
    private const string Marketplace = "/api/v1/marketplace";
    private const int AtOnce = 16;
    private const int PageEvents = 1_000;

    private readonly HttpClient _client;

    public MarketplaceApi(Uri server, string? apiKey)
    {
        _client = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };
        if (apiKey is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Whether the server wants to know who calls.</summary>
    public async Task<bool> WantsKey(CancellationToken cancel)
    {
        using var answer = await _client.GetAsync("/api/v1/events?limit=1", cancel);
        return answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
    }

    /// <summary>Brings vendors aboard, publishes offers, receives stock.</summary>
    public async Task Seed(Catalogue catalogue, CancellationToken cancel)
    {
        await Each(catalogue.All.Select(static article => article.VendorId).Distinct(StringComparer.Ordinal), vendor =>
            Post("/vendors", vendor, json =>
            {
                json.WriteString("vendorId", vendor);
                json.WriteString("name", vendor);
                json.WriteString("region", "EU");
                json.WriteNumber("commissionPercent", 10);
            }, cancel));
        await Each(catalogue.All, article => Post("/offers", article.Sku, json =>
        {
            json.WriteString("sku", article.Sku);
            json.WriteString("vendorId", article.VendorId);
            json.WriteString("title", article.Sku);
            OrderBody.Money(json, "unitPrice", article.PriceMinor);
        }, cancel));
        await Each(catalogue.All.Where(static article => article.Units > 0), article => Post("/stock/receipts", article.Sku, json =>
        {
            json.WriteString("sku", article.Sku);
            json.WriteString("vendorId", article.VendorId);
            json.WriteString("location", "main");
            json.WriteNumber("quantity", article.Units);
        }, cancel));
    }

    /// <summary>Tells the payment provider what the next payment by each card comes to.</summary>
    public Task Script(IEnumerable<Purchase> purchases, CancellationToken cancel) =>
        Each(purchases.Where(static one => one.Outcome is not null), purchase => Post("/simulator/payment-script", purchase.Card, json =>
        {
            json.WriteString("card", purchase.Card);
            json.WriteStartArray("outcomes");
            json.WriteStringValue(purchase.Outcome);
            json.WriteEndArray();
        }, cancel));

    /// <summary>Where the ledger ends, as far as it is shown.</summary>
    public async Task<long> Position(CancellationToken cancel)
    {
        using var page = await Get("/api/v1/events?backward=true&limit=1", cancel);
        return page.RootElement.GetProperty("items").EnumerateArray()
            .Select(static one => long.Parse(one.GetProperty("position").GetString()!, CultureInfo.InvariantCulture)).FirstOrDefault();
    }

    /// <summary>Whether an order waits for the end of its checkout.</summary>
    public async Task<bool> HasPending(CancellationToken cancel)
    {
        using var page = await Get($"{Marketplace}/orders?status=Pending&limit=1", cancel);
        return page.RootElement.GetProperty("items").GetArrayLength() > 0;
    }

    /// <summary>Puts the clock forward; whether it can be.</summary>
    public async Task<bool> Advance(TimeSpan by, CancellationToken cancel)
    {
        using var content = BodyOf(json => json.WriteNumber("seconds", by.TotalSeconds));
        using var answer = await _client.PostAsync("/api/v1/clock/advance", content, cancel);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>The key figures as the marketplace gives them.</summary>
    public Task<JsonDocument> Kpis(CancellationToken cancel) => Get($"{Marketplace}/kpis", cancel);

    /// <summary>What is measured, as Prometheus reads it.</summary>
    public Task<string> Metrics(CancellationToken cancel) => _client.GetStringAsync("/metrics", cancel);

    /// <summary>Writes every event behind a position into a file, one a line.</summary>
    public async Task Export(string file, long after, CancellationToken cancel)
    {
        await using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        for (string? next = after.ToString(CultureInfo.InvariantCulture); next is not null;)
        {
            using var page = await Get($"/api/v1/events?after={next}&limit={PageEvents}", cancel);
            var lines = new ArrayBufferWriter<byte>(1024 * 1024);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                using (var json = new Utf8JsonWriter(lines))
                    item.WriteTo(json);
                lines.Write("\n"u8);
            }

            await output.WriteAsync(lines.WrittenMemory, cancel);
            next = page.RootElement.TryGetProperty("next", out var more) ? more.GetString() : null;
        }
    }

    private static Task Each<T>(IEnumerable<T> all, Func<T, Task> call) =>
        Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (one, _) => new ValueTask(call(one)));

    private async Task<JsonDocument> Get(string path, CancellationToken cancel)
    {
        using var answer = await Checked(await _client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel), cancel);
        return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
    }

    private async Task Post(string path, string key, Action<Utf8JsonWriter> fields, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Marketplace + path) { Content = BodyOf(fields) };
        request.Headers.Add("Idempotency-Key", $"{path}:{key}");
        using var answer = await Checked(await _client.SendAsync(request, cancel), cancel);
    }

    private static ByteArrayContent BodyOf(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        var body = new ByteArrayContent(buffer.WrittenSpan.ToArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return body;
    }

    private static async Task<HttpResponseMessage> Checked(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode)
            return answer;
        using var refused = answer;
        var call = answer.RequestMessage!;
        throw new VerbFailedException(
            answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ExitCode.NotAllowed : ExitCode.Failed,
            $"{call.Method} {call.RequestUri!.PathAndQuery}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancel)}");
    }
}
