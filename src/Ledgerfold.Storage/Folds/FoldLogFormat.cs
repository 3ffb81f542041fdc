using System.Buffers.Binary;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The bytes of a log, format 1: what was committed since the tables were written. Two header slots of one sector of 512 bytes each,
/// written in turn whenever the file has grown, so that a torn one never hides the other; then frames, each beginning on a sector; behind
/// the last one a vouch; then zeros that space is reserved with. All numbers are little-endian.
/// <code>
/// header     0     8  "LFFOLDLG"
///            8     4  format
///           12     4  reserved, 0
///           16    16  store id
///           32     8  nonce, which is the file's name too
///           40     8  length of the file, durable before this was written; the higher of two sound slots counts
///           48     4  CRC-32C of the 48 bytes before
/// frame      0     4  "LFFR"
///            4     4  bytes of the body
///            8     8  nonce of the log
///           16     8  number of the frame in this log, from 1
///           24     8  length of the file, durable before this frame was written
///           32     4  how many sectors of the frame rightly hold nothing but zeros
///           36     4  CRC-32C of the body
///           40     4  reserved, 0
///           44     4  CRC-32C of the 44 bytes before
///           48        body, never empty, then one byte 255, then zeros up to the next sector
/// vouch      0     4  "LFFV"
///            4     4  reserved, 0
///            8     8  nonce of the log
///           16     8  number of the frame before
///           24    20  reserved, 0
///           44     4  CRC-32C of the 44 bytes before; zeros up to the end of the sector
/// body       entries: kind (1: 0 removal, 1 value) · varint key bytes · varint value bytes · key · value
/// </code>
/// One frame is one commit, whole or not at all. A frame is written only after the one before was synced, so at most the last one can be
/// torn. A write that failed leaves the first bytes of it, a power cut any of its sectors: so a torn frame ends within its header, or lacks
/// its last byte, or has more zero sectors than it says. Whatever else is wrong is damage, and so is a frame that looks torn before
/// something sound: the next frame, or the vouch that is written once the frame was synced and that the next one overwrites. The file never
/// gets shorter: a frame that knows of more length than there is tells of a cut.
/// </summary>
internal static class FoldLogFormat
{
    public const int Version = 1;
    public const int SectorBytes = 512;
    public const int HeaderBytes = 2 * SectorBytes;
    public const int FrameHeaderBytes = 48;
    public const byte EndMark = 255;
    public const byte Removal = 0;
    public const byte Value = 1;

    private const ulong Magic = 0x474C_444C_4F46_464C; // "LFFOLDLG"
    private const uint FrameMagic = 0x5246_464C; // "LFFR"
    private const uint VouchMagic = 0x5646_464C; // "LFFV"

    public static string NameOf(ulong nonce) => $"log-{nonce:x16}";

    public static long Align(long bytes) => (bytes + SectorBytes - 1) / SectorBytes * SectorBytes;

    public static long FrameBytesOf(long bodyBytes) => Align(FrameHeaderBytes + bodyBytes + 1);

    /// <summary>Whether a frame that is not whole is one that was never written to its end.</summary>
    public static bool IsTorn(ReadOnlySpan<byte> frame, in FrameHeader header) =>
        frame[FrameHeaderBytes + header.BodyBytes] == 0 || ZeroSectors(frame) > header.ZeroSectors;

    /// <summary>Whether a sector that does not begin with a sound header is one whose header was never written to its end.</summary>
    public static bool EndsInHeader(ReadOnlySpan<byte> sector) => !sector[FrameHeaderBytes..].ContainsAnyExcept((byte)0);

