using System.Collections.Immutable;

namespace Ledgerfold.Cli.Load.Traffic;

/// <summary>Who clicks on what, in which order: worked out from the plan, the same every time.</summary>
internal sealed class LoadTraffic
{
    /// <summary>The share of purchases that go for the hot article.</summary>
    public const double HotShare = 0.7;

    /// <summary>The share of attempts that repeat an earlier one under its key: half at once, as a double click, half later.</summary>
    public const double RepeatShare = 0.3;

    /// <summary>The share of cards whose payment is never answered, and of those that are approved too late (flash).</summary>
    public const double TimeoutShare = 0.05;
    public const double LateShare = 0.02;

    /// <summary>The shares of purchases whose card is declined, that want what is sold out, and that a person looks at (steady).</summary>
    public const double DeclineShare = 0.02;
    public const double SoldOutShare = 0.01;
    public const double ReviewShare = 0.005;

    // how far back a later click goes, in attempts: a few seconds at the rates of a flash sale
    private const int LaterWithin = 2_000;

    private readonly LoadPlan _plan;
    private readonly Random _random;
    private readonly List<Purchase> _purchases = [];
    private readonly List<Click> _clicks = [];

    private LoadTraffic(LoadPlan plan)
    {
        (_plan, _random) = (plan, new Random(plan.Seed));
        Catalogue = Catalogue.Of(plan);
        var count = plan.Schedule.Count;
        while (_clicks.Count < count)
        {
            if (plan.Profile is LoadProfile.Flash && _clicks.Count > 0 && _random.NextDouble() < RepeatShare)
                ClickAgain();
            else
                ClickFirst();
        }
    }

    public Catalogue Catalogue { get; }

    public IReadOnlyList<Purchase> Purchases => _purchases;

    /// <summary>The attempts, one for each time of the schedule.</summary>
    public IReadOnlyList<Click> Clicks => _clicks;

    public static LoadTraffic Of(LoadPlan plan) => new(plan);

    private void ClickFirst()
    {
        _clicks.Add(new Click(_purchases.Count, IsFirst: true));
        _purchases.Add(_plan.Profile is LoadProfile.Flash ? ForFlash(_purchases.Count) : ForSteady(_purchases.Count));
    }

    private void ClickAgain()
    {
        var back = _random.Next(2) == 0 ? 1 : 1 + _random.Next(Math.Min(LaterWithin, _clicks.Count));
        _clicks.Add(new Click(_clicks[^back].Purchase, IsFirst: false));
    }

    private Purchase ForFlash(int number)
    {
        var isHot = _random.NextDouble() < HotShare;
        var article = isHot ? Catalogue.Hot! : Catalogue.Others[_random.Next(Catalogue.Others.Length)];
        var outcome = _random.NextDouble() switch
        {
            < TimeoutShare => "timeout",
            < TimeoutShare + LateShare => "late-approve",
            _ => null,
        };
        return Purchase(number, $"{_plan.Run}-c{number}", [(article, 1)], 0, isSuspicious: false, outcome) with { IsHot = isHot };
    }

    private Purchase ForSteady(int number)
    {
        var lines = _random.Next(10) switch { < 6 => 1, < 9 => 2, _ => 3 };
        var first = _random.Next(Catalogue.Others.Length);
        // articles that lie this far apart are of different vendors
        ImmutableArray<(Article Article, int Quantity)> wanted =
            [.. Enumerable.Range(0, lines).Select(at => (Catalogue.Others[(first + at) % Catalogue.Others.Length], 1 + _random.Next(3)))];
        var lot = _random.NextDouble();
        if (lot < SoldOutShare)
            wanted = [(Catalogue.SoldOut!, 1)];
        var discount = _random.Next(5) == 0 ? _random.Next(1, 400) : 0;
        var outcome = lot > 1 - DeclineShare ? "decline" : null;
        var isSuspicious = outcome is null && lot is > 0.5 and < 0.5 + ReviewShare;
        return Purchase(number, $"{_plan.Run}-c{_random.Next(20_000)}", wanted, discount, isSuspicious, outcome);
    }

    private Purchase Purchase(
        int number, string customer, ImmutableArray<(Article, int)> lines, int discountMinor, bool isSuspicious, string? outcome)
    {
        var card = $"{_plan.Run}-card{number}";
        return new Purchase(
            $"{_plan.Run}-{number}", OrderBody.Of(customer, lines, discountMinor, card, isSuspicious), IsHot: false, card, outcome);
    }
}
