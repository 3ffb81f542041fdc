using System.Numerics;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Which runs to merge next. A run of 4^n segments has rank n (with a fan-out of 4); as soon as four neighbours have one rank they become
/// one of the next, so that a key is rewritten as often as the ledger has ranks and a look-up touches at most three runs of each.
/// </summary>
internal static class MergePlan
{
    /// <summary>The neighbours to merge, the lowest rank and the oldest first; null when everything is in order.</summary>
    public static RunFile[]? Next(RunFile[] runs, Func<RunFile, bool> isMerging, int fanOut)
    {
        var ranks = Ranks(runs, fanOut);
        var best = -1;
        for (var from = 0; from + fanOut <= runs.Length; from++)
        {
            if ((best < 0 || ranks[from] < ranks[best]) && CanMerge(runs, ranks, from, fanOut, isMerging))
                best = from;
        }

        return best < 0 ? null : runs[best..(best + fanOut)];
    }

    // A small run with a larger one behind it (rebuilt after damage) has the larger one's rank, else it would stay small for ever.
    private static int[] Ranks(RunFile[] runs, int fanOut)
    {
        var ranks = new int[runs.Length];
        var rank = 0;
        for (var r = runs.Length - 1; r >= 0; r--)
        {
            rank = Math.Max(rank, (int)(BitOperations.Log2((uint)runs[r].Name.Segments) / Math.Log2(fanOut)));
            ranks[r] = rank;
        }

        return ranks;
    }

    private static bool CanMerge(RunFile[] runs, int[] ranks, int from, int fanOut, Func<RunFile, bool> isMerging)
    {
        var positions = 0L;
        for (var r = from; r < from + fanOut; r++)
        {
            positions += runs[r].Count;
            var follows = r == from || runs[r].FirstPosition == runs[r - 1].LastPosition + 1;
            if (!follows || ranks[r] != ranks[from] || runs[r].IsDamaged || isMerging(runs[r]))
                return false;
        }

        return positions <= uint.MaxValue;
    }
}
