using System.Buffers.Binary;
using System.Text;

namespace Ledgerfold.Storage.Format;

/// <summary>
/// Turns UTF-8 into strings and remembers recent ones, so that the few tenants, types, actors and tags of a scan become one string each.
/// Bounded: a slot holds the last text that hashed to it. One thread at a time.
/// </summary>
internal sealed class TextCache
{
    private const int Slots = 4096;
    private const int BytesMax = 128;

    [ThreadStatic]
    private static TextCache? _ofThread;

    private readonly byte[]?[] _bytes = new byte[Slots][];
    private readonly string[] _texts = new string[Slots];

    /// <summary>The cache of this thread.</summary>
    public static TextCache OfThread => _ofThread ??= new TextCache();

    /// <summary>The text of these bytes.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > BytesMax)
            return Encoding.UTF8.GetString(utf8);
        var slot = SlotOf(utf8);
        if (_bytes[slot] is { } known && utf8.SequenceEqual(known))
            return _texts[slot];
        _bytes[slot] = utf8.ToArray();
        return _texts[slot] = Encoding.UTF8.GetString(utf8);
    }

    private static int SlotOf(ReadOnlySpan<byte> utf8)
    {
        ulong hash = (uint)utf8.Length;
        while (utf8.Length >= sizeof(ulong))
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
            utf8 = utf8[sizeof(ulong)..];
        }

        foreach (var one in utf8)
            hash = (hash ^ one) * 0x100000001B3;
        return (int)((hash * 0x9E3779B97F4A7C15) >> 52);
    }
}
