using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The bytes of a table, format 1: entries in the order of their keys, written once and never changed. All numbers are little-endian; a
/// <i>varint</i> has 7 bits a byte, lowest first; pages and their checksums are those of <see cref="RunFormat"/>.
/// <code>
/// file       stretches · tops · census · footer (the last page)
/// stretch    large values and entry pages, mixed, then one filter page, then one fence page
/// entries       0     2  count n; 2 bytes reserved, 0
///               4    2n  where each entry begins, keys ascending
///                        entries: varint key bytes · varint (value bytes × 4 + form) · key, then by the form:
///                        0 value · 1 nothing, it is a removal · 2 first page of the large value (4)
/// large         the value in as many pages as it needs, one behind the other
/// filter        63 blocks of 64 bytes; what a key sets there: see Mark; an index entry sets the same for its key up to the value
/// fences        as entries: the first key of every entry page of the stretch, with its page (4) as value
/// tops       of each stretch: filter page (4) · fence page (4) · key bytes (2) · first key
/// census     of each fold in the table: number (4) · bytes of its entries (8)
/// footer        0     8  "LFFOLDTB"
///               8     2  format; 2 bytes reserved, 0
///              12     4  number of pages
///              16    16  store id
///              32     8  nonce, which is the file's name too
///              40     8  number of entries
///              48     8  first page of tops (4) · bytes of tops (4)
///              56     8  first page of census (4) · bytes of census (4)
///              64    64  reserved, 0
/// </code>
/// </summary>
internal static class TableFormat
{
    public const ushort Version = 1;
    public const int ContentBytes = RunFormat.ContentBytes;
    public const int LargeFrom = 1025;
    public const int StretchKeys = 1600;
    public const int CensusBytes = 12;

    private const ulong Magic = 0x4254_444C_4F46_464C; // "LFFOLDTB"

    public enum Form
    {
        Inline = 0,
        Removal = 1,
        Large = 2,
    }

    public static string NameOf(ulong nonce) => $"table-{nonce:x16}";

    /// <summary>The hash by which the filter knows a key: part of the format.</summary>
    public static IndexKey HashOf(ReadOnlySpan<byte> key)
    {
        const ulong first = 0x9E3779B97F4A7C15, second = 0xC2B2AE3D27D4EB4F;
        ulong high = (ulong)key.Length * second, low = first;
        var words = MemoryMarshal.Cast<byte, ulong>(key);
        foreach (var word in words)
            (high, low) = Mix(high, low, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        Span<byte> rest = stackalloc byte[sizeof(ulong)];
        rest.Clear();
        key[(words.Length * sizeof(ulong))..].CopyTo(rest);
        (high, low) = Mix(high, low, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        high ^= high >> 32;
        low ^= low >> 29;
        return new IndexKey((high * first) ^ BitOperations.RotateLeft(low, 32), (low * second) ^ (high >> 15));

        static (ulong, ulong) Mix(ulong high, ulong low, ulong word) => (
            BitOperations.RotateLeft((high ^ word) * 0x9FB21C651E98DF25, 31) + low,
            (BitOperations.RotateLeft(low ^ word, 27) * 0xD6E8FEB86659FD93) + 0x52DCE729);
    }

    public static void Mark(in IndexKey key, Span<byte> filter) =>
        RunFormat.Mark(key, filter.Slice(BlockOf(key), RunFormat.FilterBlockBytes));

    public static bool IsMarked(in IndexKey key, ReadOnlySpan<byte> filter) =>
        RunFormat.IsMarked(key, filter.Slice(BlockOf(key), RunFormat.FilterBlockBytes));

    private static int BlockOf(in IndexKey key) =>
        (int)RunFormat.FilterBlockOf(key, RunFormat.FilterBlocksPerPage) * RunFormat.FilterBlockBytes;

    /// <summary>The last page of a table.</summary>
    public readonly record struct Footer
    {
        public required uint Pages { get; init; }

        public required Guid StoreId { get; init; }

        public required ulong Nonce { get; init; }

        public required long Entries { get; init; }

        public required uint TopsPage { get; init; }

        public required int TopsBytes { get; init; }

        public required uint CensusPage { get; init; }

        public required int CensusBytes { get; init; }

        /// <summary>The format, or 0 when this is no footer at all.</summary>
        public static ushort VersionOf(ReadOnlySpan<byte> page) =>
            BinaryPrimitives.ReadUInt64LittleEndian(page) == Magic ? BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) : (ushort)0;

        public static Footer Read(ReadOnlySpan<byte> page) => new()
        {
            Pages = BinaryPrimitives.ReadUInt32LittleEndian(page[12..]),
            StoreId = new Guid(page.Slice(16, 16), bigEndian: true),
            Nonce = BinaryPrimitives.ReadUInt64LittleEndian(page[32..]),
            Entries = BinaryPrimitives.ReadInt64LittleEndian(page[40..]),
            TopsPage = BinaryPrimitives.ReadUInt32LittleEndian(page[48..]),
            TopsBytes = BinaryPrimitives.ReadInt32LittleEndian(page[52..]),
            CensusPage = BinaryPrimitives.ReadUInt32LittleEndian(page[56..]),
            CensusBytes = BinaryPrimitives.ReadInt32LittleEndian(page[60..]),
        };

        public void Write(Span<byte> page)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page, Magic);
            BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Version);
            BinaryPrimitives.WriteUInt32LittleEndian(page[12..], Pages);
            StoreId.TryWriteBytes(page[16..], bigEndian: true, out _);
            BinaryPrimitives.WriteUInt64LittleEndian(page[32..], Nonce);
            BinaryPrimitives.WriteInt64LittleEndian(page[40..], Entries);
            BinaryPrimitives.WriteUInt32LittleEndian(page[48..], TopsPage);
            BinaryPrimitives.WriteInt32LittleEndian(page[52..], TopsBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(page[56..], CensusPage);
            BinaryPrimitives.WriteInt32LittleEndian(page[60..], CensusBytes);
        }
    }
}
