using System.Collections.Immutable;
using Ledgerfold.Model.Folding;
using Marketplace.Amounts;

namespace Marketplace.Offers;

/// <summary>An offer as people look for it: by the words of its title and its SKU, whole and in any case.</summary>
public sealed record OfferView(string Sku, string VendorId, string Title, Money UnitPrice)
{
    private const int WordCharactersMax = 64;

    /// <summary>Offers by stream, and by word in the index <c>word</c>.</summary>
    public static readonly Projection<OfferView> Projection = new("offers", perStreamOf: Offer.Decider.Category)
    {
        Apply = static (offer, fact, _) => fact switch
        {
            Offer.OfferPublished published => new(published.Sku, published.VendorId, published.Title, published.UnitPrice),
            Offer.PriceChanged changed => offer! with { UnitPrice = changed.UnitPrice },
            _ => offer,
        },
        Indexes = static offer => [.. offer.Words().Select(static word => new FoldIndexEntry("word", word))],
    };

    /// <summary>What of a text is looked for: each word once, the longest first, because it finds the least.</summary>
    public static ImmutableArray<string> WordsOf(string text) =>
    [
        .. Split(text)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(static word => word.Length)
            .ThenBy(static word => word, StringComparer.Ordinal)
            .Take(Limits.FoldIndexEntriesMax),
    ];

    /// <summary>Whether it has all of these words.</summary>
    public bool Has(ImmutableArray<string> words)
    {
        var mine = Words();
        return words.All(word => mine.Contains(word));
    }

    private ImmutableArray<string> Words() => WordsOf($"{Sku} {Title}");

    private static IEnumerable<string> Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
                end++;
            if (end > at)
                yield return text[at..Math.Min(end, at + WordCharactersMax)].ToLowerInvariant();
            at = end + 1;
        }
    }
}
