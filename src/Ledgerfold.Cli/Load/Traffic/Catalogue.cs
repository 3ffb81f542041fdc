using System.Collections.Immutable;

namespace Ledgerfold.Cli.Load.Traffic;

/// <summary>What is for sale in a run: put there over HTTP before the first click.</summary>
/// <param name="Hot">What everybody wants; null where nothing is wanted more than the rest.</param>
/// <param name="Others">All else.</param>
/// <param name="SoldOut">What is offered and never there; null where all is.</param>
internal sealed record Catalogue(Article? Hot, ImmutableArray<Article> Others, Article? SoldOut)
{
    private const int Ample = 1_000_000;
    private const int OthersOfFlash = 20;
    private const int OthersOfSteady = 500;

    /// <summary>All of it.</summary>
    public IEnumerable<Article> All => Others.Concat(new[] { Hot, SoldOut }.OfType<Article>());

    public static Catalogue Of(LoadPlan plan)
    {
        var isFlash = plan.Profile is LoadProfile.Flash;
        return new Catalogue(
            isFlash ? new Article($"{plan.Run}-hot", $"{plan.Run}-v0", 4_990, plan.HotUnits) : null,
            [
                .. Enumerable.Range(0, isFlash ? OthersOfFlash : OthersOfSteady).Select(at => new Article(
                    $"{plan.Run}-a{at}", $"{plan.Run}-v{1 + (at % (isFlash ? 4 : 20))}", 500 + (at * 37 % 9_500), Ample)),
            ],
            isFlash ? null : new Article($"{plan.Run}-none", $"{plan.Run}-v0", 2_500, Units: 0));
    }
}

/// <summary>An article of a vendor.</summary>
/// <param name="PriceMinor">What one costs, in cents.</param>
/// <param name="Units">How many there are.</param>
internal sealed record Article(string Sku, string VendorId, int PriceMinor, int Units)
{
    public const string Currency = "EUR";

    /// <summary>The vendor and the article, as a recount names them.</summary>
    public string Id => $"{VendorId}:{Sku}";
}
