namespace Ledgerfold.Tests.Samples.Checkout;

// begin
public sealed record AuthorizePayment(string OrderId, decimal Amount);
public sealed record VoidPayment(string OrderId);
public sealed record Authorization(string Number);

public static class Payments
{
    public static Activity<AuthorizePayment> Authorizing(PaymentProvider provider) => new("authorize-payment")
    {
        Do = async (payment, context, cancel) => await provider.Authorize(context.IdempotencyKey, payment.Amount, cancel) is { } authorization
            ? new ActivityOutcome.Done(authorization)
            : new ActivityOutcome.Refused("PAYMENT_DECLINED"),
        Ask = async (_, context, cancel) => await provider.Find(context.IdempotencyKey, cancel) is { } authorization
            ? new ActivityOutcome.Done(authorization)
            : new ActivityOutcome.NotDone("the provider knows nothing of it, and takes no call of before any more"),
        Timeout = TimeSpan.FromSeconds(3),
    };

    public static Activity<VoidPayment> Voiding(PaymentProvider provider) => new("void-payment")
    {
        Do = async (_, context, cancel) =>
        {
            await provider.Void(context.Undoes!.Value, cancel); // the key under which it was authorized
            return new ActivityOutcome.Done();
        },
    };
}
// end
