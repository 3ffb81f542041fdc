using Ledgerfold.Model.Folding;

namespace Ledgerfold.Cli.Bench.Shop;

/// <summary>One row for each order: what is in it, and who changed it last.</summary>
internal static class OrderSummary
{
    public sealed record Row(string OrderId, long Changes, long Quantity, string LastVendor, string LastAccount, long LastPosition);

    public static readonly Projection<Row> Projection = new("order-summary")
    {
        Query = EventQuery.OfCategory(Order.Category),
        Key = static (_, recorded) => recorded.Stream,
        EventsOf = static key => EventQuery.OfStream(key),
        Apply = Apply,
        Json = OrderJson.Default.Options,
    };

    public static Row? Apply(Row? row, object fact, RecordedEvent recorded) => fact switch
    {
        Order.ItemAdded added => Changed(row, recorded, added.Quantity, added.Vendor, added.Account),
        Order.ItemRemoved removed => Changed(row, recorded, -removed.Quantity, removed.Vendor, removed.Account),
        _ => row,
    };

    private static Row Changed(Row? row, RecordedEvent recorded, int quantity, string vendor, string account) => new(
        row?.OrderId ?? recorded.Stream,
        (row?.Changes ?? 0) + 1,
        (row?.Quantity ?? 0) + quantity,
        vendor,
        account,
        recorded.Position);
}
