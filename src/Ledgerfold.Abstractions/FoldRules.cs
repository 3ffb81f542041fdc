using System.Buffers;
using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>What every fold store accepts: the part of <see cref="Limits"/> that is about folds.</summary>
internal static class FoldRules
{
    private const string FoldRule = "a letter or '$', then letters, digits, '_', '.' and '-', at most 512 bytes";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    public static FoldOutcome.Refused? Check(FoldName fold)
    {
        if (!IsFold(fold.Name))
            return new("fold.name", FoldRule);
        return fold.Version < 1 ? new("fold.version", "at least 1") : null;
    }

    public static bool IsFold(string? text) =>
        text is [(>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '$', ..]
        && text.Length <= Limits.NameBytesMax
        && !text.AsSpan(1).ContainsAnyExcept(NameCharacters);

    public static FoldOutcome.Refused? Check(FoldBatch batch)
    {
        if (Check(batch.Fold) is { } name)
            return name;
        if (batch.Expected < 0)
            return new("expected", "at least 0");
        if (batch.Position < batch.Expected)
            return new("position", "at least as high as expected");
        var rows = batch.Rows.IsDefault ? [] : batch.Rows;
        var removed = batch.Removed.IsDefault ? [] : batch.Removed;
        if (rows.Length + removed.Length > Limits.FoldBatchRowsMax)
            return new("rows", $"at most {Limits.FoldBatchRowsMax} rows in one batch");
        if (batch.Position == 0 && rows.Length > 0)
            return new("position", "above 0 where there are rows");
        return CheckRows(rows) ?? CheckRemoved(removed) ?? CheckDistinct(rows, removed);
    }

    public static FoldOutcome.Refused? Check(FoldRead request)
    {
        if (Check(request.Fold) is { } name)
            return name;
        if (!Limits.IsName(request.Tenant))
            return new("tenant", Limits.NameRule);
        if (request.Index is not null && !Limits.IsName(request.Index))
            return new("index", Limits.NameRule);
        if (request.From is not null && !Limits.IsName(request.From))
            return new("from", Limits.NameRule);
        if (request.To is not null && !Limits.IsName(request.To))
            return new("to", Limits.NameRule);
        if (request.Limit is < 1 or > Limits.FoldPageRowsMax)
            return new("limit", $"1 to {Limits.FoldPageRowsMax}");
        return null;
    }

    /// <summary>An upper bound of the bytes a row takes, its index entries included, cheap to compute.</summary>
    public static long SizeOf(FoldRow row)
    {
        const int bytesPerCharacter = 3;
        var key = (row.Tenant.Length + row.Key.Length) * bytesPerCharacter;
        var size = 64L + row.Data.Length + key;
        foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            size += 32 + (2L * bytesPerCharacter * (entry.Index.Length + entry.Value.Length)) + key;
        return size;
    }

    private static FoldOutcome.Refused? CheckRows(ImmutableArray<FoldRow> rows)
    {
        var bytes = 0L;
        for (var r = 0; r < rows.Length; r++)
        {
            if (CheckRow(rows[r], r) is { } refused)
                return refused;
            bytes += 64 + rows[r].Data.Length + rows[r].Key.Length + IndexCharacters(rows[r]);
            if (bytes > Limits.FoldBatchBytesMax)
                return new("rows", $"at most {Limits.FoldBatchBytesMax} bytes in one batch");
        }

        return null;
    }

    private static long IndexCharacters(FoldRow row)
    {
        var count = 0L;
        foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            count += 32 + entry.Index.Length + entry.Value.Length + row.Tenant.Length + row.Key.Length;
        return count;
    }

    private static FoldOutcome.Refused? CheckRow(FoldRow? row, int index)
    {
        if (row is null)
            return new($"rows[{index}]", "not null");
        if (!Limits.IsName(row.Tenant))
            return new($"rows[{index}].tenant", Limits.NameRule);
        if (!Limits.IsName(row.Key))
            return new($"rows[{index}].key", Limits.NameRule);
        if (row.Data.Length > Limits.FoldRowBytesMax)
            return new($"rows[{index}].data", $"at most {Limits.FoldRowBytesMax} bytes");
        return row.Indexes.IsDefaultOrEmpty ? null : CheckIndexes(row.Indexes, index);
    }

    private static FoldOutcome.Refused? CheckIndexes(ImmutableArray<FoldIndexEntry> entries, int row)
    {
        if (entries.Length > Limits.FoldIndexEntriesMax)
            return new($"rows[{row}].indexes", $"at most {Limits.FoldIndexEntriesMax} index entries");
        for (var e = 0; e < entries.Length; e++)
        {
            if (!Limits.IsName(entries[e].Index))
                return new($"rows[{row}].indexes[{e}].index", Limits.NameRule);
            if (!Limits.IsName(entries[e].Value))
                return new($"rows[{row}].indexes[{e}].value", Limits.NameRule);
            for (var before = 0; before < e; before++)
            {
                if (entries[before].Index == entries[e].Index && entries[before].Value == entries[e].Value)
                    return new($"rows[{row}].indexes[{e}]", "a value is given once for an index");
            }
        }

        return null;
    }

    private static FoldOutcome.Refused? CheckRemoved(ImmutableArray<FoldKey> removed)
    {
        for (var r = 0; r < removed.Length; r++)
        {
            if (!Limits.IsName(removed[r].Tenant))
                return new($"removed[{r}].tenant", Limits.NameRule);
            if (!Limits.IsName(removed[r].Key))
                return new($"removed[{r}].key", Limits.NameRule);
        }

        return null;
    }

    private static FoldOutcome.Refused? CheckDistinct(ImmutableArray<FoldRow> rows, ImmutableArray<FoldKey> removed)
    {
        if (rows.Length + removed.Length < 2)
            return null;
        var seen = new HashSet<FoldKey>(rows.Length + removed.Length);
        for (var r = 0; r < rows.Length; r++)
        {
            if (!seen.Add(new FoldKey(rows[r].Tenant, rows[r].Key)))
                return new($"rows[{r}].key", "a key is given once");
        }

        for (var r = 0; r < removed.Length; r++)
        {
            if (!seen.Add(removed[r]))
                return new($"removed[{r}].key", "a key is given once");
        }

        return null;
    }
}
