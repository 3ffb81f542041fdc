namespace Ledgerfold.Storage.Index;

/// <summary>
/// A query of one tenant in index keys. Whether an event matches is decided by its keys alone. Immutable; any thread.
/// </summary>
internal sealed class CompiledQuery
{
    private readonly Item[] _items;

    private CompiledQuery(Item[] items) => _items = items;

    /// <summary>
    /// Whether it asks for everything of the tenant that is not the platform's: the index can answer (by <see
    /// cref="KeyHasher.OfOrdinary(string)"/>), but a plain scan is the better plan where one tenant has most of the ledger.
    /// </summary>
    public bool NeedsScan { get; private init; }

    public static CompiledQuery Compile(KeyHasher hasher, string tenant, EventQuery query)
    {
        if (query.Items.IsDefaultOrEmpty)
            return new CompiledQuery([Item.Everything(hasher, tenant)]) { NeedsScan = true };
        var items = new Item[query.Items.Length];
        var scan = false;
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = Item.Compile(hasher, tenant, query.Items[i]);
            scan |= items[i].IsEverything;
        }

        return new CompiledQuery(items) { NeedsScan = scan };
    }

    /// <summary>The matches in one source, or null when its keys show that there are none.</summary>
    public PositionCursor? Open(IPostingSource source, bool backward)
    {
        if (_items.Length == 1)
            return _items[0].Open(source, backward);
        var cursors = new List<PositionCursor>(_items.Length);
        foreach (var item in _items)
        {
            if (item.Open(source, backward) is { } cursor)
                cursors.Add(cursor);
        }

        return Union(cursors);
    }

    /// <summary>Whether a match can stand after a position, by the last position of each key alone; never falsely no.</summary>
    public bool MayMatchAfter(MemoryIndex index, long after)
    {
        foreach (var item in _items)
        {
            if (item.MayMatchAfter(index, after))
                return true;
        }

        return false;
    }

    /// <summary>How many positions of the source match at most.</summary>
    public long EstimateIn(IPostingSource source)
    {
        var sum = 0L;
        foreach (var item in _items)
            sum += item.EstimateIn(source);
        return sum;
    }

    private static PositionCursor? Union(List<PositionCursor> cursors) => cursors.Count switch
    {
        0 => null,
        1 => cursors[0],
        _ => new UnionCursor([.. cursors]),
    };

    /// <summary>All of the keys, any of the other keys (unless there are none), and not one key.</summary>
    private sealed class Item
    {
        private IndexKey[] All { get; init; } = [];

        private IndexKey[] Any { get; init; } = [];

        private IndexKey? Not { get; init; }

        public bool IsEverything { get; private init; }

        public static Item Everything(KeyHasher hasher, string tenant) =>
            new() { All = [hasher.OfOrdinary(tenant)], IsEverything = true };

        public static Item Compile(KeyHasher hasher, string tenant, QueryItem item)
        {
            var all = new List<IndexKey>();
            if (item.Stream is not null)
                all.Add(hasher.OfStream(tenant, item.Stream));
            if (item.Category is not null)
                all.Add(hasher.OfCategory(tenant, item.Category));
            foreach (var tag in item.Tags.IsDefault ? [] : item.Tags)
                AddOnce(all, hasher.OfTag(tenant, tag));
            var any = new List<IndexKey>();
            foreach (var type in item.Types.IsDefault ? [] : item.Types)
                AddOnce(any, hasher.OfType(tenant, type));

            if (all.Count == 0 && any.Count == 0)
                return Everything(hasher, tenant);
            var open = item.Stream is null && item.Category is null;
            return new Item { All = [.. all], Any = [.. any], Not = open ? hasher.OfPlatform(tenant) : null };
        }

        public PositionCursor? Open(IPostingSource source, bool backward)
        {
            var sets = new List<PositionCursor>(All.Length + 1);
            foreach (var key in All)
            {
                if (source.Open(key, backward) is not { } set)
                    return null;
                sets.Add(set);
            }

            if (Any.Length > 0)
            {
                if (OpenAny(source, backward) is not { } set)
                    return null;
                sets.Add(set);
            }

            var excluded = Not is { } not ? source.Open(not, backward) : null;
            return sets.Count == 1 && excluded is null ? sets[0] : new IntersectionCursor([.. sets], excluded);
        }

        public bool MayMatchAfter(MemoryIndex index, long after)
        {
            foreach (var key in All)
            {
                if (index.LastOf(key) <= after)
                    return false;
            }

            foreach (var key in Any)
            {
                if (index.LastOf(key) > after)
                    return true;
            }

            return Any.Length == 0;
        }

        public long EstimateIn(IPostingSource source)
        {
            var least = long.MaxValue;
            foreach (var key in All)
                least = Math.Min(least, source.CountOf(key));
            if (Any.Length == 0 || least == 0)
                return least;
            var sum = 0L;
            foreach (var key in Any)
                sum += source.CountOf(key);
            return Math.Min(least, sum);
        }

        private PositionCursor? OpenAny(IPostingSource source, bool backward)
        {
            if (Any.Length == 1)
                return source.Open(Any[0], backward);
            var sets = new List<PositionCursor>(Any.Length);
            foreach (var key in Any)
            {
                if (source.Open(key, backward) is { } set)
                    sets.Add(set);
            }

            return Union(sets);
        }

        private static void AddOnce(List<IndexKey> keys, IndexKey key)
        {
            if (!keys.Contains(key))
                keys.Add(key);
        }
    }
}
