using System.Collections.Immutable;

namespace Marketplace.Fraud;

/// <summary>What the rules come to.</summary>
public sealed record Assessment(int Score, ImmutableArray<RuleHit> Hits, Verdict Verdict);

/// <summary>
/// One version of the rules by which orders are assessed: pure, every number in it. Whoever changes a number makes it another version, so
/// that each assessment says by which rules it came about. The allow-list passes first, the deny-list blocks next; then the points of all
/// rules that are met are added up.
/// </summary>
public sealed record RuleSet
{
    private static readonly TimeSpan YoungAccount = TimeSpan.FromDays(1);

    /// <summary>The rules that are in force.</summary>
    public static RuleSet Current { get; } = new();

    /// <summary>Which version it is.</summary>
    public int Version { get; init; } = 1;

    /// <summary>From this score on a person looks at it.</summary>
    public int ReviewFrom { get; init; } = 40;

    /// <summary>From this score on it is blocked; what blocks by itself counts as much.</summary>
    public int BlockFrom { get; init; } = 70;

    public int AttemptsOfCardInHour { get; init; } = 5;
    public int AttemptsOfCardPoints { get; init; } = 40;
    public int CardsOfDeviceInDay { get; init; } = 3;
    public int CardsOfDevicePoints { get; init; } = 30;
    public int ForeignCardPoints { get; init; } = 15;

    /// <summary>More than so many times the customer's mean is much.</summary>
    public int TimesOfMean { get; init; } = 5;
    public int MuchPoints { get; init; } = 20;
    public int YoungAccountPoints { get; init; } = 10;

    /// <summary>What each letter of the address check counts.</summary>
    public ImmutableDictionary<string, int> AddressPoints { get; init; } = AddressLetters(("N", 25), ("AZW", 10), ("URSG", 5), ("YXDM", 0));

    /// <summary>Who always passes: <c>customer:ada</c>, <c>card:tok-1</c>, <c>device:d-1</c>.</summary>
    public ImmutableHashSet<string> AllowList { get; init; } = [];

    /// <summary>Who never passes, named as in the allow-list, which goes before it.</summary>
    public ImmutableHashSet<string> DenyList { get; init; } = [];

    /// <summary>What an order comes to at a moment.</summary>
    public Assessment Assess(AssessFraud order, DateTimeOffset at)
    {
        if (IsOn(AllowList, order))
            return new Assessment(0, [new RuleHit("ALLOW_LISTED", 0)], Verdict.Pass);
        if (IsOn(DenyList, order))
            return new Assessment(BlockFrom, [new RuleHit("DENY_LISTED", BlockFrom)], Verdict.Block);
        ImmutableArray<RuleHit> hits = [.. OfOrder(order), .. OfHistory(order, at)];
        var score = hits.Sum(static hit => hit.Points);
        return new Assessment(score, hits, score >= BlockFrom ? Verdict.Block : score >= ReviewFrom ? Verdict.Review : Verdict.Pass);
    }

    private IEnumerable<RuleHit> OfOrder(AssessFraud order)
    {
        if (order.CardCheckFailed)
            yield return new RuleHit("CARD_CHECK_FAILED", BlockFrom);
        if (order.AddressCheck is { } letter && AddressPoints.GetValueOrDefault(letter) is > 0 and var points)
            yield return new RuleHit($"ADDRESS_CHECK_{letter}", points);
        if (order is { IpCountry: { } ip, CardCountry: { } card } && !string.Equals(ip, card, StringComparison.OrdinalIgnoreCase))
            yield return new RuleHit("FOREIGN_CARD", ForeignCardPoints);
    }

    private IEnumerable<RuleHit> OfHistory(AssessFraud order, DateTimeOffset at)
    {
        if (order.History is not { } history)
        {
            yield return new RuleHit("HISTORY_NOT_KNOWN", ReviewFrom);
            yield break;
        }

        if (history.AttemptsOfCard + 1 >= AttemptsOfCardInHour)
            yield return new RuleHit("ATTEMPTS_OF_CARD", AttemptsOfCardPoints);
        if (order.Device is not null && history.OtherCardsOfDevice + 1 >= CardsOfDeviceInDay)
            yield return new RuleHit("CARDS_OF_DEVICE", CardsOfDevicePoints);
        // amount > times × total ÷ count, without dividing
        if (history.Orders > 0 && (Int128)order.Amount.Minor * history.Orders > (Int128)TimesOfMean * history.SpentMinor)
            yield return new RuleHit("MORE_THAN_USUAL", MuchPoints);
        if (at - (history.CustomerSince ?? at) < YoungAccount)
            yield return new RuleHit("YOUNG_ACCOUNT", YoungAccountPoints);
    }

    private static bool IsOn(ImmutableHashSet<string> list, AssessFraud order) => list.Contains($"customer:{order.CustomerId}")
        || list.Contains($"card:{order.Card}") || (order.Device is { } device && list.Contains($"device:{device}"));

    private static ImmutableDictionary<string, int> AddressLetters(params ReadOnlySpan<(string Letters, int Points)> all)
    {
        var points = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        foreach (var (letters, each) in all)
        {
            foreach (var letter in letters)
                points.Add(letter.ToString(), each);
        }

        return points.ToImmutable();
    }
}
