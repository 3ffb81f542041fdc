using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// The bytes of a run, format 1. A run is the index of one or more adjacent sealed segments; it is written once and never changed. All
/// numbers are little-endian; a <i>varint</i> has 7 bits a byte, lowest first; a position is counted from the run's first one (0 = that).
/// <code>
/// file     pages of 4,096 bytes: offsets · filter · body · fences · summaries · tail · footer (the last page)
/// page        0  4092  content, zeros behind it
///          4092     4  CRC-32C of nonce (8) · page number (4) · content
///
/// offsets  1,023 a page: where the record of each position begins in its segment file (4)
/// filter   63 blocks of 64 bytes a page: a key sets 8 bits in the block High × blocks / 2^64: by its Low seven times 9 bits, and the
///          lowest 9 bits of its High; bit n is bit n mod 64 of the block's word n / 64
/// body     entry pages and posting pages, mixed
/// entries     0     2  count n; 2 bytes of zeros
///             4    8n  High of each key, ascending
///                  8n  Low of each key
///                  2n  end of each payload, counted from where the payloads begin
///                      payloads
/// payload     0     1  kind (2 bits: 0 id, 1 stream, 2 label) · closed (1 bit) · form of the list (2 bits: 0 short, 1 leaf, 2 pages)
///             id:      varint position
///             stream:  varint first version · varint last - first version · list
///             label:   list
///             short:   varint count · varint first position · varint differences
///             leaf:    varint count · varint first · varint last - first · varint page · varint offset in the page
///             pages:   varint count · varint first · varint last - first · varint first leaf page · varint number of leaf pages;
///                      the directory follows the leaf pages: the first position of each (4), 1,023 a page
/// leaf        0     2  number of blocks b
///             2    7b  of each block: first position (4) · end of its bytes, counted from behind this table (2) · count - 1 (1)
///                      blocks: varint differences from each position to the next
/// fences   of each entry page in order: High of its first key (8) · page number (4)
/// summaries  of each segment: see SegmentSummary
/// tail     bytes of the caller
/// footer      0     8  "LFINDEX" and a zero
///             8     2  format; 2 bytes of zeros
///            12     4  number of pages
///            16    16  store id
///            32     8  nonce
///            40     8  first segment (4) · last segment (4)
///            48    16  first position (8) · number of positions (8)
///            64     8  number of keys
///            72    20  first page of filter, body, fences, summaries, tail (4 each); offsets begin at 0
///            92     4  filter blocks
///            96    12  bytes of fences (4), summaries (4), tail (4)
/// </code>
/// The rule of pages and the first 12 bytes of the footer are the same in every format, so that a newer one can be told from damage.
/// </summary>
internal static class RunFormat
{
    public const ushort Version = 1;
    public const int PageBytes = 4096;
    public const int ContentBytes = PageBytes - 4;

    public const int OffsetsPerPage = ContentBytes / 4;
    public const int FilterBlockBytes = 64;
    public const int FilterBlocksPerPage = ContentBytes / FilterBlockBytes;
    public const int FilterKeysPerBlock = 30;
    public const int FenceBytes = 12;

    public const int BlockPositions = 128;
    public const int ShortListMax = 32;
    public const int LeafTableBytes = 7;

    private const ulong Magic = 0x0058_4544_4e49_464c; // "LFINDEX\0"

    public enum EntryKind
    {
        Id = 0,
        Stream = 1,
        Label = 2,
    }

    public enum ListForm
    {
        Short = 0,
        Leaf = 1,
        Pages = 2,
    }

    public static long OffsetOf(uint page) => (long)page * PageBytes;

    public static uint PagesFor(long bytes) => (uint)((bytes + ContentBytes - 1) / ContentBytes);

    public static uint FilterBlocksFor(long keys) => (uint)((keys / FilterKeysPerBlock) + 1);

    public static uint FilterBlockOf(in IndexKey key, uint blocks) => (uint)Math.BigMul(key.High, blocks, out _);

