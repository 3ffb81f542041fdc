using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;
using Marketplace.Amounts;

namespace Marketplace.Payments;

/// <summary>
/// The room of payments. Whoever wants to be paid sends <see cref="RequestPayment"/> and hears <see cref="Payment.PaymentAuthorized"/> or
/// <see cref="Payment.PaymentDeclined"/>; <see cref="VoidPayment"/> takes it back, whatever is known of it by then. All that has to be done
/// at the provider follows from the events.
/// </summary>
public static class PaymentsModule
{
    private const int ReasonLengthMax = 500;

    /// <summary>Payments as people see them, by id and by order.</summary>
    public static readonly Projection<Payment.State> Payments = new("payments", perStreamOf: Payment.Decider.Category)
    {
        Apply = static (payment, fact, _) => Payment.Apply(payment, fact),
        Indexes = static payment => [new FoldIndexEntry("order", payment.OrderId)],
    };

    /// <summary>The books alone: commands, events, and what people see of them.</summary>
    public static readonly Module Books = new Module("payments")
        .Events(EventTypes.Of<Payment.Event>())
        .Decides(Payment.Decider, static payments => payments
            .On<RecordAuthorization>(static command => command.PaymentId, Payment.Decide)
            .On<RecordDecline>(static command => command.PaymentId, Payment.Decide)
            .On<ReleaseAuthorization>(static command => command.PaymentId, Payment.Decide)
            .On<CapturePayment>(static command => command.PaymentId, Payment.Decide)
            .On<VoidPayment>(static command => command.PaymentId, Payment.Decide)
            .On<TakeBackPayment>(static command => command.PaymentId, Payment.Decide)
            .On<RefundPayment>(static command => command.PaymentId, Payment.Decide)
            .On<ExpireAuthorization>(static command => command.PaymentId, Payment.Decide))
        .Handles<RequestPayment>(Request)
        .Validates<RequestPayment>(static command => Input.Id("paymentId", command.PaymentId)
            ?? Input.Id("orderId", command.OrderId)
            ?? Input.Id("card", command.Card)
            ?? Amount(command.Amount))
        .Validates<CapturePayment>(static command => Amount(command.Amount))
        .Validates<VoidPayment>(static command => Input.Text("reason", command.Reason, ReasonLengthMax))
        .Validates<TakeBackPayment>(static command => Input.Text("reason", command.Reason, ReasonLengthMax))
        .Validates<RefundPayment>(static command => Amount(command.Amount)
            ?? (command.Reason is { } reason ? Input.Text("reason", reason, ReasonLengthMax) : null))
        .Projects(Payments);

    /// <summary>All of it, with the provider.</summary>
    public static Module With(IPaymentProvider provider, TimeProvider clock) => Books
        .Performs(ProviderActivities.Authorizing(provider, clock))
        .Performs(ProviderActivities.Voiding(provider))
        .Performs(ProviderActivities.Capturing(provider))
        .Performs(ProviderActivities.Refunding(provider))
        .Runs(AuthorizationProcess.Process)
        .Runs(new Policy<Payment.PaymentVoided>("paymentVoid", static (voided, _) => new VoidHold(voided.PaymentId)))
        .Runs(new Policy<Payment.PaymentProcessed>("paymentCapture", static (processed, _) =>
            new CaptureHold(processed.PaymentId, processed.Capture, processed.Amount)))
        .Runs(new Policy<Payment.RefundIssued>("paymentRefund", static (refund, _) =>
            new RefundCapture(refund.PaymentId, refund.Refund, refund.Amount)));

    /// <summary>One open payment per order: the order's payments are found by their tag, and all must be over.</summary>
    private static async Task Request(RequestPayment command, HandlerContext context)
    {
        var payment = await context.Load(Payment.Decider, command.PaymentId);
        var ofOrder = EventQuery.Of(new QueryItem
        {
            Types = [nameof(Payment.PaymentRequested)],
            Tags = [Payment.OrderTag(command.OrderId)],
        });
        var ids = await context.Fold(ofOrder, new List<string>(), static (known, fact) =>
            [.. known, ((Payment.PaymentRequested)fact).PaymentId]);
        var hasOpen = false;
        foreach (var id in ids.Where(id => id != command.PaymentId))
            hasOpen |= (await context.Load(Payment.Decider, id))!.IsOpen;
        switch (Payment.Decide(command, payment, hasOpen))
        {
            case Decision.Rejection rejection:
                context.Reject(rejection.Code, rejection.Field, rejection.Message);
                break;
            case Decision.Events events:
                context.Append(Payment.Decider, command.PaymentId, events.Facts);
                break;
        }
    }

    private static CommandAnswer.Invalid? Amount(Money amount) => amount.Minor > 0 && Currency.IsKnown(amount.Currency)
        ? null
        : new("amount", "more than nothing, in a currency that is traded in");
}
