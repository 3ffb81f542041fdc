using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Testing.Conformance.Folds;

/// <summary>Batches and reads over few names, so that they meet often.</summary>
internal sealed class RandomFoldRequests(SeededRandom random)
{
    private static readonly string[] Values = ["blue", "red", "red1", "é", "z"];

    public SeededRandom Random => random;

    public FoldName Fold() => new(random.Pick<string>(["orders", "orders", "people"]), random.Between(1, 2));

    public string Tenant() => random.OneIn(4) ? random.Pick<string>(["other", "other 2", "othér"]) : Tenants.Default;

    public string Key() => $"k{random.Below(12):D2}";

    public FoldBatch Batch(FoldName fold, long stands)
    {
        var expected = random.OneIn(8) ? stands + random.Below(3) : stands;
        var keys = new HashSet<FoldKey>();
        for (var n = random.Below(random.OneIn(4) ? 12 : 4); n >= 0; n--)
            keys.Add(new FoldKey(Tenant(), Key()));
        var removed = keys.Where(_ => random.OneIn(4)).ToArray();
        return new FoldBatch
        {
            Fold = fold,
            Expected = expected,
            Position = expected + random.Below(4) + (expected == 0 ? 1 : 0),
            Rows = [.. keys.Except(removed).Select(Row)],
            Removed = [.. removed],
        };
    }

    public FoldRead Read() => new()
    {
        Fold = Fold(),
        Tenant = Tenant(),
        Index = random.Coin() ? null : random.Coin() ? "colour" : "mail",
        From = Bound(),
        To = Bound(),
        Backward = random.Coin(),
        Limit = random.Pick<int>([1, 2, 3, 100]),
    };

    private string? Bound() => random.Below(5) switch { 0 => Key(), 1 => random.Pick<string>(Values), _ => null };

    private FoldRow Row(FoldKey key)
    {
        var entries = ImmutableArray.CreateBuilder<FoldIndexEntry>();
        foreach (var value in Values.Where(_ => random.OneIn(5)))
            entries.Add(new FoldIndexEntry("colour", value));
        if (random.OneIn(3))
            entries.Add(new FoldIndexEntry("mail", $"m{random.Below(6)}", !random.OneIn(5)));
        return new FoldRow { Tenant = key.Tenant, Key = key.Key, Data = Data(), Indexes = entries.ToImmutable() };
    }

    private byte[] Data()
    {
        var size = random.Below(12) switch { 0 => random.Between(4000, 9000), < 3 => random.Between(500, 1500), _ => random.Below(60) };
        return Encoding.UTF8.GetBytes($"{random.Next():x}".PadRight(size, 'x'));
    }
}
