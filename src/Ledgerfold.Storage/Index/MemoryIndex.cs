namespace Ledgerfold.Storage.Index;

/// <summary>
/// The index of one segment in memory: the active one, or one that waits for its run. Ids and streams are found as soon as they are staged;
/// the other keys wait in a buffer until <see cref="CatchUp"/> files them, so that the writer pays for two look-ups an event and no more.
/// Staged by one thread, asked by any.
/// </summary>
internal sealed class MemoryIndex : IPostingSource
{
    // A query holds the lock on the lists for at most so many positions at a time.
    private const long WindowPositions = 65_536;

    private const int SparesMax = 16;

    // Guarded by _staging, which the writer takes once per append and nobody holds for long.
    private readonly Lock _staging = new();
    private readonly KeyTable<IndexKey> _ids;
    private readonly KeyTable<StreamRow> _streams;
    private readonly ChunkedList<uint> _offsets = new();
    private readonly Queue<PendingKeys> _pending = new();
    private readonly Stack<PendingKeys> _spares = new();
    private PendingKeys _filling = new();
    private bool _sealed;

    // Guarded by _filing. Where both locks are needed this one is taken first, so that filing and queries never stop the writer.
    private readonly Lock _filing = new();
    private readonly KeyTable<PostingRow> _lists;
    private readonly PostingArena _arena = new();

    // Any thread.
    private long _last;
    private long _filedThrough;

    /// <param name="firstPosition">The position of the first event to come.</param>
    /// <param name="previous">The segment before; its tables tell how large these will be, so that the writer need not grow them.</param>
    public MemoryIndex(long firstPosition, MemoryIndex? previous = null)
    {
        _ids = new KeyTable<IndexKey>(previous?._ids.Count ?? 0);
        _streams = new KeyTable<StreamRow>(previous?._streams.Count ?? 0);
        _lists = new KeyTable<PostingRow>(previous?._lists.Count ?? 0);
        FirstPosition = firstPosition;
        _last = firstPosition - 1;
        _filedThrough = firstPosition - 1;
    }

    public long FirstPosition { get; }

    /// <summary>The last staged position; one below the first while there is none.</summary>
    public long LastPosition => Volatile.Read(ref _last);

    public long Count => LastPosition - FirstPosition + 1;

    /// <summary>How many staged positions still wait to be filed.</summary>
    public long Backlog => LastPosition - Volatile.Read(ref _filedThrough);

    internal KeyTable<IndexKey> Ids => _ids;

    internal KeyTable<StreamRow> Streams => _streams;

    internal KeyTable<PostingRow> Lists => _lists;

    internal PostingArena Arena => _arena;

    internal ChunkedList<uint> Offsets => _offsets;

    /// <summary>Takes the lock for the events of one append; dispose what it returns.</summary>
    public Staging BeginStaging() => new(this);

    /// <summary>Adds the event at the next position, which it answers; of several, use <see cref="BeginStaging"/>.</summary>
    public long Stage(in IndexKey id, in IndexKey stream, long version, bool closes, uint offset, ReadOnlySpan<IndexKey> others)
    {
        using var staging = BeginStaging();
        return staging.Add(id, stream, version, closes, offset, others);
    }

    public bool TryFindId(in IndexKey id, out long position)
    {
        lock (_staging)
        {
            var row = _ids.Find(id);
            position = FirstPosition + row;
            return row >= 0;
        }
    }

    public bool TryFindStream(in IndexKey stream, out StreamEntry entry)
    {
        lock (_staging)
        {
            var row = _streams.Find(stream);
            entry = row < 0 ? default : _streams[row].Entry;
            return row >= 0;
        }
    }

    /// <summary>How many streams begin here.</summary>
    public long CountFirstVersions()
    {
        lock (_staging)
        {
            var count = 0L;
            for (var row = 0; row < _streams.Count; row++)
                count += _streams[row].FirstVersion == 1 ? 1 : 0;
            return count;
        }
    }