    /// <summary>Sets the key's bits in its block.</summary>
    public static void Mark(in IndexKey key, Span<byte> block)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(block)[..8];
        var bits = key.Low;
        for (var i = 0; i < 7; i++, bits >>= 9)
            words[(int)(bits >> 6) & 7] |= 1UL << (int)(bits & 63);
        words[(int)(key.High >> 6) & 7] |= 1UL << (int)(key.High & 63);
    }

    /// <summary>Whether all of the key's bits are set in its block.</summary>
    public static bool IsMarked(in IndexKey key, ReadOnlySpan<byte> block)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(block)[..8];
        var bits = key.Low;
        for (var i = 0; i < 7; i++, bits >>= 9)
        {
            if ((words[(int)(bits >> 6) & 7] & (1UL << (int)(bits & 63))) == 0)
                return false;
        }

        return (words[(int)(key.High >> 6) & 7] & (1UL << (int)(key.High & 63))) != 0;
    }

    /// <summary>Puts the checksum behind a page's content.</summary>
    public static void Seal(Span<byte> page, ulong nonce, uint number) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page[ContentBytes..], Checksum(page[..ContentBytes], nonce, number));

    /// <summary>Whether a page is what was written there.</summary>
    public static bool IsSound(ReadOnlySpan<byte> page, ulong nonce, uint number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(page[ContentBytes..]) == Checksum(page[..ContentBytes], nonce, number);

    public static int WriteVarint(Span<byte> into, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            into[at++] = (byte)(value | 0x80);
        into[at++] = (byte)value;
        return at;
    }

    public static ulong ReadVarint(ReadOnlySpan<byte> from, ref int at)
    {
        ulong one = from[at++];
        if (one < 0x80)
            return one;
        var value = one & 0x7f;
        for (var shift = 7; ; shift += 7)
        {
            one = from[at++];
            value |= (one & 0x7f) << shift;
            if (one < 0x80)
                return value;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> content, ulong nonce, uint number)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(place, nonce);
        BinaryPrimitives.WriteUInt32LittleEndian(place[8..], number);
        return Crc32C.Append(Crc32C.Of(place), content);
    }

    /// <summary>The last page of a run.</summary>
    public readonly record struct Footer
    {
        public required uint Pages { get; init; }

        public required Guid StoreId { get; init; }

        public required RunName Name { get; init; }

        public required long FirstPosition { get; init; }

        public required long Count { get; init; }

        public required long Keys { get; init; }

        public required uint FilterPage { get; init; }

        public required uint BodyPage { get; init; }

        public required uint FencesPage { get; init; }

        public required uint SummariesPage { get; init; }

        public required uint TailPage { get; init; }

        public required uint FilterBlocks { get; init; }

        public required int FencesBytes { get; init; }

        public required int SummariesBytes { get; init; }

        public required int TailBytes { get; init; }

        /// <summary>The format, or 0 when this is no footer at all.</summary>
        public static ushort VersionOf(ReadOnlySpan<byte> page) =>
            BinaryPrimitives.ReadUInt64LittleEndian(page) == Magic ? BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) : (ushort)0;

        public static Footer Read(ReadOnlySpan<byte> page) => new()
        {
            Pages = BinaryPrimitives.ReadUInt32LittleEndian(page[12..]),
            StoreId = new Guid(page.Slice(16, 16), bigEndian: true),
            Name = new RunName(
                BinaryPrimitives.ReadInt32LittleEndian(page[40..]),
                BinaryPrimitives.ReadInt32LittleEndian(page[44..]),
                BinaryPrimitives.ReadUInt64LittleEndian(page[32..])),
            FirstPosition = BinaryPrimitives.ReadInt64LittleEndian(page[48..]),
            Count = BinaryPrimitives.ReadInt64LittleEndian(page[56..]),
            Keys = BinaryPrimitives.ReadInt64LittleEndian(page[64..]),
            FilterPage = BinaryPrimitives.ReadUInt32LittleEndian(page[72..]),
            BodyPage = BinaryPrimitives.ReadUInt32LittleEndian(page[76..]),
            FencesPage = BinaryPrimitives.ReadUInt32LittleEndian(page[80..]),
            SummariesPage = BinaryPrimitives.ReadUInt32LittleEndian(page[84..]),
            TailPage = BinaryPrimitives.ReadUInt32LittleEndian(page[88..]),
            FilterBlocks = BinaryPrimitives.ReadUInt32LittleEndian(page[92..]),
            FencesBytes = BinaryPrimitives.ReadInt32LittleEndian(page[96..]),
            SummariesBytes = BinaryPrimitives.ReadInt32LittleEndian(page[100..]),
            TailBytes = BinaryPrimitives.ReadInt32LittleEndian(page[104..]),
        };

        public void Write(Span<byte> page)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page, Magic);
            BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Version);
            BinaryPrimitives.WriteUInt32LittleEndian(page[12..], Pages);
            StoreId.TryWriteBytes(page[16..], bigEndian: true, out _);
            BinaryPrimitives.WriteUInt64LittleEndian(page[32..], Name.Nonce);
            BinaryPrimitives.WriteInt32LittleEndian(page[40..], Name.FirstSegment);
            BinaryPrimitives.WriteInt32LittleEndian(page[44..], Name.LastSegment);
            BinaryPrimitives.WriteInt64LittleEndian(page[48..], FirstPosition);
            BinaryPrimitives.WriteInt64LittleEndian(page[56..], Count);
            BinaryPrimitives.WriteInt64LittleEndian(page[64..], Keys);
            BinaryPrimitives.WriteUInt32LittleEndian(page[72..], FilterPage);
            BinaryPrimitives.WriteUInt32LittleEndian(page[76..], BodyPage);
            BinaryPrimitives.WriteUInt32LittleEndian(page[80..], FencesPage);
            BinaryPrimitives.WriteUInt32LittleEndian(page[84..], SummariesPage);
            BinaryPrimitives.WriteUInt32LittleEndian(page[88..], TailPage);
            BinaryPrimitives.WriteUInt32LittleEndian(page[92..], FilterBlocks);
            BinaryPrimitives.WriteInt32LittleEndian(page[96..], FencesBytes);
            BinaryPrimitives.WriteInt32LittleEndian(page[100..], SummariesBytes);
            BinaryPrimitives.WriteInt32LittleEndian(page[104..], TailBytes);
        }
    }
}
