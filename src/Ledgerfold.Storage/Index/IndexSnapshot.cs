using System.Buffers;
using System.Buffers.Binary;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// The runs as they were when it was acquired, kept open until it is disposed; then the set gives it out again. Used by one thread at a
/// time; look-ups read a page or two of a run and throw <see cref="LedgerDamagedException"/> where that is not what was written.
/// </summary>
internal sealed class IndexSnapshot : IDisposable
{
    private IndexSet? _set; // null while nobody has acquired it
    private IndexSet.Version _version = IndexSet.Version.None;
    private byte[]? _offsets;
    private RunFile? _offsetsRun;
    private uint _offsetsPage;

    /// <summary>The runs, oldest first.</summary>
    public IReadOnlyList<RunFile> Runs => _version.Runs;

    /// <summary>The last position up to which runs follow one another without a gap; 0 without runs.</summary>
    public long SealedThrough => _version.SealedThrough;

    /// <summary>What the runs cover, in order.</summary>
    public IEnumerable<SegmentSummary> Segments => _version.Runs.SelectMany(static run => run.Segments);

    /// <summary>Finds the position of an event by its id.</summary>
    public bool TryFindId(in IndexKey id, out long position)
    {
        for (var r = _version.Runs.Length - 1; r >= 0; r--)
        {
            if (_version.Runs[r].TryFindId(id, out position))
                return true;
        }

        position = 0;
        return false;
    }

    /// <summary>Finds many ids at once: the position of each, 0 where there is none; answers how many were found.</summary>
    public int FindIds(ReadOnlySpan<IndexKey> ids, Span<long> positions)
    {
        positions[..ids.Length].Clear();
        var found = 0;
        for (var r = _version.Runs.Length - 1; r >= 0 && found < ids.Length; r--)
        {
            var run = _version.Runs[r];
            for (var i = 0; i < ids.Length; i++)
            {
                if (positions[i] == 0 && run.TryFindId(ids[i], out positions[i]))
                    found++;
            }
        }

        return found;
    }

    /// <summary>Finds a stream as its newest run knows it.</summary>
    public bool TryFindStream(in IndexKey stream, out StreamEntry entry)
    {
        if (_version.Streams.TryFind(stream, out entry))
            return true;
        for (var r = _version.Runs.Length - 1; r >= 0; r--)
        {
            if (!_version.Runs[r].TryFindStream(stream, out entry))
                continue;
            _version.Streams.Keep(stream, entry);
            return true;
        }

        entry = default;
        return false;
    }

    /// <summary>The earliest position above <paramref name="after"/> that matches.</summary>
    public bool TryFindMatchAfter(CompiledQuery query, long after, out long position)
    {
        foreach (var run in _version.Runs)
        {
            if (run.LastPosition <= after || query.Open(run, backward: false) is not { } cursor)
                continue;
            cursor.Seek(Math.Max(after + 1, run.FirstPosition));
            position = cursor.Current;
            if (position != PositionCursor.End)
                return true;
        }

        position = 0;
        return false;
    }

    /// <summary>Where the record of a position begins in its segment file; neighbours are found without reading again.</summary>
    public uint OffsetOf(long position)
    {
        var run = RunOf(position) ?? throw new ArgumentOutOfRangeException(nameof(position), position, "no run covers it");
        var (page, index) = Math.DivRem(position - run.FirstPosition, RunFormat.OffsetsPerPage);
        if (_offsetsRun != run || _offsetsPage != (uint)page)
        {
            _offsets ??= ArrayPool<byte>.Shared.Rent(RunFormat.PageBytes);
            _offsetsRun = null;
            run.ReadOffsets((uint)page, _offsets, position);
            (_offsetsRun, _offsetsPage) = (run, (uint)page);
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(_offsets.AsSpan(4 * (int)index));
    }

    /// <summary>The segment that holds a position, or null where no run covers it.</summary>
    public SegmentSummary? SegmentOf(long position)
    {
        if (RunOf(position) is not { } run)
            return null;
        int low = 0, high = run.Segments.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (run.Segments[middle].FirstPosition <= position)
                low = middle;
            else
                high = middle - 1;
        }

        return run.Segments[low];
    }

    /// <summary>The bytes that were given with the newest segment; empty without runs.</summary>
    public byte[] ReadTail() => _version.Runs is [.., var newest] ? newest.CopyTail() : [];

    public void Dispose()
    {
        if (_set is not { } set)
            return;
        if (_offsets is not null)
            ArrayPool<byte>.Shared.Return(_offsets);
        (_offsets, _offsetsRun) = (null, null);
        var version = _version;
        (_set, _version) = (null, IndexSet.Version.None);
        set.Release(version, this);
    }

    internal void Hold(IndexSet set, IndexSet.Version version) => (_set, _version) = (set, version);

    private RunFile? RunOf(long position)
    {
        var runs = _version.Runs;
        int low = 0, high = runs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (runs[middle].LastPosition < position)
                low = middle + 1;
            else
                high = middle;
        }

        return low < runs.Length && runs[low].FirstPosition <= position ? runs[low] : null;
    }
}
