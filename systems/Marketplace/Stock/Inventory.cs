using Ledgerfold.Model.Commanding;

namespace Marketplace.Stock;

/// <summary>
/// The stock of one article of one vendor. What can be sold is what is on hand and neither reserved nor committed, and never less than
/// none: where more was promised than there is, the shortfall is told. A reservation has exactly one end, and it is over at its time,
/// whether or not anybody wrote that down. It is of the vendor's stock as a whole: which location the goods leave from is found later.
/// </summary>
public static class Inventory
{
    /// <summary>Less can be had than is asked for.</summary>
    public const string InsufficientStock = "INSUFFICIENT_STOCK";

    public abstract record Event(string Sku, string VendorId);

    public sealed record StockReceived(string Sku, string VendorId, string Location, int Quantity) : Event(Sku, VendorId);

    /// <param name="Location">Where; nowhere where only what is committed changes.</param>
    /// <param name="Quantity">How many more, or fewer, are on hand.</param>
    /// <param name="Committed">How many more, or fewer, are sold and have not left.</param>
    public sealed record StockAdjusted(
        string Sku, string VendorId, string? Location, int Quantity, int Committed, string Reason, string? ReservationId = null)
        : Event(Sku, VendorId);

    public sealed record StockFeedApplied(string Sku, string VendorId, string Location, long Sequence, int OnHand) : Event(Sku, VendorId);

    public sealed record StockReserved(string Sku, string VendorId, string ReservationId, int Quantity, DateTimeOffset ExpiresAt)
        : Event(Sku, VendorId);

    public sealed record ReservationRejected(
        string Sku, string VendorId, string ReservationId, int Quantity, long Available, string Code) : Event(Sku, VendorId);

    public sealed record ReservationExtended(string Sku, string VendorId, string ReservationId, DateTimeOffset ExpiresAt)
        : Event(Sku, VendorId);

    public sealed record ReservationCommitted(string Sku, string VendorId, string ReservationId, int Quantity) : Event(Sku, VendorId);

    public sealed record ReservationReleased(string Sku, string VendorId, string ReservationId, int Quantity) : Event(Sku, VendorId);

    public sealed record ReservationExpired(string Sku, string VendorId, string ReservationId, int Quantity) : Event(Sku, VendorId);

    /// <summary>More is promised than there is, and more than before.</summary>
    public sealed record OversellDetected(string Sku, string VendorId, long Shortfall) : Event(Sku, VendorId);

    public static StockState Apply(StockState stock, object fact) => fact switch
    {
        StockReceived received => stock.WithLocation(received.Location, stock.LocationOf(received.Location).OnHand + received.Quantity),
        StockAdjusted { Location: { } location } adjusted =>
            stock.WithLocation(location, stock.LocationOf(location).OnHand + adjusted.Quantity),
        StockAdjusted adjusted => stock with { Committed = stock.Committed + adjusted.Committed },
        StockFeedApplied feed => stock.WithLocation(feed.Location, feed.OnHand, feed.Sequence),
        StockReserved reserved => stock.WithOpen(reserved.ReservationId, new Reservation(reserved.Quantity, reserved.ExpiresAt)),
        ReservationExtended extended => stock.WithOpen(
            extended.ReservationId, stock.Open[extended.ReservationId] with { ExpiresAt = extended.ExpiresAt }),
        ReservationCommitted committed => stock.WithEnd(committed.ReservationId, ReservationEnd.Committed),
        ReservationReleased released => stock.WithEnd(released.ReservationId, ReservationEnd.Released),
        ReservationExpired expired => stock.WithEnd(expired.ReservationId, ReservationEnd.Expired),
        _ => stock,
    };

    public static Decision Decide(ReceiveStock command, StockState stock) =>
        Decision.Of(new StockReceived(command.Sku, command.VendorId, command.Location, command.Quantity));

    public static Decision Decide(AdjustStock command, StockState stock) =>
        stock.LocationOf(command.Location).OnHand + command.Quantity < 0
            ? Decision.Reject("NEGATIVE_STOCK", "quantity", $"There are {stock.LocationOf(command.Location).OnHand} at {command.Location}.")
            : Counted(command, stock, new StockAdjusted(
                command.Sku, command.VendorId, command.Location, command.Quantity, 0, command.Reason));

