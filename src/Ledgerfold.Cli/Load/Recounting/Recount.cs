using System.Text.Json;

namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// Counts again from exported events what a marketplace must never do: sell what is not there, take money twice, hold it for nothing, lose
/// an order. It knows the names of events and fields from the marketplace's contract and shares no code with it, so that a mistake there is
/// not repeated here. Events are taken in the order of the ledger.
/// </summary>
internal sealed class Recount
{
    private readonly Dictionary<string, ArticleCount> _articles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OrderCount> _orders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaymentCount> _payments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);

    public long Events { get; private set; }

    /// <summary>How often somebody was told "sold out" while units were free: by a row that was a moment behind.</summary>
    public int RefusedWhileFree { get; private set; }

    /// <summary>How often the marketplace itself told that more was promised than there was.</summary>
    public int Oversells { get; private set; }

    /// <summary>Orders that were assessed for fraud.</summary>
    public int Assessed { get; private set; }

    public IReadOnlyDictionary<string, ArticleCount> Articles => _articles;

    public IReadOnlyDictionary<string, OrderCount> Orders => _orders;

    public IReadOnlyDictionary<string, PaymentCount> Payments => _payments;

    /// <summary>The most checkouts that were under way at once.</summary>
    public int OpenCheckoutsPeak { get; private set; }

    /// <summary>Reads a file of one event a line, as it was exported.</summary>
    /// <exception cref="VerbFailedException">A line is no event, or speaks of what no line before it began.</exception>
    public static Recount Read(string file)
    {
        var count = new Recount();
        foreach (var (at, line) in File.ReadLines(file).Index().Where(static line => line.Item.Length > 0))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                if (ExportedEvent.Of(json.RootElement) is { } one)
                    count.Take(one);
            }
            catch (Exception wrong) when (wrong is JsonException or InvalidDataException or KeyNotFoundException or FormatException)
            {
                throw new VerbFailedException(ExitCode.Failed, $"{file}, line {at + 1}: {wrong.Message}");
            }
        }

        return count;
    }

    public void Take(ExportedEvent one)
    {
        Events++;
        switch (one.Type)
        {
            case "OrderCreated":
                _orders.Add(one["orderId"], Created(one));
                break;
            case var type when type.StartsWith("Order", StringComparison.Ordinal) || type == "VendorOrderCreated":
                OfOrder(one);
                break;
            case "PaymentRequested":
                _payments.Add(one["paymentId"], new PaymentCount(one["orderId"], one["card"], one.Amount("amount")));
                break;
            case "FraudAssessed":
                Assessed++;
                break;
            case "OversellDetected":
                Oversells++;
                break;
            default:
                if (one.Optional("paymentId") is { } paymentId)
                    _payments[paymentId].Take(one);
                else if (one.Optional("sku") is { } sku && one.Optional("vendorId") is { } vendor)
                    ArticleOf(vendor, sku).Take(one);
                break;
        }
    }

    /// <summary>What the orders that are confirmed took, article by article; to be asked for once, at the end.</summary>
    public void Close()
    {
        foreach (var line in _orders.Values.Where(static order => order.End is OrderEnd.Confirmed).SelectMany(static order => order.Lines))
            ArticleOf(line.Article).Confirmed += line.Quantity;
    }

    private static OrderCount Created(ExportedEvent one)
    {
        var bill = one.Data.GetProperty("bill");
        return new OrderCount(one.At, Amount.Of(bill.GetProperty("total")),
        [
            .. bill.GetProperty("lines").EnumerateArray().Select(static line => new OrderLine(
                IdOf(line.GetProperty("vendorId").GetString()!, line.GetProperty("sku").GetString()!),
                line.GetProperty("quantity").GetInt64())),
        ]);
    }

    private void OfOrder(ExportedEvent one)
    {
        var id = one["orderId"];
        var order = _orders[id];
        order.Take(one);
        if (one.Type == "OrderValidated")
            _underWay.Add(id);
        else if (!order.IsOpen)
            _underWay.Remove(id);
        OpenCheckoutsPeak = Math.Max(OpenCheckoutsPeak, _underWay.Count);
        if (order.Code == "INSUFFICIENT_STOCK" && one.Type == "OrderRejected"
            && order.Lines.All(line => ArticleOf(line.Article).Available >= line.Quantity))
            RefusedWhileFree++;
    }

    private ArticleCount ArticleOf(string vendor, string sku) => ArticleOf(IdOf(vendor, sku));

    private ArticleCount ArticleOf(string id)
    {
        if (!_articles.TryGetValue(id, out var article))
            _articles.Add(id, article = new ArticleCount());
        return article;
    }

    private static string IdOf(string vendor, string sku) => $"{vendor}:{sku}";
}
