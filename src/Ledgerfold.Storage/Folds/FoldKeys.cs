using System.Buffers.Binary;
using System.Text;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// How folds lie in one ordered space of byte keys. A fold has a number instead of its name there, given out once and never again, so that
/// what a dropped fold left is told from what its successor wrote. Names hold no byte 0, which ends them and stands before all of them.
/// <code>
/// 'C' name 0 version (4)                           number (4) · position (8) · flags (1)
/// 'N'                                              the next number (4)
/// 'R' number (4) tenant 0 key                      a row: see RowFormat
/// 'X' number (4) tenant 0 index 0 value 0 key      flags (1: 1 unique)
/// </code>
/// The flags of a fold: 1 has indexes, 2 has unique values among them, 4 has those in the platform's tenants only. Numbers in keys are
/// big-endian, so that they stand in their order; in values little-endian.
/// </summary>
internal static class FoldKeys
{
    public const byte Catalogue = (byte)'C';
    public const byte NextNumber = (byte)'N';
    public const byte Row = (byte)'R';
    public const byte Index = (byte)'X';

    public const int NumberOffset = 1;
    public const int TenantOffset = 5;
    public const int BytesMax = TenantOffset + (4 * (Limits.NameBytesMax + 1));
    public const int CatalogueValueBytes = 13;

    public static int WriteRow(Span<byte> into, uint fold, string tenant, string key)
    {
        var at = WriteTenant(into, Row, fold, tenant);
        return at + Encoding.UTF8.GetBytes(key, into[at..]);
    }

    /// <summary>Where the rows of a tenant begin; with 1 added to the last byte, where they end.</summary>
    public static int WriteTenant(Span<byte> into, byte kind, uint fold, string tenant)
    {
        into[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(into[NumberOffset..], fold);
        return WriteName(into, TenantOffset, tenant);
    }

    /// <summary>Where rows begin that stand behind all of a tenant's; with none, where any do.</summary>
    public static int WriteRowsBehind(Span<byte> into, uint fold, string tenant)
    {
        if (tenant.Length == 0)
            return WriteTenant(into, Row, fold, tenant) - 1;
        var end = WriteTenant(into, Row, fold, tenant);
        into[end - 1]++;
        return end;
    }

    /// <summary>Whether a key is that of a row of the fold.</summary>
    public static bool IsRowOf(ReadOnlySpan<byte> key, uint fold) => key[0] == Row && NumberOf(key) == fold;

    /// <summary>Whose row it is.</summary>
    public static string TenantOf(ReadOnlySpan<byte> row)
    {
        var names = row[TenantOffset..];
        return Encoding.UTF8.GetString(names[..names.IndexOf((byte)0)]);
    }

    /// <summary>Writes a name and the 0 that ends it.</summary>
    public static int WriteName(Span<byte> into, int at, string name)
    {
        at += Encoding.UTF8.GetBytes(name, into[at..]);
        into[at++] = 0;
        return at;
    }

    /// <summary>Where the holders of a value begin.</summary>
    public static int WriteValue(Span<byte> into, uint fold, string tenant, string index, string value)
    {
        var at = WriteTenant(into, Index, fold, tenant);
        at = WriteName(into, at, index);
        return WriteName(into, at, value);
    }

    public static byte[] OfIndex(uint fold, string tenant, FoldIndexEntry entry, string key)
    {
        Span<byte> bytes = stackalloc byte[BytesMax];
        var at = WriteValue(bytes, fold, tenant, entry.Index, entry.Value);
        at += Encoding.UTF8.GetBytes(key, bytes[at..]);
        return bytes[..at].ToArray();
    }

    public static byte[] OfRow(uint fold, string tenant, string key)
    {
        Span<byte> bytes = stackalloc byte[BytesMax];
        return bytes[..WriteRow(bytes, fold, tenant, key)].ToArray();
    }

    public static byte[] OfFold(FoldName fold)
    {
        var name = Encoding.UTF8.GetBytes(fold.Name);
        var bytes = new byte[1 + name.Length + 1 + sizeof(int)];
        bytes[0] = Catalogue;
        name.CopyTo(bytes, 1);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(name.Length + 2), fold.Version);
        return bytes;
    }

    public static FoldName FoldOf(ReadOnlySpan<byte> key) =>
        new(Encoding.UTF8.GetString(key[1..^5]), BinaryPrimitives.ReadInt32BigEndian(key[^4..]));

    /// <summary>The number of the fold that a row or an index entry belongs to; 0 for anything else.</summary>
    public static uint NumberOf(ReadOnlySpan<byte> key) =>
        key[0] is Row or Index ? BinaryPrimitives.ReadUInt32BigEndian(key[NumberOffset..]) : 0;

    /// <summary>How much of an index entry's key names the value; what follows names the row.</summary>
    public static int ValueBytesOf(ReadOnlySpan<byte> key)
    {
        var at = TenantOffset;
        for (var names = 0; names < 3; names++)
            at += key[at..].IndexOf((byte)0) + 1;
        return at;
    }

    /// <summary>Whether rows or index entries of a fold may stand from one key up to another, empty for no end.</summary>
    public static bool MayHold(uint fold, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        Span<byte> start = stackalloc byte[TenantOffset];
        BinaryPrimitives.WriteUInt32BigEndian(start[NumberOffset..], fold);
        start[0] = Row;
        if (MayBegin(start, from, to))
            return true;
        start[0] = Index;
        return MayBegin(start, from, to);
    }

    /// <summary>Whether keys with this beginning may stand from one key up to another, empty for no end.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> start, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        (from.StartsWith(start) || from.SequenceCompareTo(start) < 0) && (to.IsEmpty || start.SequenceCompareTo(to) < 0);

    public static byte[] CatalogueValue(FoldEntry entry)
    {
        var bytes = new byte[CatalogueValueBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, entry.Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), entry.Position);
        bytes[12] = (byte)((entry.HasIndexes ? 1 : 0) | (entry.Unique == UniqueValues.None ? 0 : 2)
            | (entry.Unique == UniqueValues.OfPlatform ? 4 : 0));
        return bytes;
    }

    public static FoldEntry CatalogueEntry(ReadOnlySpan<byte> value) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(value),
        BinaryPrimitives.ReadInt64LittleEndian(value[4..]),
        (value[12] & 1) != 0,
        (value[12] & 2) == 0 ? UniqueValues.None : (value[12] & 4) == 0 ? UniqueValues.OfAnybody : UniqueValues.OfPlatform);
}
