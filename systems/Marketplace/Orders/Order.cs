using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Marketplace.Amounts;

namespace Marketplace.Orders;

/// <summary>
/// An order over the lines of several vendors. Its prices are frozen when it is made, and its states move forward only. Until goods have
/// left it can be cancelled; what ships them comes with fulfilment, whose states stand here already.
/// </summary>
public static class Order
{
    public abstract record Event(string OrderId);

    public sealed record OrderCreated(
        string OrderId, string CustomerId, string Currency, Bill Bill, PaymentDetails? Payment, Destination? Destination) : Event(OrderId);

    /// <summary>
    /// It keeps every rule that can be checked by looking at it alone, and goes into checkout with this. One that is turned down at once
    /// never gets here.
    /// </summary>
    public sealed record OrderValidated(
        string OrderId, string CustomerId, ImmutableArray<OrderedGoods> Goods, Money Total, PaymentDetails? Payment) : Event(OrderId)
    {
        internal static OrderValidated Of(OrderCreated created) =>
            new(created.OrderId, created.CustomerId, created.Bill.Goods, created.Bill.Total, created.Payment);
    }

    public sealed record OrderRejected(string OrderId, string Code) : Event(OrderId);

    public sealed record OrderPutOnHold(string OrderId, string Reason) : Event(OrderId);

    public sealed record OrderConfirmed(string OrderId, Money Total) : Event(OrderId);

    /// <param name="VendorOrderId">The order's id and the vendor's, with a colon between.</param>
    public sealed record VendorOrderCreated(
        string OrderId, string VendorOrderId, string VendorId, ImmutableArray<BillLine> Lines, Money Shipping, Money Total)
        : Event(OrderId);

    /// <param name="Net">What is not to be paid for the line.</param>
    /// <param name="Shipping">What is not to be paid for the shipping, because it was the vendor's last line.</param>
    public sealed record OrderLineCancelled(
        string OrderId, int Line, string Sku, string VendorId, int Quantity, Money Net, Money Shipping, string Reason)
        : Event(OrderId);

    /// <param name="Sold">What its vendors were to deliver; null where they had not been told, and checkout still has it in hand.</param>
    public sealed record OrderCancelled(string OrderId, string Reason, ImmutableArray<OrderedGoods>? Sold = null) : Event(OrderId);

    public sealed record OrderCompleted(string OrderId) : Event(OrderId);

    /// <summary>Where an order stands. From <see cref="PartiallyShipped"/> on goods have left.</summary>
    public enum Status
    {
        None,
        Pending,
        OnHold,
        Confirmed,
        PartiallyShipped,
        Shipped,
        Delivered,
        Completed,
        Rejected,
        Cancelled,
    }

    /// <summary>An order as it stands.</summary>
    public sealed record State
    {
        public static State None { get; } = new();

        public Status Status { get; init; }

        public string? CustomerId { get; init; }

        /// <summary>What it costs, without the lines that were cancelled.</summary>
        public Bill? Bill { get; init; }

        public Destination? Destination { get; init; }

        /// <summary>Whether the vendors know their parts.</summary>
        public bool HasVendorOrders { get; init; }

        /// <summary>Why it was rejected, for programs; or why it was put on hold or cancelled, for people.</summary>
        public string? Reason { get; init; }
    }

    public static State Apply(State order, object fact) => fact switch
    {
        OrderCreated created => new State
        {
            Status = Status.Pending,
            CustomerId = created.CustomerId,
            Bill = created.Bill,
            Destination = created.Destination,
        },
        OrderRejected rejected => order with { Status = Status.Rejected, Reason = rejected.Code },
        OrderPutOnHold held => order with { Status = Status.OnHold, Reason = held.Reason },
        OrderConfirmed => order with { Status = Status.Confirmed, Reason = null },
        VendorOrderCreated => order with { HasVendorOrders = true },
        OrderLineCancelled cancelled => order with { Bill = order.Bill!.Without(cancelled.Line) },
        OrderCancelled cancelled => order with { Status = Status.Cancelled, Reason = cancelled.Reason },
        OrderCompleted => order with { Status = Status.Completed },
        _ => order,
    };

    public static Decision Decide(CreateOrder command, State order)
    {
        if (order.Status is not Status.None)
            return Decision.Reject("ORDER_EXISTS", "orderId");
        var created = new OrderCreated(
            command.OrderId, command.CustomerId, command.Currency, Bill.For(command), command.Payment, command.Destination);
        return Decision.Of(created, OrderValidated.Of(created));
    }

    public static Decision Decide(PutOrderOnHold command, State order) => order.Status switch
    {
        Status.Pending => Decision.Of(new OrderPutOnHold(command.OrderId, command.Reason)),
        Status.OnHold => Decision.Nothing,
        _ => Refused(order.Status),
    };

