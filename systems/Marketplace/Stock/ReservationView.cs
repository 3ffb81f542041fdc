using Ledgerfold.Model.Folding;

namespace Marketplace.Stock;

/// <summary>One reservation, found by its id alone; the open ones also by when they end.</summary>
public sealed record ReservationView(string ReservationId, string Sku, string VendorId, int Quantity, DateTimeOffset ExpiresAt)
{
    /// <summary>By id, and the open ones in the order in which they end in the index <c>expiry</c>.</summary>
    public static readonly Projection<ReservationView> Projection = new("reservations")
    {
        Query = EventQuery.Of(new QueryItem
        {
            Category = Inventory.Decider.Category,
            Types =
            [
                nameof(Inventory.StockReserved), nameof(Inventory.ReservationExtended), nameof(Inventory.ReservationCommitted),
                nameof(Inventory.ReservationReleased), nameof(Inventory.ReservationExpired),
            ],
        }),
        Key = static (fact, _) => IdOf(fact),
        Apply = static (reservation, fact, _) => fact switch
        {
            Inventory.StockReserved reserved => new(
                reserved.ReservationId, reserved.Sku, reserved.VendorId, reserved.Quantity, reserved.ExpiresAt),
            Inventory.ReservationExtended extended => reservation! with { ExpiresAt = extended.ExpiresAt },
            Inventory.ReservationCommitted => reservation! with { End = ReservationEnd.Committed },
            Inventory.ReservationReleased => reservation! with { End = ReservationEnd.Released },
            Inventory.ReservationExpired => reservation! with { End = ReservationEnd.Expired },
            _ => reservation,
        },
        Indexes = static reservation => reservation.End is null ? [new FoldIndexEntry("expiry", Times.ToText(reservation.ExpiresAt))] : [],
    };

    /// <summary>How it ended; null where nothing is written down of an end.</summary>
    public ReservationEnd? End { get; init; }

    /// <summary>The reservation that a fact of stock is about; null where it is about none.</summary>
    public static string? IdOf(object fact) => fact switch
    {
        Inventory.StockReserved reserved => reserved.ReservationId,
        Inventory.ReservationExtended extended => extended.ReservationId,
        Inventory.ReservationCommitted committed => committed.ReservationId,
        Inventory.ReservationReleased released => released.ReservationId,
        Inventory.ReservationExpired expired => expired.ReservationId,
        _ => null,
    };
}