    /// <summary>Where the record of a position begins in its segment file.</summary>
    public uint OffsetOf(long position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, FirstPosition);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, LastPosition);
        lock (_staging)
            return _offsets[(int)(position - FirstPosition)];
    }

    /// <summary>Files the keys of everything staged before the call. Any thread; several share the work.</summary>
    public void CatchUp()
    {
        var goal = LastPosition;
        while (Volatile.Read(ref _filedThrough) < goal)
        {
            lock (_filing)
                FileSome();
        }
    }

    /// <summary>Ends staging, for the run to be written.</summary>
    public void Seal()
    {
        lock (_staging)
            _sealed = true;
        CatchUp();
    }

    /// <summary>The earliest position above <paramref name="after"/> that matches.</summary>
    public bool TryFindMatchAfter(CompiledQuery query, long after, out long position)
    {
        CatchUp();
        position = 0;
        lock (_filing)
        {
            if (!query.MayMatchAfter(this, after))
                return false;
        }

        Span<long> found = stackalloc long[1];
        if (Match(query, after, long.MaxValue, backward: false, found) == 0)
            return false;
        position = found[0];
        return true;
    }

    /// <summary>
    /// Copies the matches between two positions, both excluded, in the order of the walk, and answers how many; fewer than there is room
    /// for means that there are no more.
    /// </summary>
    public int Match(CompiledQuery query, long after, long before, bool backward, Span<long> into)
    {
        CatchUp();
        var first = Math.Max(after, FirstPosition - 1) + 1;
        var last = Math.Min(before - 1, Volatile.Read(ref _filedThrough));
        var found = 0;
        while (found < into.Length && first <= last)
        {
            var (low, high) = backward
                ? (Math.Max(first, last - WindowPositions + 1), last)
                : (first, Math.Min(last, first + WindowPositions - 1));
            lock (_filing)
                found += MatchWindow(query, low, high, backward, into[found..]);
            (first, last) = backward ? (first, low - 1) : (high + 1, last);
        }

        return found;
    }

    /// <summary>How many positions match at most.</summary>
    public long Estimate(CompiledQuery query)
    {
        CatchUp();
        lock (_filing)
            return query.EstimateIn(this);
    }

    // Under _filing, as everything below.
    PositionCursor? IPostingSource.Open(in IndexKey key, bool backward)
    {
        var row = _lists.Find(key);
        if (row < 0)
            return null;
        ref var list = ref _lists[row];
        if (list.Count <= PostingRow.InlineMax)
            return new ListCursor([list.One, list.Other], 0, list.Count, FirstPosition, backward);
        var (items, start) = _arena.Place(list.One);
        return new ListCursor(items, start, list.Count, FirstPosition, backward);
    }

    long IPostingSource.CountOf(in IndexKey key) => _lists.Find(key) is var row && row < 0 ? 0 : _lists[row].Count;

    /// <summary>The last position of a key, 0 when there is none.</summary>
    internal long LastOf(in IndexKey key) => _lists.Find(key) is var row && row < 0 ? 0 : FirstPosition + _lists[row].Last;

    private int MatchWindow(CompiledQuery query, long first, long last, bool backward, Span<long> into)
    {
        if (query.Open(this, backward) is not { } cursor)
            return 0;
        var found = 0;
        var end = backward ? -first : last;
        for (cursor.Seek(backward ? -last : first); cursor.Current <= end && found < into.Length; cursor.Seek(cursor.Current + 1))
            into[found++] = Math.Abs(cursor.Current);
        return found;
    }

    private void FileSome()
    {
        PendingKeys? pending;
        lock (_staging)
        {
            if (!_pending.TryDequeue(out pending))
            {
                if (_filling.Count == 0)
                    return;
                pending = _filling;
                _filling = Spare();
            }
        }

        for (var i = 0; i < pending.Count; i++)
            File(pending.Keys[i], pending.Positions[i]);
        Volatile.Write(ref _filedThrough, FirstPosition + pending.Positions[pending.Count - 1]);
        pending.Count = 0;
        lock (_staging)
        {
            if (_spares.Count < SparesMax)
                _spares.Push(pending);
        }
    }

    private void File(in IndexKey key, uint position)
    {
        var row = _lists.Find(key);
        if (row < 0)
        {
            _lists.Add(new PostingRow { Key = key, Count = 1, One = position });
            return;
        }

        ref var list = ref _lists[row];
        if (list.Last == position)
            return;
        if (list.Count < PostingRow.InlineMax)
        {
            list.Other = position;
            list.Count++;
            return;
        }

        if (list.Count == PostingRow.InlineMax)
        {
            var handle = _arena.Allocate();
            var items = _arena.List(handle, PostingRow.InlineMax);
            items[0] = list.One;
            items[1] = list.Other;
            list.One = handle;
        }

        _arena.Add(ref list.One, list.Count, position);
        list.Other = position;
        list.Count++;
    }

    /// <summary>Holds the lock while the events of one append are staged.</summary>
    internal readonly ref struct Staging
    {
        private readonly MemoryIndex _index;
        private readonly Lock.Scope _scope;

        public Staging(MemoryIndex index)
        {
            _index = index;
            _scope = index._staging.EnterScope();
        }

        /// <summary>Adds the event at the next position, which it answers.</summary>
        /// <param name="id">The event's id.</param>
        /// <param name="stream">Its stream.</param>
        /// <param name="version">Its version in the stream.</param>
        /// <param name="closes">Whether it closes the stream.</param>
        /// <param name="offset">Where its record begins in the segment file.</param>
        /// <param name="others">
        /// Category, type, tags, the correlation's tag, and <see cref="KeyHasher.OfPlatform(string)"/> or <see
        /// cref="KeyHasher.OfOrdinary(string)"/>.
        /// </param>
        public long Add(
            in IndexKey id, in IndexKey stream, long version, bool closes, uint offset, ReadOnlySpan<IndexKey> others)
        {
            if (_index._sealed)
                throw new InvalidOperationException("the index is sealed");
            var position = (uint)_index._ids.Add(id);
            _index._offsets.Add(offset);
            _index.StageStream(stream, version, closes);
            _index.Room(others.Length + 1).Add(stream, others, position);
            var last = _index.FirstPosition + position;
            Volatile.Write(ref _index._last, last);
            return last;
        }

        public void Dispose() => _scope.Dispose();
    }

    private void StageStream(in IndexKey stream, long version, bool closes)
    {
        var row = _streams.Find(stream);
        if (row < 0)
            row = _streams.Add(new StreamRow { Key = stream, FirstVersion = version });
        _streams[row].LastVersionAndClosed = (version << 1) | (closes ? 1L : 0L);
    }

    private PendingKeys Room(int keys)
    {
        if (_filling.Count + keys <= _filling.Keys.Length)
            return _filling;
        if (_filling.Count > 0)
            _pending.Enqueue(_filling);
        return _filling = Spare();
    }

    private PendingKeys Spare() => _spares.TryPop(out var spare) ? spare : new PendingKeys();

    /// <summary>Keys on their way into the lists; those of one event lie in one of these.</summary>
    private sealed class PendingKeys
    {
        private const int Capacity = 2_048;

        public readonly IndexKey[] Keys = new IndexKey[Capacity];
        public readonly uint[] Positions = new uint[Capacity];
        public int Count;

        public void Add(in IndexKey stream, ReadOnlySpan<IndexKey> others, uint position)
        {
            Keys[Count] = stream;
            others.CopyTo(Keys.AsSpan(Count + 1));
            Positions.AsSpan(Count, others.Length + 1).Fill(position);
            Count += others.Length + 1;
        }
    }
}

/// <summary>What the index knows of a stream within one segment or run.</summary>
/// <param name="FirstVersion">The version of its first event there.</param>
/// <param name="LastVersion">The version of its last event there.</param>
/// <param name="Closed">Whether that event closed it.</param>
internal readonly record struct StreamEntry(long FirstVersion, long LastVersion, bool Closed);

/// <summary>A stream in memory.</summary>
internal struct StreamRow : IKeyed
{
    public long FirstVersion;
    public long LastVersionAndClosed;

    public IndexKey Key { get; set; }

    public readonly StreamEntry Entry => new(FirstVersion, LastVersionAndClosed >> 1, (LastVersionAndClosed & 1) != 0);
}

/// <summary>The positions of a key in memory, counted from the segment's first.</summary>
internal struct PostingRow : IKeyed
{
    /// <summary>So many positions are kept in the row itself.</summary>
    public const int InlineMax = 2;

    /// <summary>The first position, or the list's handle in the arena.</summary>
    public uint One;

    /// <summary>The last position, once there are two.</summary>
    public uint Other;

    public int Count;

    public IndexKey Key { get; set; }

    public readonly uint Last => Count == 1 ? One : Other;
}
