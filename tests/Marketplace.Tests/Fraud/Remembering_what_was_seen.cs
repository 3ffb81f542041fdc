using System.Text.Json;
using Ledgerfold;
using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;
using Marketplace.Amounts;
using Marketplace.Fraud;

namespace Marketplace.Tests.Fraud;

public sealed class Remembering_what_was_seen
{
    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly FraudCheck.FraudAssessed Passed = Assessed("tok", "d1", "ada", 10_00, Verdict.Pass);

    [Fact]
    public void Forgets_an_attempt_after_an_hour()
    {
        var seen = Sightings.Apply(null, Passed, Start);

        Assert.Equal(1, History(seen, Start.AddHours(1).AddTicks(-1)).AttemptsOfCard);
        Assert.Equal(0, History(seen, Start.AddHours(1)).AttemptsOfCard);
    }

    [Fact]
    public void Forgets_a_card_a_day_after_it_was_seen_last_and_does_not_count_the_one_in_question()
    {
        var seen = Sightings.Apply(null, Passed with { Card = "other" }, Start);
        seen = Sightings.Apply(seen, Passed, Start);
        seen = Sightings.Apply(seen, Passed with { Card = "other" }, Start.AddHours(1));

        Assert.Equal(1, History(seen, Start.AddHours(25).AddTicks(-1)).OtherCardsOfDevice);
        Assert.Equal(0, History(seen, Start.AddHours(25)).OtherCardsOfDevice);
    }

    [Fact]
    public void Adds_up_what_went_through_on_the_last_90_days_in_one_currency()
    {
        var seen = Sightings.Apply(null, Passed, Start);
        seen = Sightings.Apply(seen, Passed with { Amount = new Money(5, "JPY") }, Start.AddDays(1));
        seen = Sightings.Apply(seen, Passed with { Amount = new Money(1, "EUR"), Verdict = Verdict.Block }, Start.AddDays(1));
        seen = Sightings.Apply(seen, Passed with { Amount = new Money(2, "EUR"), Verdict = Verdict.Review }, Start.AddDays(1));
        seen = Sightings.Apply(
            seen, new FraudCheck.FraudReviewResolved("o", "ada", new Money(2, "EUR"), Resolution.Approved, null, null), Start.AddDays(2));
        seen = Sightings.Apply(
            seen, new FraudCheck.FraudReviewResolved("o", "ada", new Money(4, "EUR"), Resolution.Declined, null, null), Start.AddDays(2));

        Assert.Equal((2, 10_02), Spent(seen, Start.AddDays(89)));
        Assert.Equal((1, 2), Spent(seen, Start.AddDays(90)));
        Assert.Equal(Start, History(seen, Start).CustomerSince);
    }

