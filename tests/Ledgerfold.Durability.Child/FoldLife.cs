using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ledgerfold.Durability.Child;

/// <summary>
/// What the fold of a task does with its rows: batch after batch, each determined by its number. So the position of the fold alone says
/// what all of its rows must be.
/// </summary>
public static class FoldLife
{
    private const int Keys = 37;
    private const int LargeBytes = 5_000;

    /// <summary>The fold of a task.</summary>
    public static FoldName FoldOf(int task) => new($"task{task}");

    /// <summary>The batch that brings the fold of a task to a position.</summary>
    public static FoldBatch Batch(int task, long position)
    {
        var removed = position * 7 % Keys;
        return new FoldBatch
        {
            Fold = FoldOf(task),
            Expected = position - 1,
            Position = position,
            Rows = [Row("last", task, position), Numbered(task, position)],
            Removed = removed == position % Keys ? [] : [new FoldKey(Tenants.Default, KeyOf(removed))],
        };
    }

    /// <summary>What is wrong with the fold of a task; null when nothing is.</summary>
    public static async Task<string?> FindFault(IFoldReader reader, int task)
    {
        var position = await reader.ReadPosition(FoldOf(task));
        var expected = RowsAt(task, position);
        foreach (var index in (string?[])[null, "number", "rest"])
        {
            var page = await reader.Read(new FoldRead { Fold = FoldOf(task), Index = index, Limit = 1000 });
            var rows = index is null ? expected : expected.Where(row => row.Value.Indexes.Any(entry => entry.Index == index)).ToDictionary();
            if (page.Position != position || page.Rows.Length != rows.Count)
                return $"{FoldOf(task)} at {position} shows {page.Rows.Length} rows by {index ?? "key"} at {page.Position}, not {rows.Count}";
            foreach (var row in page.Rows)
            {
                if (rows.GetValueOrDefault(row.Key) is not { } right || !right.Data.Span.SequenceEqual(row.Data.Span)
                    || !right.Indexes.SequenceEqual(row.Indexes))
                {
                    return $"{FoldOf(task)} at {position} shows {row.Key} as {Encoding.UTF8.GetString(row.Data.Span).Split(' ')[0]}";
                }
            }
        }

        return null;
    }

    private static Dictionary<string, FoldRow> RowsAt(int task, long position)
    {
        var rows = new Dictionary<string, FoldRow>(StringComparer.Ordinal);
        for (var n = 1L; n <= position; n++)
        {
            var batch = Batch(task, n);
            foreach (var row in batch.Rows)
                rows[row.Key] = row;
            foreach (var key in batch.Removed)
                rows.Remove(key.Key);
        }

        return rows;
    }

    private static FoldRow Numbered(int task, long position)
    {
        var number = position % Keys;
        ImmutableArray<FoldIndexEntry> entries =
            [new("number", number.ToString("D3", CultureInfo.InvariantCulture), Unique: true), new("rest", $"{position % 5}")];
        return Row(KeyOf(number), task, position) with { Indexes = entries };
    }

    private static FoldRow Row(string key, int task, long position)
    {
        var fill = position % 50 == 0 ? LargeBytes : (int)(position * 31 % 300);
        return new FoldRow { Tenant = Tenants.Default, Key = key, Data = Encoding.UTF8.GetBytes($"<{task}.{position}> {new string('f', fill)}") };
    }

    private static string KeyOf(long number) => $"k{number:D3}";
}
