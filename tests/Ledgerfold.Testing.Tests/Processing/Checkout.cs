using System.Collections.Immutable;
using Ledgerfold.Model;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Tests.Processing;

/// <summary>An order that is reserved, paid and shipped.</summary>
public sealed record Checkout(string Order, bool Paid)
{
    public abstract record Event;

    public sealed record OrderPlaced(string Order, decimal Total) : Event;

    public sealed record OrderCancelled(string Order) : Event;

    public sealed record WarehouseClosed(string Warehouse) : Event;

    public sealed record OrdersMerged(ImmutableArray<string> Orders) : Event;

    public sealed record Reserve(string Order);

    public sealed record Release(string Order);

    public sealed record Ship(string Order);

    public sealed record Charge(string Order, decimal Amount);

    public sealed record Refund(string Order);

    public sealed record Receipt(string Number);

    public static Module Shop { get; } = new Module("shop")
        .Events(EventTypes.Of<Event>())
        .Handles<Reserve>(static (_, _) => Task.CompletedTask)
        .Handles<Release>(static (_, _) => Task.CompletedTask)
        .Handles<Ship>(static (_, _) => Task.CompletedTask);

    public static Module Payments { get; } = new Module("payments")
        .Performs(new Activity<Charge>("charge") { Do = Never<Charge>(), Ask = Never<Charge>() })
        .Performs(new Activity<Refund>("refund") { Do = Never<Refund>() });

    public static Process<Checkout> Process { get; } = new Process<Checkout>("checkout")
        .Starts<OrderPlaced>(static placed => placed.Order, static (placed, react) =>
        {
            react.Run("reserve", new Reserve(placed.Order), undo: new Release(placed.Order));
            react.Run("pay", new Charge(placed.Order, placed.Total), undo: new Refund(placed.Order), within: TimeSpan.FromMinutes(15));
            react.After("remind", TimeSpan.FromDays(1));
            react.Associate("warehouse", "north");
            return new Checkout(placed.Order, Paid: false);
        })
        .On<OrderCancelled>(static cancelled => cancelled.Order, static (state, _, react) =>
        {
            react.Compensate("cancelled");
            return state;
        })
        .OnAssociated<WarehouseClosed>("warehouse", static closed => closed.Warehouse, static (state, _, react) =>
        {
            react.After("remind", TimeSpan.FromHours(1));
            return state;
        })
        .OnEach<OrdersMerged>(static (merged, _) => merged.Orders, static (state, _, _) => state, Unmatched.PassOver)
        .Done("pay", static (state, paid, _) => state with { Paid = true, Order = $"{state.Order} {paid.Result<Receipt>().Number}" })
        .Finished(["reserve", "pay"], static (state, react) =>
        {
            react.Pivot();
            react.Run("ship", new Ship(react.Key));
            return state;
        })
        .Done("ship", static (state, _, react) =>
        {
            react.End();
            return state;
        })
        .Timer("remind", static (state, _) => state.Paid ? state : throw new InvalidOperationException("not paid"));

    private static Func<TRequest, ActivityContext, CancellationToken, Task<ActivityOutcome>> Never<TRequest>() =>
        static (_, _, _) => throw new InvalidOperationException("A scenario does nothing.");
}
