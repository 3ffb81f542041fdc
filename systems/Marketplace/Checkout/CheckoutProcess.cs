using System.Collections.Immutable;
using Ledgerfold.Model.Processing;
using Marketplace.Fraud;
using Marketplace.Orders;
using Marketplace.Payments;

namespace Marketplace.Checkout;

/// <summary>
/// An order on its way from validated to confirmed, one instance under its id: reserve every line, assess fraud, authorize the payment,
/// confirm, and from there on only forward: sell what is reserved and tell the vendors. Whatever fails before takes back what was done,
/// newest first, and rejects the order with the code of what failed. Nothing is oversold and no reservation lapses unseen: one that has
/// little time left is renewed before the order is confirmed, and one that lapsed is made again, or the order is not confirmed.
/// <para>
/// Every wait has an end: commands are answered, looking back for fraud has a limit of its own, a payment is known within a minute, a
/// review within 48 hours, and so is whether there is stock again for what was confirmed and lapsed afterwards.
/// </para>
/// </summary>
public static class CheckoutProcess
{
    /// <summary>Why an order is rejected that must not be sold.</summary>
    public const string FraudBlocked = "FRAUD_BLOCKED";

    /// <summary>Why an order is rejected whose checkout somebody ended for reasons of their own.</summary>
    public const string Stopped = "CHECKOUT_STOPPED";

    private const string OrderCancelled = "ORDER_CANCELLED";

    private const string Reserve = "reserve";
    private const string LookBack = "lookBack";
    private const string Assess = "assess";
    private const string Hold = "hold";
    private const string Extend = "extend";
    private const string Renew = "renew";
    private const string Pay = "pay";
    private const string Confirm = "confirm";
    private const string Commit = "commit";
    private const string ReserveAnew = "reserveAnew";
    private const string TellVendors = "tellVendors";
    private const string GiveUp = "giveUp";
    private const string Free = "free";
    private const string PayBack = "payBack";
    private const string Reject = "reject";

    private const string ReviewOver = "reviewOver";
    private const string PaymentOverdue = "paymentOverdue";
    private const string LookForStock = "lookForStock";

    /// <summary>All that is ever asked for, by the names under which histories show it, about in the order in which it happens.</summary>
    public static readonly ImmutableArray<string> Steps =
    [
        Reserve, LookBack, Assess, Hold, Extend, Renew, Pay, Confirm, Commit, TellVendors, ReserveAnew, GiveUp, Free, PayBack, Reject,
    ];

    /// <summary>What a reservation has left at least when its order is confirmed, so that it is committed before it lapses.</summary>
    internal static readonly TimeSpan LeftAtLeast = TimeSpan.FromMinutes(5);

    /// <summary>Behind the limit of a payment itself: for a payment that nobody sees to.</summary>
    internal static readonly TimeSpan PaymentWithin = TimeSpan.FromMinutes(1);

    /// <summary>How long stock is looked for that is confirmed and not there.</summary>
    internal static readonly TimeSpan LookForStockWithin = TimeSpan.FromHours(48);

    private static readonly TimeSpan LookAgainFirst = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainLast = TimeSpan.FromHours(1);

    public static readonly Process<Purchase> Process = new Process<Purchase>("checkout")
        .Starts<Order.OrderValidated>(static order => order.OrderId, static (order, react) =>
        {
            var purchase = Purchase.Of(order, react.Now + PurchaseLine.Lives);
            BeginReserve(purchase.Lines[0], react);
            return purchase;
        })
        .Done(Reserve, static (purchase, done, react) =>
        {
            if (purchase.Stage is Stage.Reserving && purchase.Behind(done.Of) is { } next)
                BeginReserve(next, react);
            return purchase;
        })
        .Failed(Reserve, TurnDown)
        .Failed(Renew, static (purchase, failure, react) => Lapsed(purchase, failure, react))
        .Finished([Reserve, Renew], static (purchase, react) => purchase.Stage switch
        {
            Stage.Reserving when purchase.Total.IsZero => BeginConfirm(purchase, react),
            Stage.Reserving => BeginAssess(purchase, react),
            Stage.Approved => BeginPay(purchase, react),
            Stage.Renewing => BeginConfirm(purchase, react),
            _ => purchase,
        })