    public static void WriteHeader(Span<byte> sector, Guid storeId, ulong nonce, long length)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(sector[8..], Version);
        storeId.TryWriteBytes(sector[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[32..], nonce);
        BinaryPrimitives.WriteInt64LittleEndian(sector[40..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[48..], Crc32C.Of(sector[..48]));
    }

    /// <summary>Checks the header of a log and answers the length it knows of.</summary>
    public static long ReadHeader(ReadOnlySpan<byte> slots, Guid storeId, ulong nonce)
    {
        var length = 0L;
        for (; slots.Length >= SectorBytes; slots = slots[SectorBytes..])
            length = Math.Max(length, ReadSlot(slots, storeId, nonce));
        return length > 0 ? length : throw Damage.Of(NameOf(nonce), "does not begin as it was written");
    }

    public static void WriteVouch(Span<byte> sector, ulong nonce, long number)
    {
        sector.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(sector, VouchMagic);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[8..], nonce);
        BinaryPrimitives.WriteInt64LittleEndian(sector[16..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[44..], Crc32C.Of(sector[..44]));
    }

    /// <summary>Reads for which frame a sector vouches.</summary>
    public static bool TryReadVouch(ReadOnlySpan<byte> sector, ulong nonce, out long number)
    {
        number = BinaryPrimitives.ReadInt64LittleEndian(sector[16..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(sector) == VouchMagic
            && BinaryPrimitives.ReadUInt64LittleEndian(sector[8..]) == nonce
            && BinaryPrimitives.ReadUInt32LittleEndian(sector[44..]) == Crc32C.Of(sector[..44]);
    }

    /// <summary>Appends an entry to a body.</summary>
    public static int WriteEntry(Span<byte> into, byte kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        into[0] = kind;
        var at = 1 + RunFormat.WriteVarint(into[1..], (ulong)key.Length);
        at += RunFormat.WriteVarint(into[at..], (ulong)value.Length);
        key.CopyTo(into[at..]);
        value.CopyTo(into[(at + key.Length)..]);
        return at + key.Length + value.Length;
    }

    /// <summary>Reads the next entry of a body.</summary>
    public static LogEntry ReadEntry(ReadOnlySpan<byte> body, ref int at)
    {
        var kind = body[at++];
        var keyBytes = (int)RunFormat.ReadVarint(body, ref at);
        var valueBytes = (int)RunFormat.ReadVarint(body, ref at);
        var key = body.Slice(at, keyBytes);
        at += keyBytes + valueBytes;
        return new LogEntry(kind == Removal, key, body.Slice(at - valueBytes, valueBytes));
    }

    /// <summary>How many sectors of a frame hold nothing but zeros.</summary>
    public static int ZeroSectors(ReadOnlySpan<byte> frame)
    {
        var count = 0;
        for (; frame.Length >= SectorBytes; frame = frame[SectorBytes..])
            count += frame[..SectorBytes].ContainsAnyExcept((byte)0) ? 0 : 1;
        return count;
    }

    private static long ReadSlot(ReadOnlySpan<byte> sector, Guid storeId, ulong nonce)
    {
        var name = NameOf(nonce);
        if (BinaryPrimitives.ReadUInt64LittleEndian(sector) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[48..]) != Crc32C.Of(sector[..48]))
        {
            return 0;
        }

        if (BinaryPrimitives.ReadInt32LittleEndian(sector[8..]) is var version && version != Version)
            throw Damage.NewerFormat(name, version);
        if (new Guid(sector.Slice(16, 16), bigEndian: true) != storeId || BinaryPrimitives.ReadUInt64LittleEndian(sector[32..]) != nonce)
            throw Damage.Of(name, "belongs to another store");
        return BinaryPrimitives.ReadInt64LittleEndian(sector[40..]);
    }

    /// <summary>The first bytes of a frame.</summary>
    public readonly record struct FrameHeader(int BodyBytes, ulong Nonce, long Number, long FileLength, int ZeroSectors, uint BodyCrc)
    {
        public long FrameBytes => FrameBytesOf(BodyBytes);

        public static bool TryRead(ReadOnlySpan<byte> from, out FrameHeader header)
        {
            header = default;
            if (BinaryPrimitives.ReadUInt32LittleEndian(from) != FrameMagic
                || BinaryPrimitives.ReadUInt32LittleEndian(from[44..]) != Crc32C.Of(from[..44]))
            {
                return false;
            }

            header = new FrameHeader(
                BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
                BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
                BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(from[36..]));
            return header.BodyBytes >= 0;
        }

        public void Write(Span<byte> into)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(into, FrameMagic);
            BinaryPrimitives.WriteInt32LittleEndian(into[4..], BodyBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(into[8..], Nonce);
            BinaryPrimitives.WriteInt64LittleEndian(into[16..], Number);
            BinaryPrimitives.WriteInt64LittleEndian(into[24..], FileLength);
            BinaryPrimitives.WriteInt32LittleEndian(into[32..], ZeroSectors);
            BinaryPrimitives.WriteUInt32LittleEndian(into[36..], BodyCrc);
            BinaryPrimitives.WriteUInt32LittleEndian(into[40..], 0);
            BinaryPrimitives.WriteUInt32LittleEndian(into[44..], Crc32C.Of(into[..44]));
        }
    }
}

/// <summary>One entry of a frame's body.</summary>
internal readonly ref struct LogEntry(bool isRemoval, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
{
    public bool IsRemoval { get; } = isRemoval;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> Value { get; } = value;
}
