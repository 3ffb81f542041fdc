using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Fraud;

namespace Marketplace.Tests.Fraud;

public sealed class Reviewing_an_order
{
    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Money Amount = new(100_00, "EUR");
    private static readonly Scenario Fraud = new Scenario(FraudModule.Books(RuleSet.Current)).By(new CommandOrigin { Actor = "grace" });
    private static readonly FraudCheck.FraudAssessed Doubtful =
        new("o1", "ada", "tok", null, Amount, 40, [new RuleHit("HISTORY_NOT_KNOWN", 40)], 1, Verdict.Review, Start.AddHours(48));
    private static readonly ResolveFraudReview Approve = new("o1", Resolution.Approved, "called her");
    private static readonly FraudCheck.FraudReviewResolved Approved = new("o1", "ada", Amount, Resolution.Approved, "grace", "called her");

    [Fact]
    public void Is_open_for_48_hours()
    {
        Fraud.At(Start).When(new AssessFraud("o1", "ada", "tok", Amount)).Then(Doubtful);
        Fraud.Given(Doubtful).At(Start.AddHours(48).AddTicks(-10)).When(Approve).Then(Approved);
        Fraud.Given(Doubtful).At(Start.AddHours(48)).When(Approve).ThenRejected("REVIEW_EXPIRED");
    }

    [Fact]
    public void Can_decline() => Fraud.Given(Doubtful).When(Approve with { Resolution = Resolution.Declined })
        .Then(Approved with { Resolution = Resolution.Declined });

    [Fact]
    public void Is_resolved_once()
    {
        Fraud.Given(Doubtful, Approved).When(Approve).Then();
        Fraud.Given(Doubtful, Approved).When(Approve with { Resolution = Resolution.Declined }).ThenRejected("REVIEW_RESOLVED");
    }

    [Fact]
    public void Needs_one_that_was_asked_for()
    {
        Fraud.When(Approve).ThenRejected("FRAUD_CHECK_NOT_FOUND", "orderId");
        Fraud.Given(Doubtful with { Verdict = Verdict.Pass }).When(Approve).ThenRejected("REVIEW_NOT_ASKED_FOR");
        Fraud.Given(Doubtful with { Verdict = Verdict.Block }).When(Approve).ThenRejected("REVIEW_NOT_ASKED_FOR");
    }

    [Fact]
    public void Leaves_the_queue_when_it_is_resolved()
    {
        FraudCheck.State? state = null;
        state = FraudCheck.Apply(state, Doubtful)!;
        Assert.Equal("2025-01-03T00:00:00.000000Z", Assert.Single(FraudModule.Checks.Indexes!(state)).Value);
        Assert.Empty(FraudModule.Checks.Indexes!(FraudCheck.Apply(state, Approved)!));
    }

    [Fact]
    public void Leaves_a_state_that_can_be_kept_as_a_snapshot() => SnapshotCheck.Holds(FraudCheck.Decider, Doubtful, Approved);
}
