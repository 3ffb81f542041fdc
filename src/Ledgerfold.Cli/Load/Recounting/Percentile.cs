namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>Percentiles of values that are there in full.</summary>
internal static class Percentile
{
    /// <summary>The value that this share of all did not exceed, to a hundredth; 0 where there are none.</summary>
    /// <param name="sorted">The values, smallest first.</param>
    public static double Of(ReadOnlySpan<double> sorted, double share) =>
        sorted.IsEmpty ? 0 : Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)], 2);
}