    [Fact]
    public void Stays_small_however_often_it_is_hit()
    {
        var random = new SeededRandom(1);
        Sightings? seen = null;
        var longest = 0;
        for (var n = 0; n < 2_400; n++)
        {
            var at = Start.AddHours(n);
            var amount = new Money(long.MaxValue / 2, random.Pick(["EUR", "USD", "JPY", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK"]));
            seen = Sightings.Apply(seen, Passed with { Card = $"card-{random.Below(1000)}", Amount = amount }, at);
            if (n % 100 == 0)
                longest = Math.Max(longest, JsonSerializer.SerializeToUtf8Bytes(seen, EventJson.Options).Length);
        }

        Assert.InRange(longest, 1, 80_000);
        _ = History(seen, Start.AddDays(1000)); // and its sums can be counted
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void Says_what_a_look_at_everything_says(ulong seed)
    {
        var random = new SeededRandom(seed);
        var all = new List<(DateTimeOffset At, FraudCheck.FraudAssessed Fact)>();
        var rows = new Dictionary<string, Sightings>(StringComparer.Ordinal);
        var now = Start;
        for (var n = 0; n < 600; n++)
        {
            now += random.OneIn(40) ? TimeSpan.FromDays(random.Below(20)) : TimeSpan.FromMinutes(random.Below(30));
            var fact = Assessed($"c{random.Below(4)}", $"d{random.Below(3)}", $"u{random.Below(3)}", random.Between(1, 100), random.Pick(Enum.GetValues<Verdict>()));
            var asked = new AskHistory(fact.CustomerId, fact.Card, "EUR", fact.Device);
            var told = Sightings.HistoryOf(
                asked, rows.GetValueOrDefault($"card:{fact.Card}"), rows.GetValueOrDefault($"device:{fact.Device}"), rows.GetValueOrDefault($"customer:{fact.CustomerId}"), now);

            var today = DateOnly.FromDateTime(now.UtcDateTime);
            var ofCard = all.Count(one => one.Fact.Card == fact.Card && now - one.At < TimeSpan.FromHours(1));
            var onDevice = all.Where(one => one.Fact.Device == fact.Device && one.Fact.Card != fact.Card && now - one.At < TimeSpan.FromDays(1))
                .Select(static one => one.Fact.Card).Distinct().Count();
            var spent = all.Where(one => one.Fact.CustomerId == fact.CustomerId && one.Fact.Verdict == Verdict.Pass
                && today.DayNumber - DateOnly.FromDateTime(one.At.UtcDateTime).DayNumber < 90).ToList();
            var first = all.FirstOrDefault(one => one.Fact.CustomerId == fact.CustomerId);
            Assert.Equal(
                new FraudHistory(
                    Math.Min(ofCard, Sightings.SeenMax), onDevice, spent.Count, spent.Sum(static one => one.Fact.Amount.Minor), first.Fact is null ? null : first.At),
                told);

            all.Add((now, fact));
            foreach (var key in Sightings.KeysOf(fact))
                rows[key] = Sightings.Apply(rows.GetValueOrDefault(key), fact, now);
        }
    }

    [Fact]
    public async Task Is_told_to_whoever_asks_before_the_next_attempt()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var ledger = new InMemoryLedger();
        var module = FraudModule.Books(RuleSet.Current);
        await using var engine = new FoldEngine(ledger, new InMemoryFoldStore(), [module]);
        await using var commands = new Commands(module, ledger);
        await engine.Start(cancel);
        var asking = FraudModule.Asking(() => new Projections(engine), TimeProvider.System);
        var context = new ActivityContext
        {
            IdempotencyKey = Guid.Empty,
            Attempt = 1,
            Tenant = Tenants.Default,
            Process = "checkout",
            Key = "o1",
            Step = "ask",
        };
        for (var attempt = 1; attempt <= 6; attempt++)
        {
            var outcome = await asking.Do(new AskHistory("ada", "tok", "EUR", "d1"), context, cancel);
            var history = Assert.IsType<FraudHistory>(Assert.IsType<ActivityOutcome.Done>(outcome).Result);
            Assert.Equal((attempt - 1, 0, Math.Min(attempt - 1, 4)), (history.AttemptsOfCard, history.OtherCardsOfDevice, history.Orders));
            var order = new AssessFraud($"o{attempt}", "ada", "tok", new Money(10_00, "EUR")) { Device = "d1", History = history };
            Assert.IsType<CommandAnswer.Accepted>(await commands.Send(order, cancel: cancel));
        }
    }

    private static FraudCheck.FraudAssessed Assessed(string card, string device, string customer, long minor, Verdict verdict) =>
        new("o", customer, card, device, new Money(minor, "EUR"), 0, [], 1, verdict, null);

    private static FraudHistory History(Sightings? seen, DateTimeOffset at) =>
        Sightings.HistoryOf(new AskHistory("ada", "tok", "EUR", "d1"), seen, seen, seen, at);

    private static (int, long) Spent(Sightings seen, DateTimeOffset at)
    {
        var history = History(seen, at);
        return (history.Orders, history.SpentMinor);
    }
}
