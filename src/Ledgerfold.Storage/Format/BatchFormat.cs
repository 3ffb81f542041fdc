using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledgerfold.Storage.Format;

/// <summary>What a batch is for.</summary>
internal enum BatchKind : byte
{
    /// <summary>Holds events or cursor moves.</summary>
    Data = 1,

    /// <summary>Says that the batch before it is durable.</summary>
    Vouch = 2,

    /// <summary>A writer began here.</summary>
    Open = 3,

    /// <summary>A writer ended here in good order.</summary>
    Close = 4,
}

/// <summary>
/// A batch: the unit of atomicity. Header, records, trailer, without padding. All numbers are little endian.
/// <code>
/// header, 128 bytes
///      0     4  magic          "LFB1", never a record's length
///      4     2  format         1
///      6     1  kind           1 data, 2 vouch, 3 open, 4 close
///      7     1  flags          bit 0: the wall clock jumped ahead before this batch
///      8    16  store id
///     24     8  epoch          of the writer
///     32     4  length         of the whole batch
///     36     4  events         how many positions it takes
///     40     8  firstPosition  of its first event, or of the next one to come
///     48     8  recordedAt     of all its events, UTC microseconds; never back
///     56     8  rawTime        what the wall clock said
///     64    32  previous       chain hash of the batch before
///     96     4  zeroSectors    aligned 512-byte sectors inside the batch that rightly hold only zeros
///    100     4  records        events and cursor moves
///    104    20  reserved       0
///    124     4  crc            CRC-32C of the 124 bytes before
/// trailer, 40 bytes
///      0     4  magic          "LFE1", never a record's length
///      4    32  chain          SHA-256(previous ‖ firstPosition ‖ recordedAt ‖ (version ‖ leaf) of every record);
///                              previous where there is no record
///     36     4  crc            CRC-32C of the crc of every record ‖ crc of the header ‖ chain
/// </code>
/// The chain holds nothing of epochs, files and offsets: a batch moved to another segment keeps it. Version rule: a reader refuses a
/// format above its own; bytes of every format version are kept as golden files.
/// </summary>
internal static class BatchFormat
{
    public const uint HeaderMagic = 0x3142464C;
    public const uint TrailerMagic = 0x3145464C;
    public const ushort Format = 1;
    public const byte FlagClockJumped = 1;
    public const int HeaderBytes = 128;
    public const int TrailerBytes = 40;
    public const int SectorBytes = 512;

    /// <summary>No batch is longer: the largest append and its framing.</summary>
    public const int BatchBytesMax = 64 * 1024 * 1024;

    /// <summary>The chain before the first batch of a store.</summary>
    public static byte[] Genesis(Guid storeId) => SHA256.HashData(storeId.ToByteArray(bigEndian: true));

    /// <summary>Continues the checksum over the records' checksums.</summary>
    public static uint AddRecordCrc(uint soFar, uint recordCrc)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, recordCrc);
        return Crc32C.Append(soFar, bytes);
    }

    /// <summary>The checksum in the trailer.</summary>
    public static uint TrailerCrc(uint ofRecordCrcs, uint headerCrc, ReadOnlySpan<byte> chain) =>
        Crc32C.Append(AddRecordCrc(ofRecordCrcs, headerCrc), chain);

    /// <summary>
    /// Whether a checksum, the last thing of what it covers, is only begun and zeros follow: the write stopped there or, where nothing of
    /// it stands, before.
    /// </summary>
    public static bool IsCutShort(uint stored, uint expected) =>
        stored == 0
        || (stored != expected
            && (stored == (expected & 0xFF) || stored == (expected & 0xFFFF) || stored == (expected & 0xFFFFFF)));

    /// <summary>
    /// Makes a sound batch one of another writer at another place: header and checksums change, records and chain do not.
    /// </summary>
    public static void Readdress(Span<byte> batch, in BatchHeader header, long epoch, long fileOffset)
    {
        Span<byte> previous = stackalloc byte[RecordFormat.HashBytes];
        BatchHeader.PreviousOf(batch).CopyTo(previous);
        uint crcs = 0;
        for (int at = HeaderBytes, r = 0; r < header.Records; r++)
        {
            var length = RecordFormat.LengthOf(batch[at..]);
            crcs = AddRecordCrc(crcs, BinaryPrimitives.ReadUInt32LittleEndian(batch[(at + length - sizeof(uint))..]));
            at += length;
        }

        var moved = header with { Epoch = epoch, ZeroSectors = CountZeroSectors(batch, fileOffset) };
        var headerCrc = BatchHeader.Write(batch, moved, previous);
        BinaryPrimitives.WriteUInt32LittleEndian(batch[^sizeof(uint)..], TrailerCrc(crcs, headerCrc, BatchHeader.ChainOf(batch)));
    }

    /// <summary>How many aligned sectors that lie wholly inside the bytes hold only zeros.</summary>
    public static int CountZeroSectors(ReadOnlySpan<byte> bytes, long offset)
    {
        var zero = 0;
        var start = (int)((SectorBytes - (offset % SectorBytes)) % SectorBytes);
        for (; start + SectorBytes <= bytes.Length; start += SectorBytes)
        {
            if (!bytes.Slice(start, SectorBytes).ContainsAnyExcept((byte)0))
                zero++;
        }

        return zero;
    }
}

