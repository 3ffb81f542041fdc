namespace Ledgerfold.Cli.Bench;

/// <summary>
/// Two things measured in turn, in short stretches: the device changes its pace within minutes, so that only neighbours can be compared.
/// Which of the two goes first changes with every pair.
/// </summary>
internal sealed class Pairs
{
    private readonly List<Slice> _ones = [];
    private readonly List<Slice> _others = [];

    public IReadOnlyList<Slice> Ones => _ones;

    public IReadOnlyList<Slice> Others => _others;

    public double OnePerSecond => Median(_ones.Select(slice => slice.PerSecond));

    public double OtherPerSecond => Median(_others.Select(slice => slice.PerSecond));

    /// <summary>The median of what each pair gave.</summary>
    public double Ratio => Median(Ratios);

    /// <summary>The least and the most that a pair gave.</summary>
    public Spread Spread => new(Ratios.Min(), Ratios.Max());

    public LatencyHistogram OneLatencies => Merge(_ones);

    public LatencyHistogram OtherLatencies => Merge(_others);

    private IEnumerable<double> Ratios => _ones.Zip(_others, (one, other) => one.PerSecond / other.PerSecond);

    public static async Task<Pairs> Measure(int count, Func<Task<Slice>> one, Func<Task<Slice>> other)
    {
        var pairs = new Pairs();
        for (var p = 0; p < count; p++)
        {
            if (p % 2 == 0)
                pairs._ones.Add(await one());
            pairs._others.Add(await other());
            if (p % 2 == 1)
                pairs._ones.Add(await one());
        }

        return pairs;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return 0;
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static LatencyHistogram Merge(List<Slice> slices)
    {
        var merged = new LatencyHistogram();
        foreach (var slice in slices)
            merged.Add(slice.Latencies);
        return merged;
    }
}

/// <summary>The least and the most.</summary>
internal readonly record struct Spread(double Low, double High);