    public static Decision Decide(ConfirmOrder command, State order, CommandContext context) => order.Status switch
    {
        Status.Pending or Status.OnHold when context.At >= command.Before =>
            Decision.Reject("CONFIRMATION_TOO_LATE", "before", "What is reserved for it may lapse before it is sold."),
        Status.Pending or Status.OnHold => Decision.Of(new OrderConfirmed(command.OrderId, order.Bill!.Total)),
        Status.None or Status.Rejected or Status.Cancelled => Refused(order.Status),
        _ => Decision.Nothing,
    };

    /// <summary>One that was cancelled meanwhile has its end, and needs no other.</summary>
    public static Decision Decide(RejectOrder command, State order) => order.Status switch
    {
        Status.Pending or Status.OnHold => Decision.Of(new OrderRejected(command.OrderId, command.Code)),
        Status.Rejected or Status.Cancelled => Decision.Nothing,
        _ => Refused(order.Status),
    };

    public static Decision Decide(CancelOrder command, State order) => order.Status switch
    {
        Status.Pending or Status.OnHold or Status.Confirmed => Decision.Of(
            new OrderCancelled(command.OrderId, command.Reason, order.HasVendorOrders ? order.Bill!.Goods : null)),
        Status.Cancelled => Decision.Nothing,
        _ => Refused(order.Status),
    };

    /// <summary>The other lines go on; with the last of them the order is cancelled. Not before its vendor was told of it.</summary>
    public static Decision Decide(CancelOrderLine command, State order)
    {
        if (order.Status is not Status.Confirmed)
            return Refused(order.Status);
        if (!order.HasVendorOrders)
            return Refused(Status.Pending);
        if (order.Bill!.Lines.FirstOrDefault(one => one.Number == command.Line) is not { } line)
            return Decision.Reject("LINE_NOT_FOUND", "line");
        var left = order.Bill.Without(line.Number);
        var cancelled = new OrderLineCancelled(
            command.OrderId, line.Number, line.Sku, line.VendorId, line.Quantity,
            line.Net, order.Bill.Total - left.Total - line.Net, command.Reason);
        return left.Lines.IsEmpty
            ? Decision.Of(cancelled, new OrderCancelled(command.OrderId, command.Reason, Sold: []))
            : Decision.Of(cancelled);
    }

    public static Decision Decide(CreateVendorOrders command, State order)
    {
        if (order.HasVendorOrders)
            return Decision.Nothing;
        if (order.Status is not Status.Confirmed)
            return Refused(order.Status);
        var bill = order.Bill!;
        return Decision.Of(
        [
            .. bill.Vendors.Select(part => new VendorOrderCreated(
                command.OrderId,
                $"{command.OrderId}:{part.VendorId}",
                part.VendorId,
                [.. bill.Lines.Where(line => line.VendorId == part.VendorId)],
                part.Shipping,
                part.Total)),
        ]);
    }

    /// <summary>Why it cannot be, where an order stands elsewhere.</summary>
    private static Decision.Rejection Refused(Status status) => Decision.Reject(
        status switch
        {
            Status.None => "ORDER_NOT_FOUND",
            Status.Pending or Status.OnHold => "ORDER_NOT_CONFIRMED",
            Status.Confirmed => "ORDER_CONFIRMED",
            Status.Rejected => "ORDER_REJECTED",
            Status.Cancelled => "ORDER_CANCELLED",
            _ => "ALREADY_SHIPPED",
        },
        "orderId");

    public static readonly Decider<State> Decider = new("order", State.None, Apply);

    /// <summary>An order by itself: made at the prices that the command names.</summary>
    public static readonly Module Module = Books(static orders => orders.On<CreateOrder>(command => command.OrderId, Decide));

    /// <summary>The same, with another way in which orders are made.</summary>
    internal static Module Books(Func<DeciderCommands<State>, DeciderCommands<State>> creating) => new Module("orders")
        .Events(EventTypes.Of<Event>())
        .Decides(Decider, orders => creating(orders)
            .On<PutOrderOnHold>(command => command.OrderId, Decide)
            .On<ConfirmOrder>(command => command.OrderId, Decide)
            .On<RejectOrder>(command => command.OrderId, Decide)
            .On<CancelOrder>(command => command.OrderId, Decide)
            .On<CancelOrderLine>(command => command.OrderId, Decide)
            .On<CreateVendorOrders>(command => command.OrderId, Decide))
        .Validates<CreateOrder>(OrderRules.Check)
        .Validates<PutOrderOnHold>(static command => Input.Id("orderId", command.OrderId) ?? Input.Text("reason", command.Reason, 500))
        .Validates<ConfirmOrder>(static command => Input.Id("orderId", command.OrderId))
        .Validates<RejectOrder>(static command => Input.Id("orderId", command.OrderId) ?? OrderRules.CheckCode("code", command.Code))
        .Validates<CancelOrder>(static command => Input.Id("orderId", command.OrderId) ?? Input.Text("reason", command.Reason, 500))
        .Validates<CancelOrderLine>(static command => Input.Id("orderId", command.OrderId)
            ?? Input.Between("line", command.Line, 1, OrderRules.LinesMax)
            ?? Input.Text("reason", command.Reason, 500))
        .Validates<CreateVendorOrders>(static command => Input.Id("orderId", command.OrderId));
}
