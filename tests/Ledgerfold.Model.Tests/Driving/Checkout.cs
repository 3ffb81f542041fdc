using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Tests.Driving;

public sealed record PlaceOrder(string Order, string Sku, int Quantity, long Total);

public sealed record ConfirmOrder(string Order);

public sealed record RejectOrder(string Order, string Why);

public sealed record Stock(string Sku, int Quantity);

public sealed record Reserve(string Sku, string Order, int Quantity);

public sealed record Release(string Sku, string Order, int Quantity);

public sealed record Charge(string Order, long Amount);

public sealed record Refund(string Order, long Amount);

public sealed record Receipt(string Number);

/// <summary>An order that is reserved, paid and confirmed, or taken back.</summary>
public static class Checkout
{
    public abstract record Event;

    public sealed record OrderPlaced(string Order, string Sku, int Quantity, long Total) : Event;

    public sealed record OrderConfirmed(string Order) : Event;

    public sealed record OrderRejected(string Order, string Why) : Event;

    public sealed record OrderCancelled(string Order) : Event;

    public sealed record Stocked(int Quantity) : Event;

    public sealed record Reserved(string Order, int Quantity) : Event;

    public sealed record Released(string Order, int Quantity) : Event;

    public sealed record State(string Sku, int Quantity, long Total, string? Receipt = null);

    public static readonly EventTypes Types = EventTypes.Of<Event>();

    public static readonly Decider<string> Orders = new("order", "none", static (state, fact) => fact switch
    {
        OrderPlaced => "placed",
        OrderConfirmed => "confirmed",
        OrderRejected => "rejected",
        _ => state,
    });

    public static readonly Decider<int> Stocks = new("stock", 0, static (left, fact) => fact switch
    {
        Stocked stocked => left + stocked.Quantity,
        Reserved reserved => left - reserved.Quantity,
        Released released => left + released.Quantity,
        _ => left,
    });

    public static readonly Process<State> Process = new Process<State>("checkout")
        .Starts<OrderPlaced>(static placed => placed.Order, static (placed, react) =>
        {
            react.Run(
                "reserve",
                new Reserve(placed.Sku, placed.Order, placed.Quantity),
                undo: new Release(placed.Sku, placed.Order, placed.Quantity));
            react.After("abandoned", TimeSpan.FromHours(1));
            return new State(placed.Sku, placed.Quantity, placed.Total);
        })
        .Done("reserve", static (state, _, react) =>
        {
            react.Run("pay", new Charge(react.Key, state.Total), undo: new Refund(react.Key, state.Total), within: TimeSpan.FromMinutes(10));
            return state;
        })
        .Done("pay", static (state, done, react) =>
        {
            react.Pivot();
            react.Run("confirm", new ConfirmOrder(react.Key));
            return state with { Receipt = done.Result<Receipt>().Number };
        })
        .Done("confirm", static (state, _, react) =>
        {
            react.End();
            return state;
        })
        .On<OrderCancelled>(static cancelled => cancelled.Order, static (state, _, react) =>
        {
            react.Compensate("the customer cancelled");
            return state;
        })
        .Timer("abandoned", static (state, react) =>
        {
            react.Compensate("nobody paid");
            return state;
        })
        .Compensated(static (state, react) =>
        {
            react.Run("reject", new RejectOrder(react.Key, react.Reason!));
            return state;
        });

    public static Module Module(Remote remote) => new Module("checkout")
        .Events(Types)
        .Decides(Orders, static orders => orders
            .On<PlaceOrder>(static one => one.Order, static (one, state) => state == "none"
                ? Decision.Of(new OrderPlaced(one.Order, one.Sku, one.Quantity, one.Total))
                : Decision.Nothing)
            .On<ConfirmOrder>(static one => one.Order, static (one, _) => Decision.Of(new OrderConfirmed(one.Order)))
            .On<RejectOrder>(static one => one.Order, static (one, _) => Decision.Of(new OrderRejected(one.Order, one.Why))))
        .Decides(Stocks, static stocks => stocks
            .On<Stock>(static one => one.Sku, static (one, _) => Decision.Of(new Stocked(one.Quantity)))
            .On<Reserve>(static one => one.Sku, static (one, left) => left < one.Quantity
                ? Decision.Reject("OUT_OF_STOCK", "quantity")
                : Decision.Of(new Reserved(one.Order, one.Quantity)))
            .On<Release>(static one => one.Sku, static (one, _) => Decision.Of(new Released(one.Order, one.Quantity))))
        .Performs(remote.Charging)
        .Performs(remote.Refunding)
        .Runs(Process);
}