        .Done(LookBack, static (purchase, done, react) =>
        {
            react.Run(Assess, purchase.Assess(react.Key, done.Result<FraudHistory>()));
            return purchase;
        })
        .Failed(LookBack, static (purchase, _, react) =>
        {
            react.Run(Assess, purchase.Assess(react.Key, history: null));
            return purchase;
        })
        .Failed(Assess, TurnDown)
        .On<FraudCheck.FraudAssessed>(static assessed => assessed.OrderId, static (purchase, assessed, react) => assessed.Verdict switch
        {
            _ when purchase.Stage is not Stage.Assessing => purchase,
            Verdict.Pass => BeginPay(purchase, react),
            Verdict.Review => BeginReview(purchase, assessed, react),
            _ => Compensate(purchase, FraudBlocked, react),
        }, Unmatched.PassOver)
        .Failed(Hold, static (purchase, _, _) => purchase) // it is cancelled, and that is told
        .Failed(Extend, static (purchase, _, _) => purchase) // it lapsed, which shows once it is to be renewed
        .On<FraudCheck.FraudReviewResolved>(static resolved => resolved.OrderId, static (purchase, resolved, react) =>
            purchase.Stage is not Stage.Reviewing ? purchase
            : resolved.Resolution is Resolution.Approved ? BeginRenew(purchase with { Stage = Stage.Approved }, react)
            : Compensate(purchase, FraudBlocked, react), Unmatched.PassOver)
        .Timer(ReviewOver, static (purchase, react) => Compensate(purchase, FraudBlocked, react))

        .Failed(Pay, TurnDown)
        .On<Payment.PaymentAuthorized>(static authorized => authorized.OrderId, static (purchase, _, react) =>
        {
            if (purchase.Stage is not Stage.Paying)
                return purchase;
            react.Cancel(PaymentOverdue);
            return BeginConfirm(purchase, react);
        }, Unmatched.PassOver)
        .On<Payment.PaymentDeclined>(static declined => declined.OrderId, static (purchase, declined, react) =>
            purchase.Stage is Stage.Paying ? Compensate(purchase, declined.Code, react) : purchase, Unmatched.PassOver)
        .On<Payment.PaymentVoided>(static voided => voided.OrderId, static (purchase, _, react) =>
            purchase.Stage is Stage.Paying or Stage.Renewing ? Compensate(purchase, "PAYMENT_VOIDED", react) : purchase, Unmatched.PassOver)
        .On<Payment.AuthorizationExpired>(static expired => expired.OrderId, static (purchase, _, react) =>
            purchase.Stage is Stage.Renewing ? Compensate(purchase, "AUTHORIZATION_EXPIRED", react) : purchase, Unmatched.PassOver)
        .Timer(PaymentOverdue, static (purchase, react) => Compensate(purchase, ProviderActivities.PaymentTimeout, react))

        .Failed(Confirm, static (purchase, failure, react) => failure.Code == "CONFIRMATION_TOO_LATE"
            ? BeginRenew(purchase with { Stage = Stage.Renewing }, react)
            : TurnDown(purchase, failure, react))
        .Done(Confirm, static (purchase, _, react) =>
        {
            react.Pivot();
            foreach (var line in purchase.Lines)
                react.Run(Commit, line.Commit(react.Key), of: line.Of);
            return purchase with { Stage = Stage.Selling, ConfirmedAt = react.Now };
        })
        .Done(Commit, static (purchase, done, react) =>
            GoOnSelling(purchase.With(purchase.Line(done.Of) with { IsSold = true }), react))
        .Failed(Commit, static (purchase, failure, react) =>
        {
            var anew = purchase.Line(failure.Of) with { Reservation = purchase.Line(failure.Of).Reservation + 1 };
            if (!purchase.IsCancelled)
                react.Run(ReserveAnew, anew.Reserve(react.Key), of: anew.Of);
            return GoOnSelling(purchase.With(anew), react);
        })
        .Done(ReserveAnew, static (purchase, done, react) =>
        {
            if (!purchase.IsCancelled)
                react.Run(Commit, purchase.Line(done.Of).Commit(react.Key), of: done.Of);
            return GoOnSelling(purchase, react);
        })
        .Failed(ReserveAnew, static (purchase, _, react) => GoOnSelling(purchase, react))
        .Timer(LookForStock, static (purchase, react) =>
        {
            if (react.Now - purchase.ConfirmedAt >= LookForStockWithin)
                react.Run(GiveUp, new CancelOrder(react.Key, "There is no stock for it any more."));
            foreach (var line in purchase.Lines.Where(line => !line.IsSold && !react.IsOpen(GiveUp)))
                react.Run(ReserveAnew, line.Reserve(react.Key), of: line.Of);
            return purchase;
        })
        .Done(TellVendors, static (purchase, _, react) => End(purchase, react))
        .Failed(TellVendors, static (purchase, failure, react) => purchase.IsCancelled
            ? GoOnSelling(purchase, react)
            : throw new InvalidOperationException($"The order is confirmed, and its vendors cannot be told: {failure.Code}."))

        .On<Order.OrderCancelled>(static cancelled => cancelled.OrderId, static (purchase, _, react) =>
            purchase.Stage < Stage.Selling
                ? Compensate(purchase, OrderCancelled, react)
                : GoOnSelling(purchase with { IsCancelled = true }, react), Unmatched.PassOver)
        .Finished([Free, PayBack], static (purchase, react) => End(purchase, react))
        .Compensated(static (purchase, react) =>
        {
            if (react.Reason != OrderCancelled)
                react.Run(Reject, new RejectOrder(react.Key, OrderRules.CheckCode("code", react.Reason) is null ? react.Reason! : Stopped));
            return purchase;
        });

