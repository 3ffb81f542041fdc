using System.Collections.Immutable;

namespace Marketplace.Amounts;

/// <summary>Spreads an amount over parts so that nothing is lost and nothing is added.</summary>
public static class Split
{
    /// <summary>
    /// Each part gets its share by weight, rounded down; what is left goes, one minor unit each, to the largest remainders, the earlier
    /// part first where they are alike.
    /// </summary>
    /// <param name="total">What is spread: none, or more.</param>
    /// <param name="weights">How heavy each part is: none, or more, and not all none unless nothing is spread.</param>
    public static ImmutableArray<long> LargestRemainder(long total, ReadOnlySpan<long> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        Int128 sum = 0;
        foreach (var weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight, nameof(weights));
            sum += weight;
        }

        var shares = new long[weights.Length];
        if (total == 0)
            return [.. shares];
        if (sum == 0)
            throw new ArgumentException("There is something to spread and nothing to spread it over.", nameof(weights));
        var remainders = new (Int128 Left, int Part)[weights.Length];
        var left = total;
        for (var part = 0; part < weights.Length; part++)
        {
            var (share, rest) = Int128.DivRem((Int128)total * weights[part], sum);
            shares[part] = (long)share;
            remainders[part] = (rest, part);
            left -= shares[part];
        }

        foreach (var (_, part) in remainders.OrderByDescending(static one => one.Left).ThenBy(static one => one.Part).Take((int)left))
            shares[part]++;
        return [.. shares];
    }
}
