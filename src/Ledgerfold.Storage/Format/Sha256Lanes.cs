using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Ledgerfold.Storage.Format;

/// <summary>A message to hash: where it stands in a buffer.</summary>
internal readonly record struct HashedRange(int Offset, int Length);

/// <summary>
/// SHA-256 (FIPS 180-4) of many short messages at once, eight in the lanes of a vector. The framework's call costs a microsecond before its
/// first byte, which for three hashes an event would be more than everything else together; here a block of a message costs a twentieth
/// of that. Few messages, or a processor without such vectors, take the framework's way. The results are the same, which a test checks.
/// </summary>
internal static class Sha256Lanes
{
    public const int DigestBytes = 32;
    public const int Lanes = 8;

    /// <summary>So many messages at least go through the lanes.</summary>
    public const int WorthIt = 3;

    private const int BlockBytes = 64;
    private const int TailBytes = 2 * BlockBytes;

    private static readonly uint[] RoundConstants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    private static readonly uint[] InitialState =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    /// <summary>Hashes each of the messages; the digests follow one another in their order.</summary>
    public static void Hash(ReadOnlySpan<byte> source, ReadOnlySpan<HashedRange> messages, Span<byte> digests)
    {
        if (Avx2.IsSupported)
        {
            while (messages.Length >= WorthIt)
            {
                var count = Math.Min(Lanes, messages.Length);
                HashLanes(source, messages[..count], digests);
                messages = messages[count..];
                digests = digests[(count * DigestBytes)..];
            }
        }

        for (var m = 0; m < messages.Length; m++)
            SHA256.HashData(source.Slice(messages[m].Offset, messages[m].Length), digests.Slice(m * DigestBytes, DigestBytes));
    }

    [SkipLocalsInit]
    private static void HashLanes(ReadOnlySpan<byte> source, ReadOnlySpan<HashedRange> messages, Span<byte> digests)
    {
        Span<byte> tails = stackalloc byte[Lanes * TailBytes];
        Span<int> blocks = stackalloc int[Lanes];
        var most = 0;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var message = messages[Math.Min(lane, messages.Length - 1)]; // spare lanes repeat the last message
            blocks[lane] = PadTail(source.Slice(message.Offset, message.Length), tails.Slice(lane * TailBytes, TailBytes));
            most = Math.Max(most, blocks[lane]);
        }

        Span<Vector256<uint>> state = stackalloc Vector256<uint>[8];
        for (var word = 0; word < 8; word++)
            state[word] = Vector256.Create(InitialState[word]);
        Span<Vector256<uint>> schedule = stackalloc Vector256<uint>[64];
        for (var block = 0; block < most; block++)
        {
            LoadBlock(source, messages, tails, blocks, block, schedule);
            Compress(state, schedule);
            for (var lane = 0; lane < messages.Length; lane++)
            {
                if (block == blocks[lane] - 1)
                    Extract(state, lane, digests.Slice(lane * DigestBytes, DigestBytes));
            }
        }
    }

    /// <summary>Copies what does not fill a block, pads it, and answers how many blocks the message makes.</summary>
    private static int PadTail(ReadOnlySpan<byte> message, Span<byte> tail)
    {
        var rest = message.Length % BlockBytes;
        var tailBlocks = rest < BlockBytes - 8 ? 1 : 2;
        tail.Clear();
        message[^rest..].CopyTo(tail);
        tail[rest] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(tail[((tailBlocks * BlockBytes) - 8)..], (ulong)message.Length * 8);
        return (message.Length / BlockBytes) + tailBlocks;
    }

    /// <summary>The next block of every message, word by word: the first sixteen words of the schedule.</summary>
    private static void LoadBlock(
        ReadOnlySpan<byte> source, ReadOnlySpan<HashedRange> messages, ReadOnlySpan<byte> tails, ReadOnlySpan<int> blocks, int block,
        Span<Vector256<uint>> schedule)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            var message = messages[Math.Min(lane, messages.Length - 1)];
            var whole = message.Length / BlockBytes;
            var bytes = block < whole
                ? source.Slice(message.Offset + (block * BlockBytes), BlockBytes)
                : tails.Slice((lane * TailBytes) + (Math.Min(block, blocks[lane] - 1) - whole) * BlockBytes, BlockBytes);
            schedule[lane] = BigEndian(bytes);
            schedule[Lanes + lane] = BigEndian(bytes[(BlockBytes / 2)..]);
        }

        Transpose(schedule[..Lanes]);
        Transpose(schedule[Lanes..]);
    }

    private static Vector256<uint> BigEndian(ReadOnlySpan<byte> bytes) =>
        Avx2.Shuffle(Vector256.Create(bytes), Vector256.Create(
            (byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)).AsUInt32();

    /// <summary>Makes rows of eight words, one for each lane, into columns.</summary>
    private static void Transpose(Span<Vector256<uint>> rows)
    {
        TransposeHalf(rows);
        TransposeHalf(rows[4..]);
        for (var word = 0; word < 4; word++)
        {
            var (low, high) = (rows[word], rows[word + 4]);
            rows[word] = Avx2.Permute2x128(low, high, 0x20);
            rows[word + 4] = Avx2.Permute2x128(low, high, 0x31);
        }
    }

    /// <summary>Of four rows: word n of all in the lower half of row n, word n + 4 in its upper half.</summary>
    private static void TransposeHalf(Span<Vector256<uint>> rows)
    {
        var low01 = Avx2.UnpackLow(rows[0], rows[1]).AsUInt64();
        var high01 = Avx2.UnpackHigh(rows[0], rows[1]).AsUInt64();
        var low23 = Avx2.UnpackLow(rows[2], rows[3]).AsUInt64();
        var high23 = Avx2.UnpackHigh(rows[2], rows[3]).AsUInt64();
        rows[0] = Avx2.UnpackLow(low01, low23).AsUInt32();
        rows[1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
        rows[2] = Avx2.UnpackLow(high01, high23).AsUInt32();
        rows[3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    private static void Compress(Span<Vector256<uint>> state, Span<Vector256<uint>> schedule)
    {
        for (var t = 16; t < 64; t++)
        {
            var before15 = schedule[t - 15];
            var before2 = schedule[t - 2];
            var small0 = Rotate(before15, 7) ^ Rotate(before15, 18) ^ (before15 >>> 3);
            var small1 = Rotate(before2, 17) ^ Rotate(before2, 19) ^ (before2 >>> 10);
            schedule[t] = schedule[t - 16] + small0 + schedule[t - 7] + small1;
        }

        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        for (var t = 0; t < 64; t++)
        {
            var large1 = Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25);
            var chosen = g ^ (e & (f ^ g));
            var first = h + large1 + chosen + Vector256.Create(RoundConstants[t]) + schedule[t];
            var large0 = Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22);
            var majority = (a & b) | (c & (a | b));
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + large0 + majority;
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, [ConstantExpected] byte bits) => Avx512F.VL.IsSupported
        ? Avx512F.VL.RotateRight(value, bits)
        : (value >>> bits) | (value << (32 - bits));

    private static void Extract(ReadOnlySpan<Vector256<uint>> state, int lane, Span<byte> digest)
    {
        for (var word = 0; word < 8; word++)
            BinaryPrimitives.WriteUInt32BigEndian(digest[(word * 4)..], state[word].GetElement(lane));
    }
}