    public static Decision Decide(ApplyStockFeed command, StockState stock) =>
        command.Sequence <= stock.LocationOf(command.Location).Sequence
            ? Decision.Reject("STALE_SEQUENCE", "sequence", $"The last was {stock.LocationOf(command.Location).Sequence}.")
            : Counted(command, stock, new StockFeedApplied(
                command.Sku, command.VendorId, command.Location, command.Sequence, command.OnHand));

    public static Decision Decide(ReserveStock command, StockState stock, CommandContext context)
    {
        if (stock.Open.TryGetValue(command.ReservationId, out var open))
            return open.Quantity == command.Quantity ? Decision.Nothing : Decision.Reject("RESERVATION_EXISTS", "reservationId");
        if (stock.EndOf(command.ReservationId) is not null)
            return Decision.Reject("RESERVATION_EXISTS", "reservationId");

        // What is over but not yet written down stands in nobody's way.
        var events = new List<object>();
        var free = stock.Free;
        foreach (var due in stock.ByExpiry)
        {
            var first = stock.Open[due.Id];
            if (free >= command.Quantity || !first.IsOver(context.At))
                break;
            events.Add(new ReservationExpired(command.Sku, command.VendorId, due.Id, first.Quantity));
            free += first.Quantity;
        }

        if (free < command.Quantity)
        {
            return Decision.Reject(InsufficientStock, "quantity").Leaving(new ReservationRejected(
                command.Sku, command.VendorId, command.ReservationId, command.Quantity, Math.Max(0, free), InsufficientStock));
        }

        var expiresAt = context.At.AddSeconds(command.TtlSeconds);
        events.Add(new StockReserved(command.Sku, command.VendorId, command.ReservationId, command.Quantity, expiresAt));
        return Decision.Of([.. events]);
    }

    public static Decision Decide(ExtendReservation command, StockState stock, CommandContext context)
    {
        if (!stock.Open.TryGetValue(command.ReservationId, out var open))
            return Ended(stock.EndOf(command.ReservationId));
        return open.IsOver(context.At)
            ? Ended(ReservationEnd.Expired)
            : Decision.Of(new ReservationExtended(
                command.Sku, command.VendorId, command.ReservationId, open.ExpiresAt.AddSeconds(command.Seconds)));
    }

    public static Decision Decide(CommitReservation command, StockState stock, CommandContext context)
    {
        if (!stock.Open.TryGetValue(command.ReservationId, out var open))
        {
            var end = stock.EndOf(command.ReservationId);
            return end is ReservationEnd.Committed ? Decision.Nothing : Ended(end);
        }

        return open.IsOver(context.At)
            ? Ended(ReservationEnd.Expired)
            : Decision.Of(new ReservationCommitted(command.Sku, command.VendorId, command.ReservationId, open.Quantity));
    }

    /// <summary>
    /// What is not held needs no release: neither what was released nor what expired, nor what nobody remembers. So taking back a checkout
    /// never fails because time was faster.
    /// </summary>
    public static Decision Decide(ReleaseReservation command, StockState stock)
    {
        if (stock.Open.TryGetValue(command.ReservationId, out var open))
            return Decision.Of(new ReservationReleased(command.Sku, command.VendorId, command.ReservationId, open.Quantity));
        return stock.EndOf(command.ReservationId) is ReservationEnd.Committed ? Ended(ReservationEnd.Committed) : Decision.Nothing;
    }

    /// <summary>Nothing happens before its time, nor where it has another end that gave the goods back.</summary>
    public static Decision Decide(ExpireReservation command, StockState stock, CommandContext context)
    {
        if (!stock.Open.TryGetValue(command.ReservationId, out var open))
            return stock.EndOf(command.ReservationId) is ReservationEnd.Committed ? Ended(ReservationEnd.Committed) : Decision.Nothing;
        return open.IsOver(context.At)
            ? Decision.Of(new ReservationExpired(command.Sku, command.VendorId, command.ReservationId, open.Quantity))
            : Decision.Nothing;
    }

