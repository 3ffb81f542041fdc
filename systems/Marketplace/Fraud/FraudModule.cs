using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;

namespace Marketplace.Fraud;

/// <summary>What was seen before of a card, a device and a customer: asked for before an order is assessed.</summary>
public sealed record AskHistory(string CustomerId, string Card, string Currency, string? Device = null);

/// <summary>
/// The room of fraud. Checkout runs <see cref="AskHistory"/>, then sends <see cref="AssessFraud"/> with what it was told, or with no
/// history where it was told nothing within <see cref="AskWithin"/>: then a person looks at it.
/// </summary>
public static class FraudModule
{
    /// <summary>How long the assessment of an order may be held up by looking back.</summary>
    public static readonly TimeSpan AskWithin = TimeSpan.FromMilliseconds(500);

    private const int NoteLengthMax = 500;

    // behind this, what is shown by now is good enough: somewhat fewer attempts are better than a person for every order
    private static readonly TimeSpan FreshWithin = AskWithin / 2;

    /// <summary>What was seen, by card, device and customer.</summary>
    public static readonly Projection<Sightings> Seen = new("fraudSightings")
    {
        Query = EventQuery.OfCategory(FraudCheck.Decider.Category),
        Keys = static (fact, _) => Sightings.KeysOf(fact),
        Apply = static (seen, fact, recorded) => Sightings.Apply(seen, fact, recorded.RecordedAt),
    };

    /// <summary>The checks as people see them; the queue of reviews is the index <c>review</c>, oldest limit first.</summary>
    public static readonly Projection<FraudCheck.State> Checks = new("fraudChecks", perStreamOf: FraudCheck.Decider.Category)
    {
        Apply = static (check, fact, _) => FraudCheck.Apply(check, fact),
        Indexes = static check => check.IsOpen ? [new FoldIndexEntry("review", Times.ToText(check.ReviewUntil!.Value))] : [],
    };

    /// <summary>The books, and by which rules they are kept.</summary>
    public static Module Books(RuleSet rules) => new Module("fraud")
        .Events(EventTypes.Of<FraudCheck.Event>())
        .Decides(FraudCheck.Decider, checks => checks
            .On<AssessFraud>(
                static command => command.OrderId,
                (command, check, context) => FraudCheck.Decide(command, check, context, rules))
            .On<ResolveFraudReview>(static command => command.OrderId, FraudCheck.Decide))
        .Validates<AssessFraud>(command => Input.Id("orderId", command.OrderId)
            ?? Input.Id("customerId", command.CustomerId)
            ?? Input.Id("card", command.Card)
            ?? (command.Device is { } device ? Input.Id("device", device) : null)
            ?? (command.AddressCheck is { } letter ? CheckLetter("addressCheck", letter, rules) : null))
        .Validates<ResolveFraudReview>(static command => command.Note is { } note ? Input.Text("note", note, NoteLengthMax) : null)
        .Projects(Seen)
        .Projects(Checks);

    /// <summary>All of it.</summary>
    /// <param name="rules">The rules in force.</param>
    /// <param name="rows">The rows of <see cref="Seen"/>, once they are kept.</param>
    /// <param name="clock">The only clock.</param>
    public static Module With(RuleSet rules, Func<Projections> rows, TimeProvider clock) => Books(rules).Performs(Asking(rows, clock));

    /// <summary>Looks up what was seen; only reads.</summary>
    public static Activity<AskHistory> Asking(Func<Projections> rows, TimeProvider clock) => new("ask-fraud-history")
    {
        Do = async (asked, context, cancel) =>
        {
            var seen = rows().Of(Seen);
            _ = await seen.Get(Sightings.OfCard(asked.Card), Consistency.Latest(FreshWithin), context.Tenant, cancel);
            var card = await Row(Sightings.OfCard(asked.Card));
            var device = asked.Device is { } used ? await Row(Sightings.OfDevice(used)) : null;
            var customer = await Row(Sightings.OfCustomer(asked.CustomerId));
            return new ActivityOutcome.Done(Sightings.HistoryOf(asked, card, device, customer, clock.GetUtcNow()));

            async ValueTask<Sightings?> Row(string key) =>
                (await seen.Get(key, Consistency.Eventual, context.Tenant, cancel)).OrThrow();
        },
        Timeout = AskWithin,
        Retries = new() { AttemptsMax = 1 }, // a limit of the asking, and not of the step: a crash or a queue sends nobody to review
        Parallelism = 128,
    };

    /// <summary>A letter of the address check that the rules know.</summary>
    internal static CommandAnswer.Invalid? CheckLetter(string field, string letter, RuleSet rules) =>
        rules.AddressPoints.ContainsKey(letter)
            ? null
            : new(field, $"one of {string.Join(' ', rules.AddressPoints.Keys.Order(StringComparer.Ordinal))}");
}
