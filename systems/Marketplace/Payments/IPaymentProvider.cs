using Marketplace.Amounts;

namespace Marketplace.Payments;

/// <summary>
/// Whoever holds and moves the money. Every call carries a key of ours: the same key is the same thing, however often it is asked for, and
/// the key of an authorization names it from then on. A real provider is one class that answers these five calls.
/// </summary>
public interface IPaymentProvider
{
    /// <summary>Holds an amount on a card; the answer may come late or never, and then <see cref="Query"/> is asked.</summary>
    Task<ProviderAnswer> Authorize(string key, string card, Money amount, CancellationToken cancel);

    /// <summary>
    /// What became of an authorization. <see cref="ProviderAnswer.NotFound"/> promises that no call so far will hold anything; what may
    /// still be under way is <see cref="ProviderAnswer.Pending"/>.
    /// </summary>
    Task<ProviderAnswer> Query(string key, CancellationToken cancel);

    /// <summary>
    /// Gives a hold up. Where there is none, there never will be one under this key: a call that is still on its way comes to nothing.
    /// </summary>
    Task<ProviderAnswer> Void(string key, CancellationToken cancel);

    /// <summary>Takes a part of what is held.</summary>
    Task<ProviderAnswer> Capture(string key, string captureKey, Money amount, CancellationToken cancel);

    /// <summary>Gives back a part of what was taken.</summary>
    Task<ProviderAnswer> Refund(string key, string refundKey, Money amount, CancellationToken cancel);
}

/// <summary>What the provider says: a closed family.</summary>
public abstract record ProviderAnswer
{
    private ProviderAnswer()
    {
    }

    /// <summary>The amount is held.</summary>
    /// <param name="Number">The provider's name of it.</param>
    /// <param name="At">Since when.</param>
    public sealed record Held(string Number, DateTimeOffset At) : ProviderAnswer;

    /// <summary>It is not held and will not be.</summary>
    public sealed record Declined(string Reason) : ProviderAnswer;

    /// <summary>It is not decided yet.</summary>
    public sealed record Pending : ProviderAnswer;

    /// <summary>Nothing is known under this key.</summary>
    public sealed record NotFound : ProviderAnswer;

    /// <summary>The hold was given up, or there never will be one.</summary>
    public sealed record Released : ProviderAnswer;

    /// <summary>The money has moved.</summary>
    public sealed record Moved : ProviderAnswer;

    /// <summary>The money does not move.</summary>
    /// <param name="Code">Why: <c>HOLD_EXPIRED</c>, <c>HOLD_RELEASED</c>, <c>HOLD_CAPTURED</c>, <c>NOT_HELD</c>, <c>NOT_CAPTURED</c>,
    /// <c>KEY_REUSED</c>.</param>
    public sealed record Refused(string Code) : ProviderAnswer;
}

/// <summary>The provider failed before it did anything; the same call may be made again.</summary>
public sealed class ProviderErrorException(string message) : Exception(message);
