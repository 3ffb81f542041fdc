using System.Buffers;
using System.Text;
using Ledgerfold.Model.Commanding;
using Marketplace.Amounts;

namespace Marketplace;

/// <summary>
/// Rules of input that several commands share, each said once: null where a rule is kept, else the member of the command and what must
/// hold there. Numbers are bounded so that no sum that is made of them can be more than can be counted.
/// </summary>
internal static class Input
{
    /// <summary>What one price is at most, in minor units.</summary>
    public const long PriceMax = 100_000_000_000;

    /// <summary>What one line or reservation is at most.</summary>
    public const int QuantityMax = 100_000;

    /// <summary>What is received or counted at once is at most.</summary>
    public const int StockMax = 1_000_000_000;

    private const int IdCharactersMax = 64;

    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>An id of a vendor, an article, a place, an order: it never holds the colon that stands between two of them.</summary>
    public static CommandAnswer.Invalid? Id(string field, string? value) =>
        value is { Length: > 0 and <= IdCharactersMax } && !value.AsSpan().ContainsAnyExcept(IdCharacters)
            ? null
            : new(field, "1 to 64 of the letters A to Z and a to z, digits, '.', '_' and '-'");

    /// <summary>An id that may be put together of several, with colons between them.</summary>
    public static CommandAnswer.Invalid? CompoundId(string field, string? value) =>
        value is { Length: > 0 } && value.Split(':') is { Length: <= 4 } parts && Array.TrueForAll(parts, part => Id(field, part) is null)
            ? null
            : new(field, "1 to 4 ids with colons between them, each 1 to 64 letters, digits, '.', '_' and '-'");

    /// <summary>Words for people.</summary>
    public static CommandAnswer.Invalid? Text(string field, string? value, int charactersMax) =>
        !string.IsNullOrWhiteSpace(value) && value.Length <= charactersMax && !value.Any(char.IsControl) && IsUnicode(value)
            ? null
            : new(field, $"1 to {charactersMax} characters, not only spaces, no control characters");

    /// <summary>A number of things, or of seconds.</summary>
    public static CommandAnswer.Invalid? Between(string field, long value, long least, long most) =>
        value >= least && value <= most ? null : new(field, $"{least} to {most}");

    /// <summary>A code of a currency that is traded in.</summary>
    public static CommandAnswer.Invalid? CurrencyCode(string field, string? value) =>
        Currency.IsKnown(value) ? null : new(field, "the ISO 4217 code of a currency that is traded in");

    /// <summary>A price or a fee: nothing, or more.</summary>
    public static CommandAnswer.Invalid? Price(string field, Money value) =>
        Currency.IsKnown(value.Currency) && value.Minor is >= 0 and <= PriceMax
            ? null
            : new(field, $"0 to {PriceMax} minor units of a currency that is traded in");

    private static bool IsUnicode(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar)
                return false; // also what half a surrogate pair reads as
        }

        return true;
    }
}
