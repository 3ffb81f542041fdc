using System.Collections.Immutable;
using System.Text;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The bytes of a row. Its index entries stand in front of its data, so that whoever replaces it knows what to remove.
/// <code>
/// varint   number of index entries n
/// n ×      flags (1: 1 unique) · varint length · index · varint length · value
/// rest     data
/// </code>
/// </summary>
internal static class RowFormat
{
    private const byte Unique = 1;

    /// <summary>More bytes than the row takes.</summary>
    public static int BytesFor(FoldRow row)
    {
        var size = 5 + row.Data.Length;
        foreach (var entry in row.Indexes.IsDefault ? [] : row.Indexes)
            size += 11 + Encoding.UTF8.GetByteCount(entry.Index) + Encoding.UTF8.GetByteCount(entry.Value);
        return size;
    }

    public static int Write(Span<byte> into, FoldRow row)
    {
        var entries = row.Indexes.IsDefault ? [] : row.Indexes;
        var at = RunFormat.WriteVarint(into, (ulong)entries.Length);
        foreach (var entry in entries)
        {
            into[at++] = entry.Unique ? Unique : (byte)0;
            at = WriteText(into, at, entry.Index);
            at = WriteText(into, at, entry.Value);
        }

        row.Data.Span.CopyTo(into[at..]);
        return at + row.Data.Length;
    }

    public static FoldRow Read(string tenant, string key, ReadOnlySpan<byte> value)
    {
        var entries = ReadEntries(value, out var at);
        return new FoldRow { Tenant = tenant, Key = key, Data = value[at..].ToArray(), Indexes = entries };
    }

    public static ImmutableArray<FoldIndexEntry> ReadEntries(ReadOnlySpan<byte> value, out int at)
    {
        at = 0;
        var count = (int)RunFormat.ReadVarint(value, ref at);
        if (count == 0)
            return [];
        var entries = ImmutableArray.CreateBuilder<FoldIndexEntry>(count);
        for (var e = 0; e < count; e++)
        {
            var flags = value[at++];
            var index = ReadText(value, ref at);
            entries.Add(new FoldIndexEntry(index, ReadText(value, ref at), (flags & Unique) != 0));
        }

        return entries.MoveToImmutable();
    }

    private static int WriteText(Span<byte> into, int at, string text)
    {
        at += RunFormat.WriteVarint(into[at..], (ulong)Encoding.UTF8.GetByteCount(text));
        return at + Encoding.UTF8.GetBytes(text, into[at..]);
    }

    private static string ReadText(ReadOnlySpan<byte> from, ref int at)
    {
        var length = (int)RunFormat.ReadVarint(from, ref at);
        at += length;
        return Encoding.UTF8.GetString(from.Slice(at - length, length));
    }
}
