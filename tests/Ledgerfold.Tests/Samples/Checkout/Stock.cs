using System.Collections.Immutable;

namespace Ledgerfold.Tests.Samples.Checkout;

// begin
public sealed record ReceiveStock(string Sku, int Quantity);
public sealed record ReserveStock(string Sku, string OrderId, int Quantity);
public sealed record CommitReservation(string Sku, string OrderId);
public sealed record ReleaseReservation(string Sku, string OrderId);

public static class Stock
{
    public abstract record Event;
    public sealed record StockReceived(string Sku, int Quantity) : Event;
    public sealed record StockReserved(string Sku, string OrderId, int Quantity) : Event;
    public sealed record ReservationCommitted(string Sku, string OrderId) : Event;
    public sealed record ReservationReleased(string Sku, string OrderId) : Event;

    public sealed record State(int Available, ImmutableDictionary<string, int> Reserved);

    public static State Apply(State stock, object fact) => fact switch
    {
        StockReceived received => stock with { Available = stock.Available + received.Quantity },
        StockReserved reserved => new(stock.Available - reserved.Quantity, stock.Reserved.Add(reserved.OrderId, reserved.Quantity)),
        ReservationCommitted committed => stock with { Reserved = stock.Reserved.Remove(committed.OrderId) },
        ReservationReleased released => new(stock.Available + stock.Reserved[released.OrderId], stock.Reserved.Remove(released.OrderId)),
        _ => stock,
    };

    public static Decision Decide(ReserveStock command, State stock) => stock.Available >= command.Quantity
        ? Decision.Of(new StockReserved(command.Sku, command.OrderId, command.Quantity))
        : Decision.Reject("INSUFFICIENT_STOCK", "quantity");

    public static Decision Decide(CommitReservation command, State stock) => stock.Reserved.ContainsKey(command.OrderId)
        ? Decision.Of(new ReservationCommitted(command.Sku, command.OrderId))
        : Decision.Reject("NOT_RESERVED");

    public static Decision Decide(ReleaseReservation command, State stock) => stock.Reserved.ContainsKey(command.OrderId)
        ? Decision.Of(new ReservationReleased(command.Sku, command.OrderId))
        : Decision.Nothing;

    public static readonly Decider<State> Decider = new("stock", new State(0, ImmutableDictionary<string, int>.Empty), Apply);
}
// end
