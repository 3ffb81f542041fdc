using System.Buffers.Binary;

namespace Ledgerfold.Storage.Format;

/// <summary>
/// What a writer says about the store, in a file of its own epoch: <c>manifest-EEEEEEEE</c>. The file is created exclusively, which is
/// how an epoch is claimed, and holds two slots of one sector each, at 0 and 4,096, written in turn, so that a torn one never hides the
/// other.
/// <code>
/// offset  size  name
///      0     8  magic         "LFMANIF1"
///      8     4  format        1
///     12     4  flags         bit 0: the writer ended in good order at (segment, length)
///     16    16  store id
///     32    16  secret        keys the hashes of the index
///     48     8  epoch
///     56     8  sequence      the higher of two sound slots counts
///     64     8  head          a position that was acknowledged: a ledger that ends before it has lost something
///     72     8  first         the earliest readable position
///     80     8  createdAt     of the store, UTC microseconds
///     88     4  segment       where the writer ended, with its epoch and length
///     92     4  reserved      0
///     96     8  segmentEpoch
///    104     8  segmentLength
///    112     4  crc           CRC-32C of the 112 bytes before
/// </code>
/// </summary>
internal sealed record Manifest
{
    public const int Format = 1;
    public const int SlotBytes = 512;
    public const int SecondSlot = 4096;
    private const ulong Magic = 0x3146494E414D464C; // "LFMANIF1"
    private const int CrcOffset = 112;

    public required Guid StoreId { get; init; }

    public required Guid Secret { get; init; }

    public required long Epoch { get; init; }

    public long Sequence { get; init; }

    public long Head { get; init; }

    public long First { get; init; } = 1;

    public required long CreatedAt { get; init; }

    public bool Closed { get; init; }

    public int Segment { get; init; }

    public long SegmentEpoch { get; init; }

    public long SegmentLength { get; init; }

    public static string NameOf(long epoch) => $"manifest-{epoch:D8}";

    public static bool TryParseName(string name, out long epoch)
    {
        epoch = 0;
        return name.Length == 17 && name.StartsWith("manifest-", StringComparison.Ordinal) && long.TryParse(name.AsSpan(9), out epoch);
    }

    public void Write(Span<byte> into)
    {
        into[..SlotBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(into, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Format);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], Closed ? 1 : 0);
        StoreId.TryWriteBytes(into[16..], bigEndian: true, out _);
        Secret.TryWriteBytes(into[32..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(into[48..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(into[56..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(into[64..], Head);
        BinaryPrimitives.WriteInt64LittleEndian(into[72..], First);
        BinaryPrimitives.WriteInt64LittleEndian(into[80..], CreatedAt);
        BinaryPrimitives.WriteInt32LittleEndian(into[88..], Segment);
        BinaryPrimitives.WriteInt64LittleEndian(into[96..], SegmentEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(into[104..], SegmentLength);
        BinaryPrimitives.WriteUInt32LittleEndian(into[CrcOffset..], Crc32C.Of(into[..CrcOffset]));
    }

    /// <summary>The slot in these bytes, or null where they are not one.</summary>
    public static Manifest? Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < SlotBytes || BinaryPrimitives.ReadUInt64LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(from[CrcOffset..]) != Crc32C.Of(from[..CrcOffset]))
        {
            return null;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(from[8..]) is var format && format != Format)
            throw Unavailable.NewerFormat("manifest", format);
        return new Manifest
        {
            Closed = (from[12] & 1) != 0,
            StoreId = new Guid(from.Slice(16, 16), bigEndian: true),
            Secret = new Guid(from.Slice(32, 16), bigEndian: true),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(from[56..]),
            Head = BinaryPrimitives.ReadInt64LittleEndian(from[64..]),
            First = BinaryPrimitives.ReadInt64LittleEndian(from[72..]),
            CreatedAt = BinaryPrimitives.ReadInt64LittleEndian(from[80..]),
            Segment = BinaryPrimitives.ReadInt32LittleEndian(from[88..]),
            SegmentEpoch = BinaryPrimitives.ReadInt64LittleEndian(from[96..]),
            SegmentLength = BinaryPrimitives.ReadInt64LittleEndian(from[104..]),
        };
    }
}
