using System.Buffers.Binary;

namespace Ledgerfold.Storage.Format;

/// <summary>
/// The header of a segment file, 4,096 bytes; batches follow. A segment is sealed by the header of the one after it. Little endian.
/// <code>
/// offset  size  name
///      0     8  magic             "LFSEGMT1"
///      8     4  format            1
///     12     4  segment           1, 2, 3, …
///     16    16  store id
///     32     8  epoch             of the writer that created it
///     40     8  firstPosition     of the first event it will hold
///     48     8  createdAt         UTC microseconds
///     56     4  previousSegment   0 for the first of a store
///     60     4  reserved          0
///     64     8  previousEpoch     names the previous file together with its number
///     72     8  previousLength    bytes of it that belong to the ledger; what stands behind them never does
///     80    32  previousChain     chain hash at that length
///    112     4  crc               CRC-32C of the 112 bytes before
///    116  3980  reserved          0
/// </code>
/// Named <c>segment-SSSSSSSS-EEEEEEEE.log</c> by number and epoch, so that a writer that was fenced off can never write into a file of
/// its successor.
/// </summary>
internal sealed record SegmentHeader
{
    public const int Bytes = 4096;
    public const int Format = 1;
    private const ulong Magic = 0x31544D474553464C; // "LFSEGMT1"
    private const int CrcOffset = 112;

    public required int Segment { get; init; }

    public required Guid StoreId { get; init; }

    public required long Epoch { get; init; }

    public required long FirstPosition { get; init; }

    public required long CreatedAt { get; init; }

    public int PreviousSegment { get; init; }

    public long PreviousEpoch { get; init; }

    public long PreviousLength { get; init; }

    public required byte[] PreviousChain { get; init; }

    public string Name => NameOf(Segment, Epoch);

    public static string NameOf(int segment, long epoch) => $"segment-{segment:D8}-{epoch:D8}.log";

    public static bool TryParseName(string name, out int segment, out long epoch)
    {
        segment = 0;
        epoch = 0;
        return name.Length == 29 && name.StartsWith("segment-", StringComparison.Ordinal) && name.EndsWith(".log", StringComparison.Ordinal)
            && name[16] == '-' && int.TryParse(name.AsSpan(8, 8), out segment) && long.TryParse(name.AsSpan(17, 8), out epoch);
    }

    public void Write(Span<byte> into)
    {
        into[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(into, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], Format);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], Segment);
        StoreId.TryWriteBytes(into[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(into[40..], FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(into[48..], CreatedAt);
        BinaryPrimitives.WriteInt32LittleEndian(into[56..], PreviousSegment);
        BinaryPrimitives.WriteInt64LittleEndian(into[64..], PreviousEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(into[72..], PreviousLength);
        PreviousChain.CopyTo(into[80..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[CrcOffset..], Crc32C.Of(into[..CrcOffset]));
    }

    /// <summary>The header in these bytes, or null where they are not one.</summary>
    public static SegmentHeader? Read(ReadOnlySpan<byte> from)
    {
        if (from.Length < Bytes || BinaryPrimitives.ReadUInt64LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(from[CrcOffset..]) != Crc32C.Of(from[..CrcOffset]))
        {
            return null;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(from[8..]) is var format && format != Format)
            throw Unavailable.NewerFormat("segment", format);
        return new SegmentHeader
        {
            Segment = BinaryPrimitives.ReadInt32LittleEndian(from[12..]),
            StoreId = new Guid(from.Slice(16, 16), bigEndian: true),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            CreatedAt = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            PreviousSegment = BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
            PreviousEpoch = BinaryPrimitives.ReadInt64LittleEndian(from[64..]),
            PreviousLength = BinaryPrimitives.ReadInt64LittleEndian(from[72..]),
            PreviousChain = from.Slice(80, RecordFormat.HashBytes).ToArray(),
        };
    }
}
