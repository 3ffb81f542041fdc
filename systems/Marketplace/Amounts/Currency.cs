using System.Collections.Frozen;

namespace Marketplace.Amounts;

/// <summary>The currencies the marketplace trades in, and how many decimals each has (ISO 4217).</summary>
public static class Currency
{
    private static readonly FrozenDictionary<string, int> Decimals = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["AUD"] = 2,
        ["BHD"] = 3,
        ["BRL"] = 2,
        ["CAD"] = 2,
        ["CHF"] = 2,
        ["CLP"] = 0,
        ["CNY"] = 2,
        ["CZK"] = 2,
        ["DKK"] = 2,
        ["EUR"] = 2,
        ["GBP"] = 2,
        ["HKD"] = 2,
        ["HUF"] = 2,
        ["INR"] = 2,
        ["ISK"] = 0,
        ["JOD"] = 3,
        ["JPY"] = 0,
        ["KRW"] = 0,
        ["KWD"] = 3,
        ["MXN"] = 2,
        ["NOK"] = 2,
        ["NZD"] = 2,
        ["OMR"] = 3,
        ["PLN"] = 2,
        ["SEK"] = 2,
        ["SGD"] = 2,
        ["THB"] = 2,
        ["TND"] = 3,
        ["USD"] = 2,
        ["VND"] = 0,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether it is one of them.</summary>
    public static bool IsKnown(string? code) => code is not null && Decimals.ContainsKey(code);

    /// <summary>How many decimals it has.</summary>
    /// <exception cref="ArgumentException">It is not one of them.</exception>
    public static int DecimalsOf(string code) => Decimals.TryGetValue(code, out var decimals)
        ? decimals
        : throw new ArgumentException($"{code} is no currency that is traded in.", nameof(code));
}
