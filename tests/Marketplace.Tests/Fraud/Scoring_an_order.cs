using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Fraud;

namespace Marketplace.Tests.Fraud;

public sealed class Scoring_an_order
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly FraudHistory Known = FraudHistory.None with { CustomerSince = Now.AddDays(-30) };
    private static readonly AssessFraud Order = new("o1", "ada", "tok", new Money(100_00, "EUR")) { Device = "d1", History = Known };

    [Fact]
    public void Finds_nothing_in_a_plain_one() => Scores(Order, 0);

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 40)]
    [InlineData(31, 40)]
    public void Counts_the_fifth_attempt_of_a_card_within_an_hour(int before, int points) =>
        Scores(Order with { History = Known with { AttemptsOfCard = before } }, points, "ATTEMPTS_OF_CARD");

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 30)]
    public void Counts_the_third_card_of_a_device_within_a_day(int others, int points) =>
        Scores(Order with { History = Known with { OtherCardsOfDevice = others } }, points, "CARDS_OF_DEVICE");

    [Theory]
    [InlineData("N", 25)]
    [InlineData("A", 10)]
    [InlineData("Z", 10)]
    [InlineData("W", 10)]
    [InlineData("Y", 0)]
    [InlineData("X", 0)]
    [InlineData("D", 0)]
    [InlineData("M", 0)]
    [InlineData("U", 5)]
    [InlineData("R", 5)]
    [InlineData("S", 5)]
    [InlineData("G", 5)]
    [InlineData(null, 0)]
    public void Counts_what_the_issuer_says_of_the_address(string? letter, int points) =>
        Scores(Order with { AddressCheck = letter }, points, $"ADDRESS_CHECK_{letter}");

    [Theory]
    [InlineData("DE", "DE", 0)]
    [InlineData("DE", "de", 0)]
    [InlineData("DE", "FR", 15)]
    [InlineData(null, "FR", 0)]
    [InlineData("DE", null, 0)]
    public void Counts_a_card_of_another_country(string? ip, string? card, int points) =>
        Scores(Order with { IpCountry = ip, CardCountry = card }, points, "FOREIGN_CARD");

    [Theory]
    [InlineData(0, 0, 0)] // there is no mean yet
    [InlineData(1, 20_00, 0)] // exactly five times
    [InlineData(1, 19_99, 20)]
    [InlineData(3, 60_00, 0)]
    [InlineData(3, 59_99, 20)] // the mean is no whole cent
    public void Counts_more_than_five_times_the_mean(int orders, long spent, int points) =>
        Scores(Order with { History = Known with { Orders = orders, SpentMinor = spent } }, points, "MORE_THAN_USUAL");

    [Fact]
    public void Counts_an_account_younger_than_a_day()
    {
        Scores(Order with { History = Known with { CustomerSince = Now.AddDays(-1) } }, 0);
        Scores(Order with { History = Known with { CustomerSince = Now.AddDays(-1).AddTicks(1) } }, 10, "YOUNG_ACCOUNT");
        Scores(Order with { History = Known with { CustomerSince = null } }, 10, "YOUNG_ACCOUNT");
    }

    [Fact]
    public void Blocks_where_the_card_check_failed() => Assert.Equal(Verdict.Block, Assess(Order with { CardCheckFailed = true }).Verdict);

    [Fact]
    public void Leaves_it_to_a_person_where_nobody_could_say_what_was_before() =>
        Assert.Equal(Verdict.Review, Assess(Order with { History = null }).Verdict);

    [Fact]
    public void Passes_below_40_reviews_below_70_and_blocks_from_there()
    {
        var attempts = Order with { History = Known with { AttemptsOfCard = 4 } };
        var at39 = RuleSet.Current with { AttemptsOfCardPoints = 39 };
        Assert.Equal((39, Verdict.Pass), Verdicts(attempts, at39));
        Assert.Equal((40, Verdict.Review), Verdicts(attempts));
        Assert.Equal((69, Verdict.Review), Verdicts(attempts with { History = attempts.History! with { OtherCardsOfDevice = 2 } }, at39));
        Assert.Equal((70, Verdict.Block), Verdicts(attempts with { History = attempts.History! with { OtherCardsOfDevice = 2 } }));
    }

    [Fact]
    public void Adds_up_all_that_is_found()
    {
        var worst = Order with
        {
            AddressCheck = "N",
            IpCountry = "DE",
            CardCountry = "FR",
            History = new FraudHistory(4, 2, 1, 1, Now),
        };

        var assessment = Assess(worst);

        Assert.Equal(40 + 30 + 25 + 15 + 20 + 10, assessment.Score);
        Assert.Equal(6, assessment.Hits.Length);
    }

    [Theory]
    [InlineData("customer:ada")]
    [InlineData("card:tok")]
    [InlineData("device:d1")]
    public void Passes_who_is_allowed_and_then_blocks_who_is_denied(string name)
    {
        var bad = Order with { CardCheckFailed = true };
        var denied = RuleSet.Current with { DenyList = [name] };
        Assert.Equal(Verdict.Block, denied.Assess(Order, Now).Verdict);
        Assert.Equal((0, Verdict.Pass), Verdicts(bad, denied with { AllowList = [name] }));
        Assert.Equal(Verdict.Pass, (RuleSet.Current with { DenyList = ["customer:ad"] }).Assess(Order, Now).Verdict);
    }

    [Fact]
    public async Task Names_the_member_that_breaks_a_rule()
    {
        var fraud = FraudModule.Books(RuleSet.Current);
        await Refusal.IsFor("orderId", fraud, Order with { OrderId = "" });
        await Refusal.IsFor("customerId", fraud, Order with { CustomerId = "a b" });
        await Refusal.IsFor("card", fraud, Order with { Card = "\n" });
        await Refusal.IsFor("device", fraud, Order with { Device = "" });
        await Refusal.IsFor("addressCheck", fraud, Order with { AddressCheck = "n" });
    }

    [Fact]
    public void Is_done_once_and_says_by_which_rules()
    {
        var rules = RuleSet.Current with { Version = 7 };
        var fraud = new Scenario(FraudModule.Books(rules));
        var assessed = new FraudCheck.FraudAssessed(
            "o1", "ada", "tok", "d1", new Money(100_00, "EUR"), 25, [new RuleHit("ADDRESS_CHECK_N", 25)], 7, Verdict.Pass, null);

        fraud.At(Now).When(Order with { AddressCheck = "N" }).Then(assessed);
        fraud.Given(assessed).At(Now).When(Order).Then();
    }

    private static Assessment Assess(AssessFraud order, RuleSet? rules = null) => (rules ?? RuleSet.Current).Assess(order, Now);

    private static (int, Verdict) Verdicts(AssessFraud order, RuleSet? rules = null)
    {
        var assessment = Assess(order, rules);
        return (assessment.Score, assessment.Verdict);
    }

    private static void Scores(AssessFraud order, int points, string? rule = null)
    {
        var assessment = Assess(order);
        Assert.Equal(points, assessment.Score);
        if (points > 0)
            Assert.Equal([new RuleHit(rule!, points)], assessment.Hits);
        else
            Assert.Empty(assessment.Hits);
    }
}
