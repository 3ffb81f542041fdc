using System.Security.Cryptography;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// The Merkle tree hash of RFC 6962 over leaves added in order, in logarithmic memory: a stack of roots of perfect subtrees, the sizes of
/// which are the binary digits of the count.
/// </summary>
internal sealed class MerkleTree
{
    private const int NodeBytes = 1 + (2 * RecordFormat.HashBytes);
    private const int SubtreeLeaves = 1024;
    private const int SubtreeBytes = SubtreeLeaves * RecordFormat.HashBytes;

    private readonly byte[] _roots = new byte[64 * RecordFormat.HashBytes];
    private int _depth;

    // made for the first whole subtree
    private byte[]? _hashes;
    private byte[]? _nodes;
    private HashedRange[]? _ranges;

    public long Count { get; private set; }

    /// <summary>Adds the next leaf hash.</summary>
    public void Add(ReadOnlySpan<byte> leaf) => AddSubtree(leaf, 1);

    /// <summary>
    /// Adds the next leaf hashes, which follow one another, at once; whole perfect subtrees of them are hashed many nodes at a time.
    /// </summary>
    public void AddAll(ReadOnlySpan<byte> leaves)
    {
        while (Count % SubtreeLeaves == 0 && leaves.Length >= SubtreeBytes)
        {
            AddSubtree(RootOfSubtree(leaves[..SubtreeBytes]), SubtreeLeaves);
            leaves = leaves[SubtreeBytes..];
        }

        for (; leaves.Length > 0; leaves = leaves[RecordFormat.HashBytes..])
            Add(leaves[..RecordFormat.HashBytes]);
    }

    /// <summary>The root over all leaves so far; the hash of nothing where there is none.</summary>
    public byte[] ToRoot()
    {
        if (Count == 0)
            return SHA256.HashData([]);
        var root = Root(_depth - 1).ToArray();
        for (var level = _depth - 2; level >= 0; level--)
            Join(Root(level), root, root);
        return root;
    }

    private void AddSubtree(ReadOnlySpan<byte> root, int leaves)
    {
        root.CopyTo(Root(_depth++));
        Count += leaves;
        for (var subtrees = Count / leaves; (subtrees & 1) == 0; subtrees >>= 1)
        {
            _depth--;
            Join(Root(_depth - 1), Root(_depth), Root(_depth - 1));
        }
    }

    private ReadOnlySpan<byte> RootOfSubtree(ReadOnlySpan<byte> leaves)
    {
        var hashes = _hashes ??= new byte[SubtreeBytes];
        var nodes = _nodes ??= new byte[SubtreeLeaves / 2 * NodeBytes];
        var ranges = _ranges ??= new HashedRange[SubtreeLeaves / 2];
        leaves.CopyTo(hashes);
        for (var pairs = SubtreeLeaves / 2; pairs > 0; pairs /= 2)
        {
            for (var p = 0; p < pairs; p++)
            {
                ranges[p] = new HashedRange(p * NodeBytes, NodeBytes);
                nodes[p * NodeBytes] = 1;
                hashes.AsSpan(p * 2 * RecordFormat.HashBytes, 2 * RecordFormat.HashBytes).CopyTo(nodes.AsSpan((p * NodeBytes) + 1));
            }

            Sha256Lanes.Hash(nodes, ranges.AsSpan(0, pairs), hashes);
        }

        return hashes.AsSpan(0, RecordFormat.HashBytes);
    }

    private static void Join(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> into)
    {
        Span<byte> node = stackalloc byte[NodeBytes];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + RecordFormat.HashBytes)..]);
        SHA256.HashData(node, into);
    }

    private Span<byte> Root(int level) => _roots.AsSpan(level * RecordFormat.HashBytes, RecordFormat.HashBytes);
}