    private static void BeginReserve(PurchaseLine line, Reactions react) =>
        react.Run(Reserve, line.Reserve(react.Key), undo: line.Release(react.Key), of: line.Of);

    private static Purchase BeginAssess(Purchase purchase, Reactions react)
    {
        var payment = purchase.Payment!;
        react.Run(LookBack, new AskHistory(purchase.CustomerId, payment.Card, purchase.Total.Currency, payment.Device));
        return purchase with { Stage = Stage.Assessing };
    }

    private static Purchase BeginReview(Purchase purchase, FraudCheck.FraudAssessed assessed, Reactions react)
    {
        react.Run(Hold, new PutOrderOnHold(react.Key, $"fraud score {assessed.Score}, rule set {assessed.RuleSetVersion}"));
        foreach (var line in purchase.Lines)
            react.Run(Extend, line.Extend(react.Key), of: line.Of);
        react.At(ReviewOver, assessed.ReviewUntil!.Value);
        return purchase with { Stage = Stage.Reviewing, ReservedUntil = purchase.ReservedUntil + PurchaseLine.LivesOn };
    }

    private static Purchase BeginRenew(Purchase purchase, Reactions react)
    {
        react.Cancel(ReviewOver);
        foreach (var line in purchase.Lines)
            react.Run(Renew, line.Renew(react.Key), of: line.Of);
        return purchase with { ReservedUntil = purchase.ReservedUntil + PurchaseLine.Lives };
    }

    /// <summary>What lapsed is reserved again; what somebody committed by hand is as good as it can be.</summary>
    private static Purchase Lapsed(Purchase purchase, StepFailure failure, Reactions react)
    {
        if (failure.Code == "RESERVATION_COMMITTED")
            return purchase;
        if (failure.Code is not ("RESERVATION_EXPIRED" or "RESERVATION_RELEASED" or "RESERVATION_NOT_FOUND"))
            return TurnDown(purchase, failure, react);
        var anew = purchase.Line(failure.Of) with { Reservation = purchase.Line(failure.Of).Reservation + 1 };
        BeginReserve(anew, react);
        var until = react.Now + PurchaseLine.Lives;
        return purchase.With(anew) with { ReservedUntil = until < purchase.ReservedUntil ? until : purchase.ReservedUntil };
    }

    private static Purchase BeginPay(Purchase purchase, Reactions react)
    {
        react.Run(
            Pay,
            new RequestPayment(react.Key, react.Key, purchase.Total, purchase.Payment!.Card),
            undo: new TakeBackPayment(react.Key, "The order was not confirmed."));
        react.After(PaymentOverdue, PaymentWithin);
        return purchase with { Stage = Stage.Paying };
    }

    /// <summary>
    /// The order itself says whether there is time enough: what is recorded here may be old by the time it is taken up.
    /// </summary>
    private static Purchase BeginConfirm(Purchase purchase, Reactions react)
    {
        react.Run(Confirm, new ConfirmOrder(react.Key, purchase.ReservedUntil - LeftAtLeast));
        return purchase with { Stage = Stage.Confirming };
    }

    /// <summary>Forward, whatever is missing: an order that is confirmed and has no stock any more waits for some.</summary>
    private static Purchase GoOnSelling(Purchase purchase, Reactions react)
    {
        if (purchase.Stage is not Stage.Selling || react.IsOpen(Commit) || react.IsOpen(ReserveAnew) || react.IsOpen(TellVendors))
            return purchase;
        if (purchase.IsCancelled)
            return BeginTakingBack(purchase, react);
        if (purchase.Lines.All(static line => line.IsSold))
        {
            react.Run(TellVendors, new CreateVendorOrders(react.Key));
            return purchase;
        }

        var pause = LookAgainFirst * Math.Pow(2, purchase.Shortages);
        react.After(LookForStock, pause < LookAgainLast ? pause : LookAgainLast);
        return purchase with { Shortages = purchase.Shortages + 1 };
    }

    private static Purchase BeginTakingBack(Purchase purchase, Reactions react)
    {
        react.Cancel(LookForStock);
        foreach (var line in purchase.Lines)
            react.Run(Free, line.IsSold ? line.Free(react.Key) : line.Release(react.Key), of: line.Of);
        if (!purchase.Total.IsZero)
            react.Run(PayBack, new TakeBackPayment(react.Key, "The order was cancelled."));
        return purchase with { Stage = Stage.TakingBack };
    }

    private static Purchase TurnDown(Purchase purchase, StepFailure failure, Reactions react) =>
        Compensate(purchase, failure.Code, react);

    private static Purchase Compensate(Purchase purchase, string code, Reactions react)
    {
        react.Compensate(code);
        return purchase;
    }

    private static Purchase End(Purchase purchase, Reactions react)
    {
        react.End();
        return purchase;
    }
}
