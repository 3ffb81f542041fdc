using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Makes index keys: SipHash-2-4 with 128 bits of output under the store's secret, over
/// <c>kind (1) · length of the tenant (2, little-endian) · tenant · value</c>, so that no two different things are hashed from the same
/// bytes. Immutable; any thread; allocates nothing.
/// </summary>
internal sealed class KeyHasher
{
    public const int SecretBytes = 16;

    private const int StackBytes = 3 + (2 * Limits.NameBytesMax) + 16;

    private readonly ulong _secret0;
    private readonly ulong _secret1;

    public KeyHasher(ReadOnlySpan<byte> secret16)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret16.Length, SecretBytes);
        _secret0 = BinaryPrimitives.ReadUInt64LittleEndian(secret16);
        _secret1 = BinaryPrimitives.ReadUInt64LittleEndian(secret16[8..]);
    }

    private enum Kind : byte
    {
        Id = 1,
        Stream = 2,
        Category = 3,
        Type = 4,
        Tag = 5,
        Platform = 6,
        Ordinary = 7,
    }

    public IndexKey OfId(ReadOnlySpan<byte> tenant, Guid id)
    {
        Span<byte> value = stackalloc byte[16];
        id.TryWriteBytes(value, bigEndian: true, out _);
        return Of(Kind.Id, tenant, value);
    }

    public IndexKey OfStream(ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> stream) => Of(Kind.Stream, tenant, stream);

    public IndexKey OfCategory(ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> category) => Of(Kind.Category, tenant, category);

    public IndexKey OfType(ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> type) => Of(Kind.Type, tenant, type);

    /// <summary>The key of a tag <c>name:value</c>; a correlation id has that of the tag <c>correlation:…</c>.</summary>
    public IndexKey OfTag(ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> tag) => Of(Kind.Tag, tenant, tag);

    /// <summary>The key of every event of the tenant in a <c>$…</c> category.</summary>
    public IndexKey OfPlatform(ReadOnlySpan<byte> tenant) => Of(Kind.Platform, tenant, default);

    /// <summary>The key of every event of the tenant outside the <c>$…</c> categories: what a query without keys asks for.</summary>
    public IndexKey OfOrdinary(ReadOnlySpan<byte> tenant) => Of(Kind.Ordinary, tenant, default);

    public IndexKey OfId(string tenant, Guid id)
    {
        Span<byte> value = stackalloc byte[16];
        id.TryWriteBytes(value, bigEndian: true, out _);
        return Of(Kind.Id, tenant, value);
    }

    public IndexKey OfStream(string tenant, ReadOnlySpan<char> stream) => Of(Kind.Stream, tenant, stream);

    public IndexKey OfCategory(string tenant, ReadOnlySpan<char> category) => Of(Kind.Category, tenant, category);

    public IndexKey OfType(string tenant, ReadOnlySpan<char> type) => Of(Kind.Type, tenant, type);

    public IndexKey OfTag(string tenant, ReadOnlySpan<char> tag) => Of(Kind.Tag, tenant, tag);

    public IndexKey OfPlatform(string tenant) => Of(Kind.Platform, tenant, ReadOnlySpan<byte>.Empty);

    public IndexKey OfOrdinary(string tenant) => Of(Kind.Ordinary, tenant, ReadOnlySpan<byte>.Empty);

    /// <summary>SipHash-2-4-128 of the bytes as they are; the first eight bytes of the output are <see cref="IndexKey.High"/>.</summary>
    internal IndexKey Hash(ReadOnlySpan<byte> message)
    {
        var v0 = _secret0 ^ 0x736f6d6570736575;
        var v1 = _secret1 ^ 0x646f72616e646f6d ^ 0xee;
        var v2 = _secret0 ^ 0x6c7967656e657261;
        var v3 = _secret1 ^ 0x7465646279746573;
        var last = (ulong)message.Length << 56;
        for (; message.Length >= 8; message = message[8..])
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(message), ref v0, ref v1, ref v2, ref v3);
        for (var i = 0; i < message.Length; i++)
            last |= (ulong)message[i] << (8 * i);
        Absorb(last, ref v0, ref v1, ref v2, ref v3);

        v2 ^= 0xee;
        FourRounds(ref v0, ref v1, ref v2, ref v3);
        var high = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        FourRounds(ref v0, ref v1, ref v2, ref v3);
        return new IndexKey(high, v0 ^ v1 ^ v2 ^ v3);
    }

    [SkipLocalsInit]
    private IndexKey Of(Kind kind, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> value)
    {
        var length = 3 + tenant.Length + value.Length;
        var message = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        message[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(message[1..], checked((ushort)tenant.Length));
        tenant.CopyTo(message[3..]);
        value.CopyTo(message[(3 + tenant.Length)..]);
        return Hash(message[..length]);
    }

    [SkipLocalsInit]
    private IndexKey Of(Kind kind, string tenant, ReadOnlySpan<byte> value)
    {
        Span<byte> tenantUtf8 = stackalloc byte[StackBytes];
        return Of(kind, Utf8(tenant, tenantUtf8), value);
    }

    [SkipLocalsInit]
    private IndexKey Of(Kind kind, string tenant, ReadOnlySpan<char> value)
    {
        Span<byte> valueUtf8 = stackalloc byte[StackBytes];
        return Of(kind, tenant, Utf8(value, valueUtf8));
    }

    private static ReadOnlySpan<byte> Utf8(ReadOnlySpan<char> text, Span<byte> buffer)
    {
        if (Encoding.UTF8.TryGetBytes(text, buffer, out var written))
            return buffer[..written];
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Absorb(ulong word, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRounds(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
