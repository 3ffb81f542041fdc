using Ledgerfold.Model.Processing;
using Marketplace.Amounts;

namespace Marketplace.Payments;

/// <summary>
/// What follows on a payment that is requested: the provider is asked, what it says is recorded, and what is left of an authorization
/// expires after seven days. An answer that comes when nobody waits for it any more is taken back: no hold is ever orphaned.
/// </summary>
public static class AuthorizationProcess
{
    /// <summary>The limit of an answer, and some time to ask what became of it.</summary>
    public static readonly TimeSpan KnownWithin = ProviderActivities.AnswerWithin + TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromHours(1);

    /// <summary>What an instance knows.</summary>
    public sealed record Hold(Money Left, bool IsVoided = false);

    public static readonly Process<Hold> Process = new Process<Hold>("authorization")
        .Starts<Payment.PaymentRequested>(static requested => requested.PaymentId, static (requested, react) =>
        {
            react.Run(
                "authorize",
                new AuthorizeHold(requested.PaymentId, requested.Amount, requested.Card),
                undo: new ReleaseAuthorization(requested.PaymentId),
                within: KnownWithin);
            return new Hold(requested.Amount);
        })
        .Done("authorize", static (hold, done, react) =>
        {
            var authorization = done.Result<Authorization>();
            if (hold.IsVoided)
                react.End();
            else
                react.Run("record", new RecordAuthorization(react.Key, authorization.Number, authorization.At));
            return hold;
        })
        .Failed("authorize", static (hold, failure, react) =>
        {
            if (hold.IsVoided)
                react.End();
            else
                react.Run("decline", new RecordDecline(react.Key, failure.IsOverdue ? ProviderActivities.PaymentTimeout : failure.Code));
            return hold;
        })
        .Done("decline", static (hold, _, react) => Ended(hold, react))
        .Done("record", static (hold, _, _) => hold)
        .On<Payment.PaymentAuthorized>(static authorized => authorized.PaymentId, static (hold, authorized, react) =>
        {
            react.At("expire", authorized.ExpiresAt);
            return hold;
        }, Unmatched.PassOver)
        .On<Payment.PaymentVoided>(static voided => voided.PaymentId, static (hold, _, react) =>
        {
            if (!react.IsOpen("authorize"))
                react.End();
            return hold with { IsVoided = true };
        }, Unmatched.PassOver)
        .On<Payment.PaymentProcessed>(static processed => processed.PaymentId, static (hold, processed, react) =>
        {
            var left = hold.Left - processed.Amount;
            if (left.IsZero)
                react.End();
            return hold with { Left = left };
        }, Unmatched.PassOver)
        .Timer("expire", static (hold, react) =>
        {
            react.Run("expire", new ExpireAuthorization(react.Key));
            return hold;
        })
        .Done("expire", static (hold, _, react) => Ended(hold, react))
        .Failed("expire", static (hold, _, react) =>
        {
            react.After("expire", AskAgainAfter); // the clock was set back since the timer fired
            return hold;
        });

    private static Hold Ended(Hold hold, Reactions react)
    {
        react.End();
        return hold;
    }
}
