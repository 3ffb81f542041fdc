using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Storage.Writing;

/// <summary>Names a cursor.</summary>
internal readonly record struct CursorName(string Tenant, string Consumer, int Partition);

/// <summary>
/// Where every cursor stands, as an immutable value: the writer makes the next one while it stages, readers see the last durable one. A
/// sealed segment's run carries it as bytes, so that a restart finds each at once.
/// <code>
/// count(4), then for each: tenant, consumer: length(2) ‖ UTF-8; partition(4); position(8); held keys: count(2), each length(2) ‖ UTF-8
/// </code>
/// </summary>
internal sealed class CursorTable
{
    private readonly ImmutableDictionary<CursorName, Cursor> _cursors;

    private CursorTable(ImmutableDictionary<CursorName, Cursor> cursors) => _cursors = cursors;

    public static CursorTable Empty { get; } = new(ImmutableDictionary<CursorName, Cursor>.Empty);

    public IEnumerable<KeyValuePair<CursorName, Cursor>> All => _cursors;

    /// <summary>Where a cursor stands.</summary>
    public Cursor this[CursorName name] => _cursors.GetValueOrDefault(name, Cursor.None);

    /// <summary>The table after a move.</summary>
    public CursorTable With(CursorName name, CursorMove move) =>
        new(_cursors.SetItem(name, new Cursor(move.Next, move.HeldKeys.IsDefault ? [] : move.HeldKeys)));

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(_cursors.Count);
        foreach (var (name, cursor) in _cursors.OrderBy(pair => pair.Key.Tenant, StringComparer.Ordinal)
                     .ThenBy(pair => pair.Key.Consumer, StringComparer.Ordinal).ThenBy(pair => pair.Key.Partition))
        {
            WriteText(writer, name.Tenant);
            WriteText(writer, name.Consumer);
            writer.Write(name.Partition);
            writer.Write(cursor.Position);
            writer.Write((ushort)cursor.HeldKeys.Length);
            foreach (var key in cursor.HeldKeys)
                WriteText(writer, key);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static CursorTable FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return Empty;
        var cursors = ImmutableDictionary.CreateBuilder<CursorName, Cursor>();
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[4..];
        for (var c = 0; c < count; c++)
        {
            var tenant = TakeText(ref bytes);
            var consumer = TakeText(ref bytes);
            var partition = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            var position = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
            var keys = new string[BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..])];
            bytes = bytes[14..];
            for (var k = 0; k < keys.Length; k++)
                keys[k] = TakeText(ref bytes);
            cursors.Add(new CursorName(tenant, consumer, partition), new Cursor(position, [.. keys]));
        }

        return new CursorTable(cursors.ToImmutable());
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ushort)bytes.Length);
        writer.Write(bytes);
    }

    private static string TakeText(ref ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        var text = Encoding.UTF8.GetString(bytes.Slice(2, length));
        bytes = bytes[(2 + length)..];
        return text;
    }
}
