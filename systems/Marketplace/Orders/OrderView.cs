using System.Collections.Immutable;
using System.Globalization;
using Ledgerfold.Model.Folding;
using Marketplace.Amounts;
using Marketplace.Fraud;
using Marketplace.Payments;
using Marketplace.Stock;

namespace Marketplace.Orders;

/// <summary>All there is to know of one order in one place: as it stands, its payment, its assessment, and what happened when.</summary>
public sealed record OrderView(string OrderId, Order.State Order, DateTimeOffset CreatedAt)
{
    /// <summary>The most that is told of one order; what comes later is told by its streams alone.</summary>
    public const int TimelineMax = 500;

    /// <summary>By order, and by customer, status and time in the indexes <c>customer</c>, <c>status</c> and <c>time</c>.</summary>
    public static readonly Projection<OrderView> Projection = new("orders")
    {
        Query = new EventQuery
        {
            Items =
            [
                new QueryItem { Category = Orders.Order.Decider.Category },
                new QueryItem { Category = Payments.Payment.Decider.Category },
                new QueryItem { Category = FraudCheck.Decider.Category },
                ReservationView.Projection.Query.Items[0],
            ],
        },
        Key = static (fact, _) => OrderOf(fact),
        Apply = static (view, fact, recorded) => Apply(view, fact, recorded),
        Indexes = static view =>
        [
            new FoldIndexEntry("customer", $"{view.Order.CustomerId}:{Times.ToText(view.CreatedAt)}"),
            new FoldIndexEntry("status", $"{view.Order.Status}:{Times.ToText(view.CreatedAt)}"),
            new FoldIndexEntry("time", Times.ToText(view.CreatedAt)),
        ],
    };

    /// <summary>What keeps it.</summary>
    public static readonly Module Module = new Module("orderViews")
        .Events(EventTypes.Of<Order.Event>())
        .Events(EventTypes.Of<Payment.Event>())
        .Events(EventTypes.Of<FraudCheck.Event>())
        .Events(EventTypes.Of<Inventory.Event>())
        .Projects(Projection);

    public Payment.State? Payment { get; init; }

    public FraudCheck.State? Fraud { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public ImmutableArray<TimelineEntry> Timeline { get; init; } = [];

    private static OrderView? Apply(OrderView? before, object fact, RecordedEvent recorded)
    {
        var view = before;
        if (view is null && fact is Order.OrderCreated created)
            view = new OrderView(created.OrderId, Orders.Order.State.None, recorded.RecordedAt);
        if (view is null)
            return null; // of something that is called like an order and is none
        if (view.Timeline.Length < TimelineMax)
            view = view with { Timeline = view.Timeline.Add(new TimelineEntry(recorded.Type, recorded.RecordedAt, NoteOf(fact))) };
        return fact switch
        {
            Orders.Order.Event => view with { Order = Orders.Order.Apply(view.Order, fact) },
            Payments.Payment.PaymentRequested => view with { Payment = Payments.Payment.Apply(null, fact) },
            Payments.Payment.Event when view.Payment is not null => view with { Payment = Payments.Payment.Apply(view.Payment, fact) },
            FraudCheck.FraudAssessed => view with { Fraud = FraudCheck.Apply(null, fact) },
            FraudCheck.Event when view.Fraud is not null => view with { Fraud = FraudCheck.Apply(view.Fraud, fact) },
            _ => view,
        };
    }

    private static string? OrderOf(object fact) => fact switch
    {
        Order.Event of => of.OrderId,
        Payment.PaymentRequested of => of.OrderId,
        Payment.PaymentAuthorized of => of.OrderId,
        Payment.PaymentProcessed of => of.OrderId,
        Payment.PaymentDeclined of => of.OrderId,
        Payment.PaymentVoided of => of.OrderId,
        Payment.AuthorizationExpired of => of.OrderId,
        Payment.RefundIssued of => of.OrderId,
        FraudCheck.FraudAssessed of => of.OrderId,
        FraudCheck.FraudReviewResolved of => of.OrderId,
        _ => ReservationView.IdOf(fact) is { } id && id.Split(':') is [var orderId, _] ? orderId : null,
    };

    private static string? NoteOf(object fact) => fact switch
    {
        Order.OrderRejected of => of.Code,
        Order.OrderPutOnHold of => of.Reason,
        Order.OrderCancelled of => of.Reason,
        Order.OrderConfirmed of => $"{of.Total}",
        Order.VendorOrderCreated of => $"{of.VendorId} {of.Total}",
        Order.OrderLineCancelled of => of.Line.ToString(CultureInfo.InvariantCulture),
        Payment.PaymentRequested of => $"{of.Amount}",
        Payment.PaymentProcessed of => $"{of.Amount}",
        Payment.RefundIssued of => $"{of.Amount}",
        Payment.PaymentDeclined of => of.Code,
        Payment.PaymentVoided of => of.Reason,
        FraudCheck.FraudAssessed of => $"{of.Verdict} {of.Score}",
        FraudCheck.FraudReviewResolved of => $"{of.Resolution}",
        Inventory.StockReserved of => $"{of.Quantity} {of.Sku} {of.VendorId}",
        Inventory.Event of => $"{of.Sku} {of.VendorId}",
        _ => null,
    };
}

/// <summary>One thing that happened to an order.</summary>
public sealed record TimelineEntry(string Type, DateTimeOffset At, string? Note);
