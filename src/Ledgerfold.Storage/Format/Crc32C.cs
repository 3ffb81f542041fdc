using System.Buffers.Binary;
using System.Numerics;

namespace Ledgerfold.Storage.Format;

/// <summary>
/// CRC-32C (Castagnoli) by the processor's own instruction; can be continued over several spans. The instruction takes three cycles and a
/// new one can begin in each, so that long spans are summed in three lanes at once, and what the lanes give is put together.
/// </summary>
internal static class Crc32C
{
    private const int LaneBytes = 1360; // three of them are a page but for its checksum and one word
    private const uint Polynomial = 0x82F63B78; // reflected

    // What a checksum becomes by as many zero bytes as a lane is long, byte by byte of the checksum: it is linear.
    private static readonly uint[] ByZeros = MakeByZeros();

    /// <summary>The checksum of the bytes alone.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of what <paramref name="crc"/> stands for, followed by the bytes.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= 3 * LaneBytes; bytes = bytes[(3 * LaneBytes)..])
            crc = AppendLanes(crc, bytes[..(3 * LaneBytes)]);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    private static uint AppendLanes(uint crc, ReadOnlySpan<byte> bytes)
    {
        var first = bytes[..LaneBytes];
        var second = bytes.Slice(LaneBytes, LaneBytes);
        var third = bytes.Slice(2 * LaneBytes, LaneBytes);
        var (crcOfSecond, crcOfThird) = (0u, 0u);
        for (var at = 0; at < LaneBytes; at += sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(first[at..]));
            crcOfSecond = BitOperations.Crc32C(crcOfSecond, BinaryPrimitives.ReadUInt64LittleEndian(second[at..]));
            crcOfThird = BitOperations.Crc32C(crcOfThird, BinaryPrimitives.ReadUInt64LittleEndian(third[at..]));
        }

        return AfterZeros(AfterZeros(crc) ^ crcOfSecond) ^ crcOfThird;
    }

    private static uint AfterZeros(uint crc) =>
        ByZeros[(byte)crc] ^ ByZeros[256 + (byte)(crc >> 8)] ^ ByZeros[512 + (byte)(crc >> 16)] ^ ByZeros[768 + (crc >> 24)];

    private static uint[] MakeByZeros()
    {
        Span<uint> ofBit = stackalloc uint[32];
        for (var bit = 0; bit < ofBit.Length; bit++)
        {
            var crc = 1u << bit;
            for (var zeros = 0; zeros < LaneBytes * 8; zeros++)
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            ofBit[bit] = crc;
        }

        var table = new uint[4 * 256];
        for (var entry = 0; entry < table.Length; entry++)
        {
            for (var bit = 0; bit < 8; bit++)
                table[entry] ^= (uint)(entry >> bit & 1) * ofBit[(entry / 256 * 8) + bit];
        }

        return table;
    }
}
