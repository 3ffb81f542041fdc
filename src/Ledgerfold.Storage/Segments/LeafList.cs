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

    public void Add(ReadOnlySpan<byte> leaf)
    {
        if (Count % LeavesPerChunk == 0)
            _chunks.Add(new byte[LeavesPerChunk * RecordFormat.HashBytes]);
        leaf.CopyTo(_chunks[^1].AsSpan(Count % LeavesPerChunk * RecordFormat.HashBytes));
        Count++;
    }

    /// <summary>Adds all leaves, in order, to a tree.</summary>
    public void AddTo(MerkleTree tree)
    {
        for (var c = 0; c < _chunks.Count; c++)
            tree.AddAll(_chunks[c].AsSpan(0, Math.Min(LeavesPerChunk, Count - (c * LeavesPerChunk)) * RecordFormat.HashBytes));
    }
}