    public static Decision Decide(FreeCommitted command, StockState stock, CommandContext context)
    {
        if (stock.Open.TryGetValue(command.ReservationId, out var open))
            return open.IsOver(context.At) ? Ended(ReservationEnd.Expired) : Decision.Reject("NOT_COMMITTED", "reservationId");
        if (stock.EndOf(command.ReservationId) is { } end and not ReservationEnd.Committed)
            return Ended(end);
        return stock.Committed < command.Quantity
            ? Decision.Reject("NOT_COMMITTED", "quantity", $"{stock.Committed} are committed.")
            : Decision.Of(new StockAdjusted(
                command.Sku, command.VendorId, Location: null, 0, -command.Quantity, "no longer wanted", command.ReservationId));
    }

    /// <summary>What was counted, and what is short by it if more is than before.</summary>
    private static Decision Counted(IStockCommand command, StockState stock, Event counted)
    {
        var shortfall = Apply(stock, counted).Shortfall;
        return shortfall > stock.Shortfall
            ? Decision.Of(counted, new OversellDetected(command.Sku, command.VendorId, shortfall))
            : Decision.Of(counted);
    }

    private static Decision.Rejection Ended(ReservationEnd? end) => Decision.Reject(
        end switch
        {
            ReservationEnd.Committed => "RESERVATION_COMMITTED",
            ReservationEnd.Released => "RESERVATION_RELEASED",
            ReservationEnd.Expired => "RESERVATION_EXPIRED",
            _ => "RESERVATION_NOT_FOUND",
        },
        "reservationId");

    public static readonly Decider<StockState> Decider = new("stock", StockState.Empty, Apply) { Snapshots = SnapshotPolicy.Every(500) };

    public static readonly Module Module = new Module("stock")
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, static stocks => stocks
            .On<ReceiveStock>(IdOf, Decide)
            .On<AdjustStock>(IdOf, Decide)
            .On<ApplyStockFeed>(IdOf, Decide)
            .On<ReserveStock>(IdOf, Decide)
            .On<ExtendReservation>(IdOf, Decide)
            .On<CommitReservation>(IdOf, Decide)
            .On<ReleaseReservation>(IdOf, Decide)
            .On<ExpireReservation>(IdOf, Decide)
            .On<FreeCommitted>(IdOf, Decide))
        .Validates<ReceiveStock>(static command => Of(command)
            ?? Input.Id("location", command.Location)
            ?? Input.Between("quantity", command.Quantity, 1, Input.StockMax))
        .Validates<AdjustStock>(static command => Of(command)
            ?? Input.Id("location", command.Location)
            ?? (command.Quantity == 0 ? new CommandAnswer.Invalid("quantity", "not 0") : null)
            ?? Input.Between("quantity", command.Quantity, -Input.StockMax, Input.StockMax)
            ?? Input.Text("reason", command.Reason, 500))
        .Validates<ApplyStockFeed>(static command => Of(command)
            ?? Input.Id("location", command.Location)
            ?? Input.Between("sequence", command.Sequence, 1, long.MaxValue)
            ?? Input.Between("onHand", command.OnHand, 0, Input.StockMax))
        .Validates<ReserveStock>(static command => Of(command)
            ?? Input.CompoundId("reservationId", command.ReservationId)
            ?? Input.Between("quantity", command.Quantity, 1, Input.QuantityMax)
            ?? Input.Between("ttlSeconds", command.TtlSeconds, 1, SecondsMax))
        .Validates<ExtendReservation>(static command => Of(command)
            ?? Input.CompoundId("reservationId", command.ReservationId)
            ?? Input.Between("seconds", command.Seconds, 1, SecondsMax))
        .Validates<CommitReservation>(static command => Of(command) ?? Input.CompoundId("reservationId", command.ReservationId))
        .Validates<ReleaseReservation>(static command => Of(command) ?? Input.CompoundId("reservationId", command.ReservationId))
        .Validates<ExpireReservation>(static command => Of(command) ?? Input.CompoundId("reservationId", command.ReservationId))
        .Validates<FreeCommitted>(static command => Of(command)
            ?? Input.CompoundId("reservationId", command.ReservationId)
            ?? Input.Between("quantity", command.Quantity, 1, Input.QuantityMax))
        .Projects(ArticleStock.Projection)
        .Projects(ReservationView.Projection);

    private const int SecondsMax = 30 * 24 * 3600;

    private static string IdOf(IStockCommand command) => Article.IdOf(command.VendorId, command.Sku);

    private static CommandAnswer.Invalid? Of(IStockCommand command) =>
        Input.Id("sku", command.Sku) ?? Input.Id("vendorId", command.VendorId);
}
