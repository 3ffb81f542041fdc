using System.Collections.Immutable;

namespace Ledgerfold.Storage.Folds;

/// <summary>Which adjacent tables to merge next: the first of them, counted from the newest, and how many.</summary>
internal readonly record struct MergeChoice(int First, int Count)
{
    private const int TierTables = 4;
    private const int DroppedShare = 4;

    /// <summary>
    /// A tier holds tables up to four times as large as the one below, the lowest those of one memory table; four tables of a tier or below
    /// it are one too many. A table of which a quarter belongs to dropped folds is written again by itself, and so is one that misses
    /// entries of such folds. Null if nothing is worth it.
    /// </summary>
    public static MergeChoice? Of(ImmutableArray<FoldTable> newestFirst, long unit, Func<uint, bool> isDropped)
    {
        var largest = newestFirst.IsEmpty ? 0 : newestFirst.Max(table => table.Bytes);
        for (var size = unit * 2; ; size *= TierTables)
        {
            var count = newestFirst.TakeWhile(table => table.Bytes <= size && table.Lost.All(isDropped)).Count();
            if (count >= TierTables)
                return new MergeChoice(0, count);
            if (size >= largest)
                break;
        }

        for (var t = 0; t < newestFirst.Length; t++)
        {
            var table = newestFirst[t];
            var dropped = table.Census.Where(one => isDropped(one.Fold)).Sum(one => one.Bytes);
            if (!table.Lost.All(isDropped))
                continue;
            if (table.Lost.Count > 0 || (dropped > 0 && dropped >= table.Bytes / DroppedShare))
                return new MergeChoice(t, 1);
        }

        return null;
    }
}
