using Ledgerfold.Model.Commanding;
using Marketplace.Amounts;

namespace Marketplace.Payments;

public sealed record RequestPayment(string PaymentId, string OrderId, Money Amount, string Card);
public sealed record RecordAuthorization(string PaymentId, string Authorization, DateTimeOffset AuthorizedAt);
public sealed record RecordDecline(string PaymentId, string Code);

/// <summary>An authorization that nobody waits for any more, because it came late, is given up.</summary>
public sealed record ReleaseAuthorization(string PaymentId);
public sealed record CapturePayment(string PaymentId, Money Amount);
public sealed record VoidPayment(string PaymentId, string Reason);

/// <summary>Its order will not be: whatever became of the payment is undone. What was captured is refunded, else it is voided.</summary>
public sealed record TakeBackPayment(string PaymentId, string Reason);
public sealed record RefundPayment(string PaymentId, Money Amount, string? Reason = null);
public sealed record ExpireAuthorization(string PaymentId);

/// <summary>
/// One payment of an order: asked for, authorized for seven days, captured in parts, voided while nothing is captured, refunded in parts.
/// The books decide first and the provider follows, under keys made of the payment's id; only an authorization is the provider's to give.
/// Time is the command's: at <c>expiresAt</c> or later nothing is captured any more, whether or not a timer has fired.
/// </summary>
public static class Payment
{
    /// <summary>How long an authorization is good.</summary>
    public static readonly TimeSpan AuthorizationLasts = TimeSpan.FromDays(7);

    /// <summary>Why a payment was voided that was authorized when nobody waited for it any more.</summary>
    public const string LateAuthorization = "LATE_AUTHORIZATION";

    public abstract record Event;
    public sealed record PaymentRequested(string PaymentId, string OrderId, Money Amount, string Card) : Event;
    public sealed record PaymentAuthorized(
        string PaymentId, string OrderId, Money Amount, string Authorization, DateTimeOffset AuthorizedAt, DateTimeOffset ExpiresAt)
        : Event;

    /// <summary>A capture.</summary>
    /// <param name="Capture">The how many-th of the payment, from 1.</param>
    public sealed record PaymentProcessed(string PaymentId, string OrderId, Money Amount, int Capture) : Event;
    public sealed record PaymentDeclined(string PaymentId, string OrderId, string Code) : Event;
    public sealed record PaymentVoided(string PaymentId, string OrderId, string Reason) : Event;

    /// <param name="Released">What was authorized and not captured.</param>
    public sealed record AuthorizationExpired(string PaymentId, string OrderId, Money Released) : Event;

    /// <param name="Refund">The how many-th of the payment, from 1.</param>
    public sealed record RefundIssued(string PaymentId, string OrderId, Money Amount, int Refund, string? Reason) : Event;

    public enum Status { Requested, Authorized, Declined, Voided, Expired }

    public sealed record State(string PaymentId, string OrderId, Money Amount, string Card, Status Status)
    {
        public string? Authorization { get; init; }
        public DateTimeOffset? ExpiresAt { get; init; }
        public Money Captured { get; init; } = Money.Zero(Amount.Currency);
        public Money Refunded { get; init; } = Money.Zero(Amount.Currency);
        public int Captures { get; init; }
        public int Refunds { get; init; }

        /// <summary>Whether it stands in the way of another payment of the order: it may still hold the money, or has taken it.</summary>
        public bool IsOpen => Status is Status.Requested || (Status is Status.Authorized && Refunded < Amount);
    }

    public static State? Apply(State? payment, object fact) => fact switch
    {
        PaymentRequested requested => new(requested.PaymentId, requested.OrderId, requested.Amount, requested.Card, Status.Requested),
        PaymentAuthorized authorized => payment! with
        {
            Status = Status.Authorized,
            Authorization = authorized.Authorization,
            ExpiresAt = authorized.ExpiresAt,
        },
        PaymentDeclined => payment! with { Status = Status.Declined },
        PaymentVoided => payment! with { Status = Status.Voided },
        AuthorizationExpired => payment! with { Status = Status.Expired },
        PaymentProcessed captured => payment! with { Captured = payment.Captured + captured.Amount, Captures = captured.Capture },
        RefundIssued refund => payment! with { Refunded = payment.Refunded + refund.Amount, Refunds = refund.Refund },
        _ => payment,
    };

    /// <summary>The decider; before the first event there is no payment.</summary>
    public static readonly Decider<State?> Decider = new("payment", null, Apply);

    public static Decision Decide(RequestPayment command, State? payment, bool hasOpen)
    {
        var requested = new PaymentRequested(command.PaymentId, command.OrderId, command.Amount, command.Card);
        if (payment is not null)
        {
            var isSame = payment.OrderId == command.OrderId && payment.Amount == command.Amount && payment.Card == command.Card;
            return isSame ? Decision.Nothing : Decision.Reject("PAYMENT_EXISTS", "paymentId");
        }

        return hasOpen
            ? Decision.Reject("PAYMENT_OPEN", "orderId", "The order has a payment that is neither declined, voided, expired nor refunded.")
            : Decision.Of(new Fact(requested) { Tags = [OrderTag(command.OrderId)] });
    }

