using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// The leaves of a segment's events, kept until its Merkle root is known. The writer adds, index upkeep reads after the seal.
/// </summary>
internal sealed class LeafList
{
    private const int LeavesPerChunk = 2048;

    private readonly List<byte[]> _chunks = [];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] =>
        _chunks[index / LeavesPerChunk].AsSpan(index % LeavesPerChunk * RecordFormat.HashBytes, RecordFormat.HashBytes);

    public void Add(ReadOnlySpan<byte> leaf)
    {
        if (Count % LeavesPerChunk == 0)
            _chunks.Add(new byte[LeavesPerChunk * RecordFormat.HashBytes]);
        leaf.CopyTo(_chunks[^1].AsSpan(Count % LeavesPerChunk * RecordFormat.HashBytes));
        Count++;
    }
}
