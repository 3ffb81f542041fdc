using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// One file of the log as readers see it. The writer moves its end; when the next segment is created it is sealed and never changes again.
/// </summary>
internal sealed class Segment(SegmentHeader header)
{
    // written by the writer (or a refresh), read by any thread
    private long _end = SegmentHeader.Bytes;
    private long _lastPosition = header.FirstPosition - 1;
    private MemoryIndex? _index;

    public SegmentHeader Header { get; } = header;

    public int Number => Header.Segment;

    public string Name => Header.Name;

    public long FirstPosition => Header.FirstPosition;

    /// <summary>The durable end of the last batch that belongs to the ledger.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>The last durable position; one less than the first while it holds none.</summary>
    public long LastPosition
    {
        get => Volatile.Read(ref _lastPosition);
        set => Volatile.Write(ref _lastPosition, value);
    }

    /// <summary>The index in memory, until a run file covers the segment.</summary>
    public MemoryIndex? Index
    {
        get => Volatile.Read(ref _index);
        set => Volatile.Write(ref _index, value);
    }

    /// <summary>The chain hash at the end; set when the segment is sealed.</summary>
    public byte[]? SealedChain { get; set; }

    /// <summary>Where the cursors stood at the end; set when the segment is sealed.</summary>
    public CursorTable? SealedCursors { get; set; }

    /// <summary>The leaves of its events in order, while every one of them passed through this process.</summary>
    public LeafList? Leaves { get; set; }

    public bool IsSealed => SealedChain is not null;
}
