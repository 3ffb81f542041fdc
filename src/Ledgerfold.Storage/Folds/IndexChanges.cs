using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Storage.Folds;

/// <summary>What a batch does to the second keys of its rows: old ones go, new ones come, and unique ones keep all others off.</summary>
internal sealed class IndexChanges(FoldState state, FoldEntry fold, bool isNew, FoldBatch batch, byte[] page)
{
    private static readonly byte[] UniqueFlag = [1];
    private static readonly byte[] PlainFlag = [0];

    private readonly ImmutableArray<FoldRow> _rows = batch.Rows.IsDefault ? [] : batch.Rows;
    private readonly ImmutableArray<FoldKey> _removed = batch.Removed.IsDefault ? [] : batch.Removed;

    /// <summary>The first row, in order, that cannot stand beside what would be there.</summary>
    public FoldOutcome.NotUnique? FindConflict()
    {
        if (fold.Unique == UniqueValues.None)
            return null;
        HashSet<FoldKey> touched = [.. _removed, .. _rows.Select(row => new FoldKey(row.Tenant, row.Key))];
        var taken = new Dictionary<(string Tenant, string Index, string Value), List<(string Key, bool Unique)>>();
        foreach (var row in _rows)
        {
            if (fold.Unique == UniqueValues.OfPlatform && !IsPlatform(row.Tenant))
                continue;
            foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            {
                if (HolderOf(row, entry, touched, taken) is { } holder)
                    return new FoldOutcome.NotUnique(row.Tenant, row.Key, entry, holder);
            }

            foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            {
                var place = (row.Tenant, entry.Index, entry.Value);
                if (!taken.TryGetValue(place, out var holders))
                    taken[place] = holders = [];
                holders.Add((row.Key, entry.Unique));
            }
        }

        return null;
    }

    public static bool IsPlatform(string tenant) => tenant.StartsWith('$');

    /// <summary>Adds what changes among the index entries.</summary>
    public void AddTo(CommitBuffer buffer)
    {
        foreach (var key in _removed)
            RemoveOld(buffer, key.Tenant, key.Key, []);
        foreach (var row in _rows)
        {
            var entries = row.Indexes.IsDefault ? [] : row.Indexes;
            var old = RemoveOld(buffer, row.Tenant, row.Key, entries);
            foreach (var entry in entries)
            {
                if (!old.Contains(entry))
                    buffer.Put(FoldKeys.OfIndex(fold.Number, row.Tenant, entry, row.Key), entry.Unique ? UniqueFlag : PlainFlag);
            }
        }
    }

    private string? HolderOf(
        FoldRow row,
        FoldIndexEntry entry,
        HashSet<FoldKey> touched,
        Dictionary<(string Tenant, string Index, string Value), List<(string Key, bool Unique)>> taken)
    {
        var stored = isNew
            ? null
            : FoldLookup.FindHolder(state, fold.Number, row.Tenant, entry, key => touched.Contains(new FoldKey(row.Tenant, key)));
        var holder = stored?.Key;
        foreach (var (key, unique) in taken.GetValueOrDefault((row.Tenant, entry.Index, entry.Value)) ?? [])
        {
            if ((unique || entry.Unique) && (holder is null || Compare(key, holder) < 0))
                holder = key;
        }

        return holder;
    }

    private ImmutableArray<FoldIndexEntry> RemoveOld(
        CommitBuffer buffer, string tenant, string key, ImmutableArray<FoldIndexEntry> kept)
    {
        if (isNew || !FoldLookup.TryFind(state, FoldKeys.OfRow(fold.Number, tenant, key), page, out var found))
            return [];
        var old = RowFormat.ReadEntries(found.Value, out _);
#if ZOO
        if (Zoo.Bug("fold-old-index-entry-stays"))
            return old;
#endif
        foreach (var entry in old)
        {
            if (!kept.Any(one => one.Index == entry.Index && one.Value == entry.Value))
                buffer.Remove(FoldKeys.OfIndex(fold.Number, tenant, entry, key));
        }

        return old;
    }

    private static int Compare(string one, string other) =>
        Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other));
}
