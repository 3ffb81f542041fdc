using System.Buffers.Binary;
using System.Text;

namespace Ledgerfold.Storage.Format;

/// <summary>Lays records out up to their placement, on the caller's thread; hashing them is done for many at once.</summary>
internal static class RecordEncoder
{
    /// <summary>No record of this event is longer.</summary>
    public static int SizeMax(string tenant, string stream, NewEvent item)
    {
        var size = RecordFormat.FrameHead + RecordFormat.EventHeaderFixed + RecordFormat.SaltBytes + RecordFormat.FrameTail + 64
            + item.Data.Length
            + (3 * (tenant.Length + stream.Length + item.Type.Length + item.ContentType.Length + Length(item.CorrelationId)
                + Length(item.CausationId) + Length(item.Actor) + Length(item.TraceParent)));
        foreach (var tag in item.Tags.IsDefault ? [] : item.Tags)
            size += 2 + (3 * tag.Length);
        foreach (var (name, value) in item.Headers.IsDefault ? [] : item.Headers)
            size += 6 + (3 * (name.Length + value.Length));
        return size;

        static int Length(string? text) => text?.Length ?? 0;
    }

    /// <summary>No record of this cursor move is longer.</summary>
    public static int SizeMax(string tenant, CursorMove move)
    {
        var size = RecordFormat.FrameHead + RecordFormat.CursorHeaderFixed + RecordFormat.FrameTail + 16
            + (3 * (tenant.Length + move.Consumer.Length));
        foreach (var key in move.HeldKeys.IsDefault ? [] : move.HeldKeys)
            size += 2 + (3 * key.Length);
        return size;
    }

    /// <summary>Lays an event out, all but the payload's digest, and answers the record's length.</summary>
    public static int Lay(
        Span<byte> into, string tenant, string stream, NewEvent item, int appendIndex, bool closes, ReadOnlySpan<byte> salt)
    {
        var header = into[RecordFormat.FrameHead..];
        header[..RecordFormat.EventHeaderFixed].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)appendIndex);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], item.SchemaVersion);
        header[12] = closes ? RecordFormat.MarkCloses : (byte)0;
        item.Id.TryWriteBytes(header[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(
            header[32..], item.EffectiveAt is { } time ? Times.ToMicros(time) : RecordFormat.NoTime);
        var headerLength = RecordFormat.EventHeaderFixed;
        headerLength += PutText(header[headerLength..], tenant);
        headerLength += PutText(header[headerLength..], stream);
        headerLength += PutText(header[headerLength..], item.Type);
        headerLength += PutText(header[headerLength..], item.ContentType);
        headerLength += PutText(header[headerLength..], item.CorrelationId);
        headerLength += PutText(header[headerLength..], item.CausationId);
        headerLength += PutText(header[headerLength..], item.Actor);
        headerLength += PutText(header[headerLength..], item.TraceParent);
        var tags = item.Tags.IsDefault ? [] : item.Tags;
        header[headerLength++] = (byte)tags.Length;
        foreach (var tag in tags)
            headerLength += PutText(header[headerLength..], tag);
        return Frame(into, RecordFormat.KindEvent, headerLength, EncodePayload(header[headerLength..], item, salt));
    }

    /// <summary>Lays a cursor move out, whose record has no payload, and answers the record's length.</summary>
    public static int Lay(Span<byte> into, string tenant, CursorMove move)
    {
        var header = into[RecordFormat.FrameHead..];
        BinaryPrimitives.WriteInt64LittleEndian(header, move.Expected);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], move.Next);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], move.Partition);
        var headerLength = RecordFormat.CursorHeaderFixed;
        headerLength += PutText(header[headerLength..], tenant);
        headerLength += PutText(header[headerLength..], move.Consumer);
        var keys = move.HeldKeys.IsDefault ? [] : move.HeldKeys;
        BinaryPrimitives.WriteUInt16LittleEndian(header[headerLength..], (ushort)keys.Length);
        headerLength += 2;
        foreach (var key in keys)
            headerLength += PutText(header[headerLength..], key);
        return Frame(into, RecordFormat.KindCursor, headerLength, 0);
    }

    /// <summary>The payload of a record just laid out, counted from the start of the record.</summary>
    public static HashedRange PayloadOf(ReadOnlySpan<byte> record)
    {
        var start = RecordFormat.FrameHead + HeaderLengthOf(record);
        return new HashedRange(start, record.Length - RecordFormat.FrameTail - start);
    }

    /// <summary>What the leaf of a record just laid out is the hash of, counted from the start of the record.</summary>
    public static HashedRange LeafInputOf(ReadOnlySpan<byte> record) =>
        new(RecordFormat.LeafPrefixAt, RecordFormat.FrameHead - RecordFormat.LeafPrefixAt + HeaderLengthOf(record));

    /// <summary>The checksum of all of a finished record before its placement.</summary>
    public static uint CrcBeforePlacement(ReadOnlySpan<byte> record) => Crc32C.Of(record[..^RecordFormat.FrameTail]);

    /// <summary>The names in a record just encoded.</summary>
    public static EventNames NamesOf(ReadOnlySpan<byte> record) =>
        new(record.Slice(
            RecordFormat.FrameHead + RecordFormat.EventHeaderFixed,
            HeaderLengthOf(record) - RecordFormat.EventHeaderFixed));

    private static int EncodePayload(Span<byte> payload, NewEvent item, ReadOnlySpan<byte> salt)
    {
        salt.CopyTo(payload);
        var length = RecordFormat.SaltBytes;
        var headers = item.Headers.IsDefault ? [] : item.Headers;
        BinaryPrimitives.WriteUInt16LittleEndian(payload[length..], (ushort)headers.Length);
        length += 2;
        foreach (var (name, value) in headers)
        {
            length += PutText(payload[length..], name);
            var bytes = Encoding.UTF8.GetBytes(value, payload[(length + 4)..]);
            BinaryPrimitives.WriteInt32LittleEndian(payload[length..], bytes);
            length += 4 + bytes;
        }

        item.Data.Span.CopyTo(payload[length..]);
        return length + item.Data.Length;
    }

    private static int Frame(Span<byte> record, byte kind, int headerLength, int payloadLength)
    {
        var length = RecordFormat.FrameHead + headerLength + payloadLength + RecordFormat.FrameTail;
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        record[4] = kind;
        record[5] = 0;
        record[6] = 0;
        record[7] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], headerLength);
        return length;
    }

    private static int HeaderLengthOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32LittleEndian(record[8..]);

    private static int PutText(Span<byte> into, string? text)
    {
        if (text is null)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(into, RecordFormat.NoText);
            return 2;
        }

        var length = Encoding.UTF8.GetBytes(text, into[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(into, (ushort)length);
        return 2 + length;
    }
}
