using Ledgerfold.Model.Acting;
using Marketplace.Amounts;

namespace Marketplace.Payments;

/// <summary>Holds the amount of a payment on its card.</summary>
public sealed record AuthorizeHold(string PaymentId, Money Amount, string Card);
public sealed record VoidHold(string PaymentId);
public sealed record CaptureHold(string PaymentId, int Capture, Money Amount);
public sealed record RefundCapture(string PaymentId, int Refund, Money Amount);

/// <summary>What an <see cref="AuthorizeHold"/> that is done comes to.</summary>
public sealed record Authorization(string Number, DateTimeOffset At);

/// <summary>
/// What is done at the provider. The keys follow from the payment and the number of its capture or refund, and not from who asks: whatever
/// process, operator or restart asks again, it is the same call to the provider.
/// </summary>
public static class ProviderActivities
{
    /// <summary>How long the answer to an authorization may take; then the provider is asked what became of it.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <summary>No answer in time, and the provider knows of nothing.</summary>
    public const string PaymentTimeout = "PAYMENT_TIMEOUT";

    /// <summary>The card says no.</summary>
    public const string PaymentDeclined = "PAYMENT_DECLINED";

    // who waits for an answer that never comes waits ten seconds, and must not keep others from asking
    private const int AuthorizingAtOnce = 1_000;

    /// <summary>The key under which the provider knows the authorization of a payment.</summary>
    public static string KeyOf(string tenant, string paymentId) => $"{tenant}/payment/{paymentId}";

    /// <summary>
    /// Authorizes. Without an answer in time the provider is asked: held or declined is the answer then, known of nothing is a timeout, and
    /// undecided stays so until it is known.
    /// </summary>
    public static Activity<AuthorizeHold> Authorizing(IPaymentProvider provider, TimeProvider clock) => new("authorize-hold")
    {
        Do = async (hold, context, cancel) =>
        {
            var key = KeyOf(context.Tenant, hold.PaymentId);
            using var limit = new CancellationTokenSource(AnswerWithin, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            try
            {
                return OfAuthorization(await provider.Authorize(key, hold.Card, hold.Amount, either.Token));
            }
            catch (ProviderErrorException failure)
            {
                return new ActivityOutcome.NotDone(failure.Message);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                var known = await provider.Query(key, cancel);
                return known is ProviderAnswer.NotFound
                    ? new ActivityOutcome.Refused(PaymentTimeout, $"no answer within {AnswerWithin}, and the provider knows of nothing")
                    : OfAuthorization(known);
            }
        },
        Ask = async (hold, context, cancel) => OfAuthorization(await provider.Query(KeyOf(context.Tenant, hold.PaymentId), cancel)),
        Timeout = 2 * AnswerWithin,
        Parallelism = AuthorizingAtOnce,
    };

    /// <summary>Gives a hold up, whatever is known of it; one that is still undecided is given up once it is known.</summary>
    public static Activity<VoidHold> Voiding(IPaymentProvider provider) => new("void-hold")
    {
        Do = async (hold, context, cancel) => await provider.Void(KeyOf(context.Tenant, hold.PaymentId), cancel) switch
        {
            ProviderAnswer.Released => new ActivityOutcome.Done(),
            ProviderAnswer.Refused refused => new ActivityOutcome.Refused(refused.Code),
            ProviderAnswer.Pending => new ActivityOutcome.NotDone("the authorization is not decided yet"),
            var other => new ActivityOutcome.Unknown($"the provider said {other}"),
        },
    };

    /// <summary>Captures a part.</summary>
    public static Activity<CaptureHold> Capturing(IPaymentProvider provider) => new("capture-hold")
    {
        Do = async (part, context, cancel) =>
        {
            var key = KeyOf(context.Tenant, part.PaymentId);
            return OfMove(await provider.Capture(key, $"{key}/capture/{part.Capture}", part.Amount, cancel));
        },
    };

    /// <summary>Refunds a part.</summary>
    public static Activity<RefundCapture> Refunding(IPaymentProvider provider) => new("refund-capture")
    {
        Do = async (part, context, cancel) =>
        {
            var key = KeyOf(context.Tenant, part.PaymentId);
            return OfMove(await provider.Refund(key, $"{key}/refund/{part.Refund}", part.Amount, cancel));
        },
    };

    private static ActivityOutcome OfAuthorization(ProviderAnswer answer) => answer switch
    {
        ProviderAnswer.Held held => new ActivityOutcome.Done(new Authorization(held.Number, held.At)),
        ProviderAnswer.Declined declined => new ActivityOutcome.Refused(PaymentDeclined, declined.Reason),
        ProviderAnswer.Released => new ActivityOutcome.Refused("PAYMENT_VOIDED"),
        ProviderAnswer.Refused refused => new ActivityOutcome.Refused(refused.Code),
        ProviderAnswer.NotFound => new ActivityOutcome.NotDone("the provider knows of nothing"),
        _ => new ActivityOutcome.Unknown("the provider has not decided yet"),
    };

    // the books let nothing be refunded that is not captured: a provider that does not know the capture yet is about to be told
    private static ActivityOutcome OfMove(ProviderAnswer answer) => answer switch
    {
        ProviderAnswer.Moved => new ActivityOutcome.Done(),
        ProviderAnswer.Refused { Code: "NOT_CAPTURED" } => new ActivityOutcome.NotDone("the capture has not reached the provider yet"),
        ProviderAnswer.Refused refused => new ActivityOutcome.Refused(refused.Code),
        var other => new ActivityOutcome.Unknown($"the provider said {other}"),
    };
}
