using Ledgerfold.Seams;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// What readers see of the log: its segments, where it begins and ends, and the index beside it. The writer publishes, any thread reads.
/// </summary>
internal sealed class Log(IDisk disk, Guid storeId, KeyHasher hasher, IndexSet index, long first) : IDisposable
{
    private const int OpenSegmentsMax = 96;

    private readonly Lock _changing = new();

    // changed under the lock, read by any thread
    private Segment[] _segments = [];
    private MemoryIndex[] _unsealed = [];
    private long _head;

    public IDisk Disk { get; } = disk;

    public Guid StoreId { get; } = storeId;

    public KeyHasher Hasher { get; } = hasher;

    public IndexSet Index { get; } = index;

    public SegmentFiles Files { get; } = new(disk, OpenSegmentsMax);

    public HeadSignal HeadMoved { get; } = new();

    /// <summary>Ranges that cannot be read, in order; known when the log was loaded. No read passes over one in silence.</summary>
    public IReadOnlyList<DamagedRange> Holes { get; set; } = [];

    /// <summary>The earliest readable position.</summary>
    public long First { get; } = first;

    /// <summary>The last durable position.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>All segments, oldest first; the last one is where the writer is.</summary>
    public ReadOnlySpan<Segment> Segments => Volatile.Read(ref _segments);

    public Segment Last => Segments[^1];

    /// <summary>The indexes in memory, oldest first: of the segments that no run covers yet, and of the last one.</summary>
    public MemoryIndex[] UnsealedIndexes => Volatile.Read(ref _unsealed);

    /// <summary>Adds the next segment.</summary>
    public void Add(Segment segment)
    {
        lock (_changing)
        {
            Volatile.Write(ref _segments, [.. _segments, segment]);
            ListUnsealed();
        }
    }

    /// <summary>Lets go of the memory index of a segment that a run covers now.</summary>
    public void DropIndexOf(Segment segment)
    {
        lock (_changing)
        {
            segment.Index = null;
            ListUnsealed();
        }
    }

    /// <summary>Makes a new head visible, and wakes those who wait for it.</summary>
    public void Publish(long head)
    {
        Volatile.Write(ref _head, head);
        HeadMoved.Advance(head);
    }

    /// <summary>The segment that holds a position; its last one may be asked for positions to come.</summary>
    public Segment SegmentOf(long position)
    {
        var segments = Segments;
        int low = 0, high = segments.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (segments[middle].FirstPosition <= position)
                low = middle;
            else
                high = middle - 1;
        }

        return segments[low];
    }

    private void ListUnsealed() =>
        Volatile.Write(ref _unsealed, [.. _segments.Select(segment => segment.Index).OfType<MemoryIndex>()]);

    /// <inheritdoc />
    public void Dispose()
    {
        HeadMoved.End();
        Files.Dispose();
        Index.Dispose();
    }
}
