using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Folds;

/// <summary>Batches that meet often: few folds, few keys, often the right expectation.</summary>
internal sealed class FoldRequests(SeededRandom random, FoldPlan plan)
{
    private static readonly string[] Colours = ["blue", "red", "red1", "yellow"];

    public FoldName Fold() => random.Pick(FoldContent.Folds);

    public FoldKey Key() => new(random.OneIn(5) ? "other" : Tenants.Default, $"k{random.Below(16):D2}");

    /// <summary>A batch for a fold that stands, or will stand, somewhere.</summary>
    public FoldBatch Batch(FoldName fold, long stands)
    {
        var expected = random.OneIn(12) ? Math.Max(0, stands + random.Between(-1, 1)) : stands;
        var position = expected + random.Below(4) + (expected == 0 ? 1 : 0);
        var keys = new HashSet<FoldKey>();
        for (var n = random.Below(random.OneIn(4) ? 14 : 4); n >= 0; n--)
            keys.Add(Key());
        var removed = keys.Where(_ => random.OneIn(4)).ToArray();
        return new FoldBatch
        {
            Fold = fold,
            Expected = expected,
            Position = position,
            Rows = [.. keys.Except(removed).Select(key => Row(key, fold, position))],
            Removed = [.. removed],
        };
    }

    private FoldRow Row(FoldKey key, FoldName fold, long position)
    {
        var entries = ImmutableArray.CreateBuilder<FoldIndexEntry>();
        if (fold.Name == "orders" && fold.Version == 1)
        {
            foreach (var value in Colours.Where(_ => random.OneIn(4)))
                entries.Add(new FoldIndexEntry("colour", value));
            if (random.OneIn(3))
                entries.Add(new FoldIndexEntry("mail", $"m{random.Below(8)}", !random.OneIn(5)));
        }

        var size = random.OneIn(4) ? random.Below(plan.DataBytesMax) : random.Below(20);
        var data = Encoding.UTF8.GetBytes($"{position} {random.Next() % 1000}".PadRight(size, random.OneIn(5) ? '\0' : 'x'));
        return new FoldRow { Tenant = key.Tenant, Key = key.Key, Data = data, Indexes = entries.ToImmutable() };
    }
}
