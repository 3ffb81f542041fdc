using System.Buffers.Binary;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// What a run says about each sealed segment it covers, so that it can be compared with the log: equal only when every field and both
/// hashes are.
/// </summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Epoch">The writer's epoch that sealed it.</param>
/// <param name="FirstPosition">Its first position.</param>
/// <param name="Count">How many positions it holds.</param>
/// <param name="Bytes">How many of its bytes are batches.</param>
/// <param name="Chain">The hash its chain ends with, 32 bytes.</param>
/// <param name="Root">The root of its leaves, 32 bytes.</param>
internal sealed record SegmentSummary(
    int Segment, long Epoch, long FirstPosition, long Count, long Bytes, ReadOnlyMemory<byte> Chain, ReadOnlyMemory<byte> Root)
{
    public const int HashBytes = 32;

    // segment (4) · epoch (8) · first position (8) · count (8) · bytes (8) · chain (32) · root (32)
    internal const int Size = 4 + (4 * 8) + (2 * HashBytes);

    public long LastPosition => FirstPosition + Count - 1;

    public bool Equals(SegmentSummary? other) =>
        other is not null
        && (Segment, Epoch, FirstPosition, Count, Bytes) == (other.Segment, other.Epoch, other.FirstPosition, other.Count, other.Bytes)
        && Chain.Span.SequenceEqual(other.Chain.Span)
        && Root.Span.SequenceEqual(other.Root.Span);

    public override int GetHashCode() => HashCode.Combine(Segment, Epoch, FirstPosition, Count, Bytes);

    internal static SegmentSummary Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt32LittleEndian(from),
        BinaryPrimitives.ReadInt64LittleEndian(from[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[12..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[20..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[28..]),
        from.Slice(36, HashBytes).ToArray(),
        from.Slice(36 + HashBytes, HashBytes).ToArray());

    internal void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, Segment);
        BinaryPrimitives.WriteInt64LittleEndian(into[4..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(into[12..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(into[20..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(into[28..], Bytes);
        CopyHash(Chain, into[36..]);
        CopyHash(Root, into[(36 + HashBytes)..]);
    }

    private static void CopyHash(ReadOnlyMemory<byte> hash, Span<byte> into)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HashBytes);
        hash.Span.CopyTo(into);
    }
}
