using System.Collections.Immutable;
using Marketplace.Amounts;

namespace Marketplace.Fraud;

/// <summary>
/// What was seen of a card, a device or a customer, each under a key of its own: attempts within an hour, cards within a day, what went
/// through within 90 days. What is older than its window is dropped when something new is seen, and each window keeps no more than its
/// rules can ask for, so a row stays small however often it is hit.
/// </summary>
public sealed record Sightings(DateTimeOffset Since)
{
    /// <summary>The latest attempts and cards that are kept: more than any rule asks for.</summary>
    public const int SeenMax = 32;

    /// <summary>The currencies of one day that are kept.</summary>
    public const int CurrenciesMax = 8;

    private const int SpendingDays = 90;
    private static readonly TimeSpan AttemptsWindow = TimeSpan.FromHours(1);
    private static readonly TimeSpan CardsWindow = TimeSpan.FromDays(1);

    public ImmutableArray<DateTimeOffset> Attempts { get; init; } = [];
    public ImmutableArray<SeenCard> Cards { get; init; } = [];
    public ImmutableArray<DaySpent> Days { get; init; } = [];

    /// <summary>The events it is made of stand under these keys.</summary>
    public static IEnumerable<string> KeysOf(object fact) => fact switch
    {
        FraudCheck.FraudAssessed { Device: { } device } seen => [OfCard(seen.Card), OfDevice(device), OfCustomer(seen.CustomerId)],
        FraudCheck.FraudAssessed seen => [OfCard(seen.Card), OfCustomer(seen.CustomerId)],
        FraudCheck.FraudReviewResolved resolved => [OfCustomer(resolved.CustomerId)],
        _ => [],
    };

    public static string OfCard(string card) => $"card:{card}";

    public static string OfDevice(string device) => $"device:{device}";

    public static string OfCustomer(string customerId) => $"customer:{customerId}";

    public static Sightings Apply(Sightings? seen, object fact, DateTimeOffset at)
    {
        seen ??= new Sightings(at);
        return fact switch
        {
            FraudCheck.FraudAssessed { Verdict: Verdict.Pass } passed => seen.Attempted(passed.Card, at).Spent(passed.Amount, at),
            FraudCheck.FraudAssessed other => seen.Attempted(other.Card, at),
            FraudCheck.FraudReviewResolved { Resolution: Resolution.Approved } approved => seen.Spent(approved.Amount, at),
            _ => seen,
        };
    }

    /// <summary>What the rules want to know, of the rows of the card, the device and the customer.</summary>
    public static FraudHistory HistoryOf(AskHistory asked, Sightings? card, Sightings? device, Sightings? customer, DateTimeOffset at)
    {
        var attempts = card?.Attempts.Count(one => IsWithin(AttemptsWindow, one, at)) ?? 0;
        var cards = device?.Cards.Count(one => one.Card != asked.Card && IsWithin(CardsWindow, one.At, at)) ?? 0;
        var spent = customer?.Days.Where(one => one.Currency == asked.Currency && IsWithinDays(one.Day, at)).ToList() ?? [];
        return new FraudHistory(
            attempts, cards, spent.Sum(static one => one.Orders), spent.Sum(static one => one.Minor), customer?.Since);
    }

    private Sightings Attempted(string card, DateTimeOffset at) => this with
    {
        Attempts = [.. Attempts.Where(one => IsWithin(AttemptsWindow, one, at)).Append(at).TakeLast(SeenMax)],
        Cards =
        [
            .. Cards.Where(one => one.Card != card && IsWithin(CardsWindow, one.At, at)).Append(new SeenCard(card, at)).TakeLast(SeenMax),
        ],
    };

    private Sightings Spent(Money amount, DateTimeOffset at)
    {
        var today = DateOnly.FromDateTime(at.UtcDateTime);
        var same = Days.FirstOrDefault(one => one.Day == today && one.Currency == amount.Currency)
            ?? new DaySpent(today, amount.Currency, 0, 0);
        if (same.Orders == 0 && Days.Count(one => one.Day == today) == CurrenciesMax)
            return this;
        var sum = (Int128)same.Minor + amount.Minor;
        var after = same with { Orders = same.Orders + 1, Minor = (long)Int128.Min(sum, long.MaxValue / SpendingDays) };
        return this with { Days = [.. Days.Where(one => one != same && IsWithinDays(one.Day, at)), after] };
    }

    private static bool IsWithin(TimeSpan window, DateTimeOffset seen, DateTimeOffset at) => at - seen < window;

    private static bool IsWithinDays(DateOnly day, DateTimeOffset at) =>
        DateOnly.FromDateTime(at.UtcDateTime).DayNumber - day.DayNumber < SpendingDays;
}

/// <summary>When a card was seen last.</summary>
public sealed record SeenCard(string Card, DateTimeOffset At);

/// <summary>What went through on one day in one currency.</summary>
public sealed record DaySpent(DateOnly Day, string Currency, int Orders, long Minor);
