using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Marketplace.Stock;

/// <summary>
/// The sums of one article of one vendor, as people see them and as an order is looked at before it is taken: without the single
/// reservations, so that a row stays small however many there are.
/// </summary>
public sealed record ArticleStock(string Sku, string VendorId)
{
    /// <summary>By the stream of the article, and by SKU in the index <c>sku</c>.</summary>
    public static readonly Projection<ArticleStock> Projection = new("stock", perStreamOf: Inventory.Decider.Category)
    {
        Apply = static (stock, fact, _) => Apply(stock, (Inventory.Event)fact),
        Indexes = static stock => [new FoldIndexEntry("sku", stock.Sku)],
    };

    public long Reserved { get; init; }

    public long Committed { get; init; }

    public ImmutableSortedDictionary<string, LocationStock> Locations { get; init; } =
        ImmutableSortedDictionary.Create<string, LocationStock>(StringComparer.Ordinal);

    /// <summary>No open reservation ends before this; null where there is none.</summary>
    public DateTimeOffset? NoneEndsBefore { get; init; }

    public long OnHand => Locations.Values.Sum(static location => location.OnHand);

    public long Available => Math.Max(0, OnHand - Reserved - Committed);

    /// <summary>
    /// Whether nothing can be had, for certain as of this row: a reservation whose time has passed gives its goods back, whether or not
    /// anybody wrote that down, so that where one may have ended the answer is no.
    /// </summary>
    public bool IsSoldOut(DateTimeOffset at) => Available == 0 && (NoneEndsBefore is not { } end || at < end);

    private static ArticleStock Apply(ArticleStock? before, Inventory.Event fact)
    {
        var stock = before ?? new ArticleStock(fact.Sku, fact.VendorId);
        return fact switch
        {
            Inventory.StockReceived received =>
                stock.At(received.Location, stock.Of(received.Location).OnHand + received.Quantity),
            Inventory.StockAdjusted { Location: { } location } adjusted =>
                stock.At(location, stock.Of(location).OnHand + adjusted.Quantity),
            Inventory.StockAdjusted adjusted => stock with { Committed = stock.Committed + adjusted.Committed },
            Inventory.StockFeedApplied feed => stock.At(feed.Location, feed.OnHand, feed.Sequence),
            Inventory.StockReserved reserved => stock with
            {
                Reserved = stock.Reserved + reserved.Quantity,
                NoneEndsBefore = stock.NoneEndsBefore < reserved.ExpiresAt ? stock.NoneEndsBefore : reserved.ExpiresAt,
            },
            Inventory.ReservationCommitted committed =>
                stock.Without(committed.Quantity) with { Committed = stock.Committed + committed.Quantity },
            Inventory.ReservationReleased released => stock.Without(released.Quantity),
            Inventory.ReservationExpired expired => stock.Without(expired.Quantity),
            _ => stock,
        };
    }

    private LocationStock Of(string location) => Locations.GetValueOrDefault(location) ?? new LocationStock(0, 0);

    private ArticleStock At(string location, long onHand, long? sequence = null) =>
        this with { Locations = Locations.SetItem(location, new LocationStock(onHand, sequence ?? Of(location).Sequence)) };

    private ArticleStock Without(int quantity) => this with
    {
        Reserved = Reserved - quantity,
        NoneEndsBefore = Reserved == quantity ? null : NoneEndsBefore,
    };
}
