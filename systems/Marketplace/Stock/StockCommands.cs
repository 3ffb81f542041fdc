namespace Marketplace.Stock;

/// <summary>What every command of stock says: whose, and of what.</summary>
public interface IStockCommand
{
    string Sku { get; }

    string VendorId { get; }
}

/// <summary>Goods came in at a location.</summary>
public sealed record ReceiveStock(string Sku, string VendorId, string Location, int Quantity) : IStockCommand;

/// <summary>Fewer or more were found at a location than were thought to be there.</summary>
public sealed record AdjustStock(string Sku, string VendorId, string Location, int Quantity, string Reason) : IStockCommand;

/// <summary>The vendor says how many there are at a location; the sequence tells a newer word from an older.</summary>
public sealed record ApplyStockFeed(string Sku, string VendorId, string Location, long Sequence, int OnHand) : IStockCommand;

/// <summary>Sets goods aside for so many seconds.</summary>
public sealed record ReserveStock(string Sku, string VendorId, string ReservationId, int Quantity, int TtlSeconds) : IStockCommand;

/// <summary>Moves the end of a reservation by so many seconds.</summary>
public sealed record ExtendReservation(string Sku, string VendorId, string ReservationId, int Seconds) : IStockCommand;

/// <summary>What is set aside is sold.</summary>
public sealed record CommitReservation(string Sku, string VendorId, string ReservationId) : IStockCommand;

/// <summary>What is set aside is no longer wanted.</summary>
public sealed record ReleaseReservation(string Sku, string VendorId, string ReservationId) : IStockCommand;

/// <summary>Ends a reservation if its time has passed.</summary>
public sealed record ExpireReservation(string Sku, string VendorId, string ReservationId) : IStockCommand;

/// <summary>
/// What was sold will not leave after all, because its order or line was cancelled: the goods are available again. The reservation keeps
/// its one end; whoever sends this for an order does so under one command id, so that it counts once.
/// </summary>
public sealed record FreeCommitted(string Sku, string VendorId, string ReservationId, int Quantity) : IStockCommand;
