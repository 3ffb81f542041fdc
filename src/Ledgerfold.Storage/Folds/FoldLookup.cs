using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Answers every question from one state, whose sources the caller holds.</summary>
internal static class FoldLookup
{
    [SkipLocalsInit]
    public static FoldRow? Get(FoldState state, FoldName fold, string tenant, string key)
    {
        if (state.Folds.Find(fold) is not { } entry || !Limits.IsName(tenant) || !Limits.IsName(key))
            return null;
        Span<byte> bytes = stackalloc byte[FoldKeys.BytesMax];
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        var length = FoldKeys.WriteRow(bytes, entry.Number, tenant, key);
        return TryFind(state, bytes[..length], page, out var found) ? RowFormat.Read(tenant, key, found.Value) : null;
    }

    /// <summary>Finds a value; it lies in a memory table, in the buffer of one page, or in an array of its own.</summary>
    public static bool TryFind(FoldState state, scoped ReadOnlySpan<byte> key, Span<byte> page, out Found found)
    {
        foreach (var memory in state.Version.Memory)
        {
#if ZOO
            if (memory.TryFind(key, Zoo.Bug("fold-view-sees-later-writes") ? long.MaxValue : state.Sequence, out found))
                return !found.IsRemoval;
#else
            if (memory.TryFind(key, state.Sequence, out found))
                return !found.IsRemoval;
#endif
        }

        var hash = TableFormat.HashOf(key);
        foreach (var table in state.Version.Tables)
        {
            if (table.TryFind(key, hash, page, out found))
                return !found.IsRemoval;
        }

        found = default;
        return false;
    }

    public static EntryCursor Open(FoldState state, bool backward = false)
    {
        var (memory, tables) = (state.Version.Memory, state.Version.Tables);
        var sources = new EntryCursor[memory.Length + tables.Length];
        for (var m = 0; m < memory.Length; m++)
            sources[m] = memory[m].Open(state.Sequence, backward);
        for (var t = 0; t < tables.Length; t++)
            sources[memory.Length + t] = tables[t].Open(backward);
        return sources.Length == 1 ? sources[0] : new MergedCursor(sources, backward);
    }

    public static FoldPage Read(FoldState state, FoldRead request)
    {
        if (Limits.Check(request) is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
        var continued = FoldContinuation.Of(request);
        if (state.Folds.Find(request.Fold) is not { } fold)
            return new FoldPage([], null, 0);
        var range = new KeyRange(fold.Number, request, continued);
        var cursor = Open(state, request.Backward);
        var rows = ImmutableArray.CreateBuilder<FoldRow>();
        FoldContinuation last = default;
        var bytes = 0L;
        for (var any = cursor.Seek(range.Start); any && range.Holds(cursor.Key); any = cursor.MoveNext())
        {
            if (cursor.IsRemoval)
                continue;
            if (rows.Count == request.Limit || bytes >= Limits.FoldPageBytesMax)
                return new FoldPage(rows.DrainToImmutable(), last.After(request), fold.Position);
            last = range.PlaceOf(cursor.Key);
            var row = request.Index is null
                ? RowFormat.Read(request.Tenant, last.Key, cursor.Value)
                : Get(state, request.Fold, request.Tenant, last.Key)
                    ?? throw Damage.Of($"the row {last.Key}", "is missing though it is indexed");
            bytes += row.Data.Length;
            rows.Add(row);
        }

        return new FoldPage(rows.DrainToImmutable(), null, fold.Position);
    }

    /// <summary>The tenants that a fold has rows of: one look for each, however many rows there are.</summary>
    public static ImmutableArray<string> ListTenants(FoldState state, FoldName fold, string after)
    {
        if (state.Folds.Find(fold) is not { } entry || (after.Length > 0 && !Limits.IsName(after)))
            return [];
        var tenants = ImmutableArray.CreateBuilder<string>();
        var place = new byte[FoldKeys.BytesMax];
        var length = FoldKeys.WriteRowsBehind(place, entry.Number, after);
        var cursor = Open(state);
        for (var any = cursor.Seek(place.AsSpan(0, length)); any && FoldKeys.IsRowOf(cursor.Key, entry.Number);)
        {
            if (cursor.IsRemoval)
            {
                any = cursor.MoveNext();
                continue;
            }

            if (tenants.Count == Limits.FoldPageRowsMax)
                break;
            tenants.Add(FoldKeys.TenantOf(cursor.Key));
            length = FoldKeys.WriteRowsBehind(place, entry.Number, tenants[^1]);
            any = cursor.Seek(place.AsSpan(0, length));
        }

        return tenants.DrainToImmutable();
    }

    /// <summary>All folds, read from their entries: what is in memory while the store is open.</summary>
    public static FoldDirectory ReadDirectory(FoldState state)
    {
        var folds = ImmutableDictionary.CreateBuilder<FoldName, FoldEntry>();
        var next = 1u;
        var cursor = Open(state);
        for (var any = cursor.Seek([FoldKeys.Catalogue]); any && cursor.Key[0] == FoldKeys.Catalogue; any = cursor.MoveNext())
        {
            if (!cursor.IsRemoval)
                folds[FoldKeys.FoldOf(cursor.Key)] = FoldKeys.CatalogueEntry(cursor.Value);
        }

        if (TryFind(state, [FoldKeys.NextNumber], new byte[RunFormat.PageBytes], out var found))
            next = BinaryPrimitives.ReadUInt32LittleEndian(found.Value);
        return new FoldDirectory(folds.ToImmutable(), next);
    }

    /// <summary>The first row that holds a value and is not among the excluded; null if there is none.</summary>
    public static (string Key, bool Unique)? FindHolder(
        FoldState state, uint fold, string tenant, FoldIndexEntry entry, Func<string, bool> isExcluded)
    {
        var prefix = new byte[FoldKeys.BytesMax];
        var length = FoldKeys.WriteValue(prefix, fold, tenant, entry.Index, entry.Value);
        var start = prefix.AsSpan(0, length);
        var cursor = OpenValue(state, start);
        for (var any = cursor.Seek(start); any && cursor.Key.StartsWith(start); any = cursor.MoveNext())
        {
            if (cursor.IsRemoval)
                continue;
            var isUnique = cursor.Value[0] != 0;
            if (!entry.Unique && !isUnique)
                return null; // where one holder is not unique, none is
            var key = Encoding.UTF8.GetString(cursor.Key[length..]);
            if (!isExcluded(key))
                return (key, isUnique);
        }

        return null;
    }

    /// <summary>Opens the sources that may know of an index value: few, however many tables there are.</summary>
    private static MergedCursor OpenValue(FoldState state, ReadOnlySpan<byte> start)
    {
        var sources = new List<EntryCursor>(state.Version.Memory.Length + 1);
        foreach (var memory in state.Version.Memory)
            sources.Add(memory.Open(state.Sequence, backward: false));
        var hash = TableFormat.HashOf(start);
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        foreach (var table in state.Version.Tables)
        {
            if (table.MightHoldValue(start, hash, page))
                sources.Add(table.Open(backward: false));
        }

        return new MergedCursor([.. sources], backward: false);
    }
}
