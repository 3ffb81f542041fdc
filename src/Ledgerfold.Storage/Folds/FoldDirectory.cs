using System.Collections.Immutable;

namespace Ledgerfold.Storage.Folds;

/// <summary>Where a fold stands, and the number that its keys have instead of its name.</summary>
internal sealed record FoldEntry(uint Number, long Position, bool HasIndexes, UniqueValues Unique);

/// <summary>
/// In whose rows a fold may have index values that only one row can hold; nobody else's are looked for before they are taken.
/// </summary>
internal enum UniqueValues
{
    /// <summary>In nobody's.</summary>
    None,

    /// <summary>In those of the platform's own tenants, whose names begin with <c>$</c>: who keeps a fold says so in such a row.</summary>
    OfPlatform,

    /// <summary>In anybody's.</summary>
    OfAnybody,
}

/// <summary>All folds at one moment; never changes. A number below <see cref="Next"/> that no fold has is that of a dropped one.</summary>
internal sealed record FoldDirectory(ImmutableDictionary<FoldName, FoldEntry> Folds, uint Next)
{
    public static readonly FoldDirectory Empty = new(ImmutableDictionary<FoldName, FoldEntry>.Empty, 1);

    public FoldEntry? Find(FoldName name) => Folds.GetValueOrDefault(name);

    public long PositionOf(FoldName name) => Find(name)?.Position ?? 0;

    public FoldDirectory With(FoldName name, FoldEntry entry) => new(Folds.SetItem(name, entry), Math.Max(Next, entry.Number + 1));

    public FoldDirectory Without(FoldName name) => this with { Folds = Folds.Remove(name) };

    /// <summary>Says of a number whether its fold was dropped: for good, because numbers are never given out again.</summary>
    public Func<uint, bool> Dropped()
    {
        var live = Folds.Values.Select(entry => entry.Number).ToHashSet();
        return number => number != 0 && number < Next && !live.Contains(number);
    }

    /// <summary>Which of these numbers have keys of their own in a part of the key space that ends before <paramref name="to"/>, empty for
    /// no end; 0 stands for the catalogue, which all folds need.</summary>
    public List<uint> Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, IEnumerable<uint> among)
    {
        List<uint> there = [];
        if (FoldKeys.MayBegin([FoldKeys.Catalogue], from, to) || FoldKeys.MayBegin([FoldKeys.NextNumber], from, to))
            there.Add(0);
        var dropped = Dropped();
        foreach (var number in among)
        {
            if (!dropped(number) && FoldKeys.MayHold(number, from, to))
                there.Add(number);
        }

        return there;
    }

    public FoldName? NameOf(uint number)
    {
        foreach (var (name, entry) in Folds)
        {
            if (entry.Number == number)
                return name;
        }

        return null;
    }

    public ImmutableArray<FoldName> List() =>
        [.. Folds.Keys.OrderBy(name => name.Name, StringComparer.Ordinal).ThenBy(name => name.Version)];
}