/// <summary>The header of a batch, in numbers.</summary>
internal readonly record struct BatchHeader
{
    public required BatchKind Kind { get; init; }

    public byte Flags { get; init; }

    public required Guid StoreId { get; init; }

    public required long Epoch { get; init; }

    public required int Length { get; init; }

    public required int Events { get; init; }

    public required long FirstPosition { get; init; }

    public required long RecordedAt { get; init; }

    public required long RawTime { get; init; }

    public required int ZeroSectors { get; init; }

    public required int Records { get; init; }

    public uint Crc { get; init; }

    public static uint Write(Span<byte> into, in BatchHeader header, ReadOnlySpan<byte> previous)
    {
        into[..BatchFormat.HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(into, BatchFormat.HeaderMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(into[4..], BatchFormat.Format);
        into[6] = (byte)header.Kind;
        into[7] = header.Flags;
        header.StoreId.TryWriteBytes(into[8..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], header.Epoch);
        BinaryPrimitives.WriteInt32LittleEndian(into[32..], header.Length);
        BinaryPrimitives.WriteInt32LittleEndian(into[36..], header.Events);
        BinaryPrimitives.WriteInt64LittleEndian(into[40..], header.FirstPosition);
        BinaryPrimitives.WriteInt64LittleEndian(into[48..], header.RecordedAt);
        BinaryPrimitives.WriteInt64LittleEndian(into[56..], header.RawTime);
        previous.CopyTo(into[64..]);
        BinaryPrimitives.WriteInt32LittleEndian(into[96..], header.ZeroSectors);
        BinaryPrimitives.WriteInt32LittleEndian(into[100..], header.Records);
        var crc = Crc32C.Of(into[..124]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[124..], crc);
        return crc;
    }

    /// <summary>Reads a header whose magic and checksum are right and whose numbers are possible.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out BatchHeader header)
    {
        header = default;
        if (from.Length < BatchFormat.HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(from) != BatchFormat.HeaderMagic)
            return false;
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(from[124..]);
        if (crc != Crc32C.Of(from[..124]))
            return false;
        if (BinaryPrimitives.ReadUInt16LittleEndian(from[4..]) is var format && format != BatchFormat.Format)
            throw Unavailable.NewerFormat("batch", format);
        header = new BatchHeader
        {
            Kind = (BatchKind)from[6],
            Flags = from[7],
            StoreId = new Guid(from.Slice(8, 16), bigEndian: true),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            Length = BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
            Events = BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(from[40..]),
            RecordedAt = BinaryPrimitives.ReadInt64LittleEndian(from[48..]),
            RawTime = BinaryPrimitives.ReadInt64LittleEndian(from[56..]),
            ZeroSectors = BinaryPrimitives.ReadInt32LittleEndian(from[96..]),
            Records = BinaryPrimitives.ReadInt32LittleEndian(from[100..]),
            Crc = crc,
        };
        return header.Length is >= BatchFormat.HeaderBytes + BatchFormat.TrailerBytes and <= BatchFormat.BatchBytesMax
            && header.Events >= 0 && header.Records >= header.Events;
    }

    /// <summary>The chain hash of the batch before, as the header's bytes hold it.</summary>
    public static ReadOnlySpan<byte> PreviousOf(ReadOnlySpan<byte> header) => header.Slice(64, RecordFormat.HashBytes);

    /// <summary>The chain hash that a batch's trailer holds.</summary>
    public static ReadOnlySpan<byte> ChainOf(ReadOnlySpan<byte> batch) =>
        batch.Slice(batch.Length - BatchFormat.TrailerBytes + 4, RecordFormat.HashBytes);
}
