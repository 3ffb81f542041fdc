using System.Buffers.Binary;

namespace Ledgerfold.Storage.Format;

/// <summary>
/// A record: one event or one cursor move. All numbers are little endian.
/// <code>
/// offset  size  name
///      0     4  length         of the whole record
///      4     1  kind           1 event, 2 cursor move
///      5     1  state          bit 0: the payload is erased; outside the leaf, so that erasing changes no proof
///      6     2  reserved       0
///      8     4  headerLength   below 2^24, so its last byte, right before the header, is 0: the prefix of a leaf
///     12     h  header         leaf = SHA-256(0x00 ‖ header), the bytes from 11 to 12+h
///   12+h     p  payload        salt(16) ‖ stored payload; empty once erased
///  12+h+p    8  position       ┐
///     +8     8  version        │ placement: decided in the order of writing, bound by the batch's chain
///    +16     8  recordedAt     ┘ UTC microseconds
///    +24     4  crc            CRC-32C of all bytes before
///
/// header of an event
///      0     1  flags          bit 0 encrypted, bit 1 compressed
///      1     1  algorithm      of encryption; 0 none
///      2     2  appendIndex    which event of its append this is, from 0
///      4     4  schemaVersion
///      8     4  keyId          of encryption; 0 none
///     12     1  marks          bit 0: this event closes its stream
///     13     3  reserved       0
///     16    16  id
///     32     8  effectiveAt    UTC microseconds; the smallest number for none
///     40    32  payloadDigest  SHA-256(salt ‖ stored payload)
///     72     …  tenant, stream, type, contentType, correlation, causation, actor, trace parent:
///               length(2) ‖ UTF-8 each, length 0xFFFF for none; then tags: count(1), each length(2) ‖ UTF-8
/// stored payload of an event: header count(2), each name length(2) ‖ name ‖ value length(4) ‖ value; then the data
///
/// header of a cursor move
///      0     8  expected
///      8     8  next
///     16     4  partition
///     20     …  tenant, consumer: length(2) ‖ UTF-8; then held keys: count(2), each length(2) ‖ UTF-8
/// </code>
/// Position, version and recorded time are not in the leaf, because callers hash before the order is known; the batch chains over
/// (version, leaf) with its first position and time. Version rule: a change of any of this is a new batch format.
/// </summary>
internal static class RecordFormat
{
    public const byte KindEvent = 1;
    public const byte KindCursor = 2;
    public const byte StateErased = 1;

    public const int FlagsEncrypted = 1;
    public const int FlagsCompressed = 2;
    public const byte MarkCloses = 1;

    public const int FrameHead = 12;
    public const int LeafPrefixAt = 11;
    public const int PlacementBytes = 24;
    public const int FrameTail = PlacementBytes + sizeof(uint);
    public const int SaltBytes = 16;
    public const int HashBytes = 32;
    public const int EventHeaderFixed = 72;
    public const int DigestOffset = 40;
    public const int CursorHeaderFixed = 20;

    /// <summary>No record is longer: the largest event or the largest cursor move, with room for names and framing.</summary>
    public const int RecordBytesMax = Limits.EventBytesMax + (64 * 1024) + (4 * Limits.NameBytesMax * Limits.HeldKeysMax);

    public const int RecordBytesMin = FrameHead + CursorHeaderFixed + FrameTail;
    public const ushort NoText = 0xFFFF;
    public const long NoTime = long.MinValue;

    /// <summary>The length a record claims.</summary>
    public static int LengthOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record);

    /// <summary>Writes where and when the record stands, and its checksum, given the checksum of all before.</summary>
    public static uint Place(Span<byte> record, uint crcBefore, long position, long version, long recordedAt)
    {
        var tail = record[^FrameTail..];
        BinaryPrimitives.WriteInt64LittleEndian(tail, position);
        BinaryPrimitives.WriteInt64LittleEndian(tail[8..], version);
        BinaryPrimitives.WriteInt64LittleEndian(tail[16..], recordedAt);
        var crc = Crc32C.Append(crcBefore, tail[..PlacementBytes]);
        BinaryPrimitives.WriteUInt32LittleEndian(tail[PlacementBytes..], crc);
        return crc;
    }
}
