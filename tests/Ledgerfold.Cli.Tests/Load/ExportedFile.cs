using System.Text.Json;

namespace Ledgerfold.Cli.Tests.Load;

/// <summary>A file of events as a marketplace would export them, written by hand, line by line.</summary>
internal sealed class ExportedFile : IDisposable
{
    public const string Article = "v-1:hot";

    private readonly List<string> _lines = [];
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ledgerfold-recount-");
    private int _second;

    public string Events => Written("events.ndjson", _lines);

    public void Dispose() => _directory.Delete(recursive: true);

    public string Written(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Any event, a second after the one before.</summary>
    public ExportedFile Add(string type, object data)
    {
        _second++;
        _lines.Add(JsonSerializer.Serialize(
            new { position = $"{_second}", type, recordedAt = DateTimeOffset.UnixEpoch.AddSeconds(_second), data }, JsonSerializerOptions.Web));
        return this;
    }

    public ExportedFile Received(int quantity) => Add("StockReceived", new { sku = "hot", vendorId = "v-1", location = "main", quantity });

    public ExportedFile Reserved(string order, int quantity = 1) =>
        Add("StockReserved", new { sku = "hot", vendorId = "v-1", reservationId = $"{order}:1", quantity, expiresAt = "2030-01-01T00:00:00Z" });

    public ExportedFile Ended(string how, string order, int quantity = 1) =>
        Add($"Reservation{how}", new { sku = "hot", vendorId = "v-1", reservationId = $"{order}:1", quantity });

    public ExportedFile Created(string order, int quantity = 1)
    {
        var total = Euro(10 * quantity);
        var bill = new { lines = new[] { new { number = 1, sku = "hot", vendorId = "v-1", quantity } }, total };
        Add("OrderCreated", new { orderId = order, customerId = $"c-{order}", currency = "EUR", bill });
        return Add("OrderValidated", new { orderId = order });
    }

    public ExportedFile Rejected(string order, string code) => Add("OrderRejected", new { orderId = order, code });

    public ExportedFile Requested(string order, string? card = null) =>
        Add("PaymentRequested", new { paymentId = $"{order}-p", orderId = order, amount = Euro(10), card = card ?? $"card-{order}" });

    public ExportedFile Paid(string what, string order) => Add(what, new { paymentId = $"{order}-p", orderId = order, amount = Euro(10), code = "PAYMENT_TIMEOUT" });

    public ExportedFile Confirmed(string order, int quantity = 1)
    {
        Add("OrderConfirmed", new { orderId = order, total = Euro(10 * quantity) });
        Ended("Committed", order, quantity);
        return Add("VendorOrderCreated", new { orderId = order, vendorOrderId = $"{order}:v-1", vendorId = "v-1", total = Euro(10 * quantity) });
    }

    /// <summary>An order from beginning to end, with nothing wrong about it.</summary>
    public ExportedFile Bought(string order, string? card = null) =>
        Created(order).Reserved(order).Requested(order, card).Paid("PaymentAuthorized", order).Confirmed(order);

    private static object Euro(int whole) => new { amount = $"{whole}.00", currency = "EUR" };
}
