using System.Security.Cryptography;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Segments;

/// <summary>
/// The Merkle tree hash of RFC 6962 over leaves added in order, in logarithmic memory: a stack of roots of perfect subtrees, the sizes of
/// which are the binary digits of the count.
/// </summary>
internal sealed class MerkleTree
{
    private readonly byte[] _roots = new byte[64 * RecordFormat.HashBytes];
    private int _depth;

    public long Count { get; private set; }

    /// <summary>Adds the next leaf hash.</summary>
    public void Add(ReadOnlySpan<byte> leaf)
    {
        leaf.CopyTo(Root(_depth++));
        Count++;
        for (var count = Count; (count & 1) == 0; count >>= 1)
        {
            _depth--;
            Join(Root(_depth - 1), Root(_depth), Root(_depth - 1));
        }
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

    private static void Join(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> into)
    {
        Span<byte> node = stackalloc byte[1 + (2 * RecordFormat.HashBytes)];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + RecordFormat.HashBytes)..]);
        SHA256.HashData(node, into);
    }

    private Span<byte> Root(int level) => _roots.AsSpan(level * RecordFormat.HashBytes, RecordFormat.HashBytes);
}