    public static Decision Decide(RecordAuthorization command, State? payment) => payment switch
    {
        null => NotFound,
        { Status: Status.Requested } => Decision.Of(new PaymentAuthorized(
            payment.PaymentId, payment.OrderId, payment.Amount, command.Authorization,
            command.AuthorizedAt, command.AuthorizedAt + AuthorizationLasts)),
        { Status: Status.Declined } => Decision.Of(Voided(payment, LateAuthorization)),
        _ => Decision.Nothing,
    };

    public static Decision Decide(RecordDecline command, State? payment) => payment switch
    {
        null => NotFound,
        { Status: Status.Requested } => Decision.Of(new PaymentDeclined(payment.PaymentId, payment.OrderId, command.Code)),
        { Status: Status.Declined or Status.Voided } => Decision.Nothing,
        _ => Decision.Reject("PAYMENT_AUTHORIZED"),
    };

    public static Decision Decide(ReleaseAuthorization command, State? payment) => payment switch
    {
        { Status: Status.Declined } => Decision.Of(Voided(payment, LateAuthorization)),
        _ => Void(payment, LateAuthorization),
    };

    public static Decision Decide(VoidPayment command, State? payment) => Void(payment, command.Reason);

    public static Decision Decide(TakeBackPayment command, State? payment) => payment is null or { Captured.IsZero: true }
        ? Void(payment, command.Reason)
        : payment.Captured == payment.Refunded
            ? Decision.Nothing
            : Decide(new RefundPayment(payment.PaymentId, payment.Captured - payment.Refunded, command.Reason), payment);

    public static Decision Decide(CapturePayment command, State? payment, CommandContext context) => payment switch
    {
        null => NotFound,
        { Status: Status.Requested or Status.Declined } => Decision.Reject("PAYMENT_NOT_AUTHORIZED"),
        { Status: Status.Voided } => Decision.Reject("PAYMENT_VOIDED"),
        { Status: Status.Expired } => Decision.Reject("AUTHORIZATION_EXPIRED"),
        _ when context.At >= payment.ExpiresAt => Decision.Reject("AUTHORIZATION_EXPIRED"),
        _ when command.Amount.Currency != payment.Amount.Currency => Decision.Reject("CURRENCY_MISMATCH", "amount"),
        _ when command.Amount > payment.Amount - payment.Captured => Decision.Reject("CAPTURE_EXCEEDS_AUTHORIZATION", "amount"),
        _ => Decision.Of(new PaymentProcessed(payment.PaymentId, payment.OrderId, command.Amount, payment.Captures + 1)),
    };

    public static Decision Decide(RefundPayment command, State? payment) => payment switch
    {
        null => NotFound,
        _ when command.Amount.Currency != payment.Amount.Currency => Decision.Reject("CURRENCY_MISMATCH", "amount"),
        _ when command.Amount > payment.Captured - payment.Refunded => Decision.Reject("REFUND_EXCEEDS_CAPTURE", "amount"),
        _ => Decision.Of(new RefundIssued(payment.PaymentId, payment.OrderId, command.Amount, payment.Refunds + 1, command.Reason)),
    };

    public static Decision Decide(ExpireAuthorization command, State? payment, CommandContext context) => payment switch
    {
        null => NotFound,
        { Status: Status.Requested } => Decision.Reject("PAYMENT_NOT_AUTHORIZED"),
        { Status: Status.Authorized } when payment.Captured == payment.Amount => Decision.Nothing,
        { Status: Status.Authorized } when context.At < payment.ExpiresAt => Decision.Reject("AUTHORIZATION_STILL_GOOD"),
        { Status: Status.Authorized } => Decision.Of(
            new AuthorizationExpired(payment.PaymentId, payment.OrderId, payment.Amount - payment.Captured)),
        _ => Decision.Nothing,
    };

    /// <summary>Finds the payments of an order.</summary>
    internal static string OrderTag(string orderId) => Tags.Of("order", orderId);

    private static Decision NotFound => Decision.Reject("PAYMENT_NOT_FOUND", "paymentId");

    // a payment whose answer is still to come can be voided, too: what the provider says later is given up then
    private static Decision Void(State? payment, string reason) => payment switch
    {
        null => NotFound,
        { Captured.IsZero: false } => Decision.Reject("PAYMENT_CAPTURED", message: "What was captured is refunded, not voided."),
        { Status: Status.Requested or Status.Authorized } => Decision.Of(Voided(payment, reason)),
        _ => Decision.Nothing,
    };

    private static PaymentVoided Voided(State payment, string reason) => new(payment.PaymentId, payment.OrderId, reason);
}
