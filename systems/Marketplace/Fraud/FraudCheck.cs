using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Marketplace.Amounts;

namespace Marketplace.Fraud;

/// <summary>All there is to know of an order when it is assessed; what is not known is null, and no rule goes by it.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who orders.</param>
/// <param name="Card">The card, as a token.</param>
/// <param name="Amount">What is to be paid.</param>
public sealed record AssessFraud(string OrderId, string CustomerId, string Card, Money Amount)
{
    public string? Device { get; init; }

    /// <summary>The issuer's answer on the address, one letter.</summary>
    public string? AddressCheck { get; init; }

    /// <summary>Whether the card's own check (its code, or its bank) failed.</summary>
    public bool CardCheckFailed { get; init; }
    public string? IpCountry { get; init; }
    public string? CardCountry { get; init; }

    /// <summary>What was seen before; null where nobody could say in time, and then a person looks at it.</summary>
    public FraudHistory? History { get; init; }
}

public sealed record ResolveFraudReview(string OrderId, Resolution Resolution, string? Note = null);

public enum Resolution { Approved, Declined }

public enum Verdict { Pass, Review, Block }

/// <summary>A rule that an order met, and what it counts.</summary>
public sealed record RuleHit(string Rule, int Points);

/// <summary>
/// The assessment of one order, and the review by a person where it asks for one. An order is assessed once. A review is open for 48 hours
/// by the time of the command that resolves it.
/// </summary>
public static class FraudCheck
{
    /// <summary>How long a review is open.</summary>
    public static readonly TimeSpan ReviewLasts = TimeSpan.FromHours(48);

    public abstract record Event;
    public sealed record FraudAssessed(
        string OrderId, string CustomerId, string Card, string? Device, Money Amount,
        int Score, ImmutableArray<RuleHit> Hits, int RuleSetVersion, Verdict Verdict, DateTimeOffset? ReviewUntil) : Event;
    public sealed record FraudReviewResolved(
        string OrderId, string CustomerId, Money Amount, Resolution Resolution, string? By, string? Note) : Event;

    public sealed record State(string OrderId, string CustomerId, Money Amount, int Score, Verdict Verdict)
    {
        public ImmutableArray<RuleHit> Hits { get; init; } = [];
        public int RuleSetVersion { get; init; }
        public DateTimeOffset? ReviewUntil { get; init; }
        public Resolution? Resolution { get; init; }

        /// <summary>Whether a person still has to look at it.</summary>
        public bool IsOpen => Verdict is Verdict.Review && Resolution is null;
    }

    public static State? Apply(State? check, object fact) => fact switch
    {
        FraudAssessed assessed => new(assessed.OrderId, assessed.CustomerId, assessed.Amount, assessed.Score, assessed.Verdict)
        {
            Hits = assessed.Hits,
            RuleSetVersion = assessed.RuleSetVersion,
            ReviewUntil = assessed.ReviewUntil,
        },
        FraudReviewResolved resolved => check! with { Resolution = resolved.Resolution },
        _ => check,
    };

    /// <summary>The decider; before the first event nothing is assessed.</summary>
    public static readonly Decider<State?> Decider = new("fraud", null, Apply);

    public static Decision Decide(AssessFraud command, State? check, CommandContext context, RuleSet rules)
    {
        if (check is not null)
            return Decision.Nothing;
        var assessment = rules.Assess(command, context.At);
        return Decision.Of(new FraudAssessed(
            command.OrderId, command.CustomerId, command.Card, command.Device, command.Amount,
            assessment.Score, assessment.Hits, rules.Version, assessment.Verdict,
            assessment.Verdict is Verdict.Review ? context.At + ReviewLasts : null));
    }

    public static Decision Decide(ResolveFraudReview command, State? check, CommandContext context) => check switch
    {
        null => Decision.Reject("FRAUD_CHECK_NOT_FOUND", "orderId"),
        { Verdict: not Verdict.Review } => Decision.Reject("REVIEW_NOT_ASKED_FOR"),
        { Resolution: { } resolved } => resolved == command.Resolution ? Decision.Nothing : Decision.Reject("REVIEW_RESOLVED"),
        _ when context.At >= check.ReviewUntil => Decision.Reject("REVIEW_EXPIRED"),
        _ => Decision.Of(new FraudReviewResolved(
            check.OrderId, check.CustomerId, check.Amount, command.Resolution, context.Actor, command.Note)),
    };
}
