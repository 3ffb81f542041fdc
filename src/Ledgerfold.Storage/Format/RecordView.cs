using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ledgerfold.Storage.Format;

/// <summary>A checked look at the bytes of one record; holds nothing but the span.</summary>
internal readonly ref struct RecordView
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _headerLength;

    private RecordView(ReadOnlySpan<byte> bytes, int headerLength)
    {
        _bytes = bytes;
        _headerLength = headerLength;
    }

    public int Length => _bytes.Length;

    public byte Kind => _bytes[4];

    public bool IsErased => (_bytes[5] & RecordFormat.StateErased) != 0;

    public ReadOnlySpan<byte> Header => _bytes.Slice(RecordFormat.FrameHead, _headerLength);

    /// <summary>What the leaf is the hash of: a zero byte, then the header.</summary>
    public ReadOnlySpan<byte> LeafInput =>
        _bytes.Slice(RecordFormat.LeafPrefixAt, RecordFormat.FrameHead - RecordFormat.LeafPrefixAt + _headerLength);

    public ReadOnlySpan<byte> Payload => _bytes[(RecordFormat.FrameHead + _headerLength)..^RecordFormat.FrameTail];

    public long Position => BinaryPrimitives.ReadInt64LittleEndian(_bytes[^RecordFormat.FrameTail..]);

    public long Version => BinaryPrimitives.ReadInt64LittleEndian(_bytes[^(RecordFormat.FrameTail - 8)..]);

    public long RecordedAt => BinaryPrimitives.ReadInt64LittleEndian(_bytes[^(RecordFormat.FrameTail - 16)..]);

    public uint Crc => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[^sizeof(uint)..]);

    /// <summary>Which event of its append this is.</summary>
    public int AppendIndex => BinaryPrimitives.ReadUInt16LittleEndian(Header[2..]);

    public Guid Id => new(Header.Slice(16, 16), bigEndian: true);

    public bool ClosesStream => (Header[12] & RecordFormat.MarkCloses) != 0;

    /// <summary>
    /// Looks at a record of exactly these bytes: its length, kind, inner lengths and checksum agree, or the answer is false.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RecordView record)
    {
        record = default;
        if (bytes.Length < RecordFormat.RecordBytesMin || RecordFormat.LengthOf(bytes) != bytes.Length)
            return false;
        if (Crc32C.Of(bytes[..^sizeof(uint)]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]))
            return false;
        var header = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        var headerMin = bytes[4] switch
        {
            RecordFormat.KindEvent => RecordFormat.EventHeaderFixed,
            RecordFormat.KindCursor => RecordFormat.CursorHeaderFixed,
            _ => int.MaxValue,
        };
        if (header < headerMin || header > bytes.Length - RecordFormat.FrameHead - RecordFormat.FrameTail)
            return false;
        record = new RecordView(bytes, header);
        return true;
    }

    /// <summary>Whether the payload is the one whose digest the header holds; an erased one always is.</summary>
    public bool PayloadAgrees()
    {
        if (Kind != RecordFormat.KindEvent || IsErased)
            return true;
        Span<byte> digest = stackalloc byte[RecordFormat.HashBytes];
        SHA256.HashData(Payload, digest);
        return digest.SequenceEqual(Header.Slice(RecordFormat.DigestOffset, RecordFormat.HashBytes));
    }

    /// <summary>The names at the end of an event's header, in their stored order.</summary>
    public EventNames Names => new(Header[RecordFormat.EventHeaderFixed..]);
}

/// <summary>The texts of an event's header, read in place.</summary>
internal readonly ref struct EventNames
{
    public EventNames(ReadOnlySpan<byte> names)
    {
        Tenant = Next(ref names, out _);
        Stream = Next(ref names, out _);
        Type = Next(ref names, out _);
        ContentType = Next(ref names, out _);
        Correlation = Next(ref names, out var hasCorrelation);
        HasCorrelation = hasCorrelation;
        Causation = Next(ref names, out var hasCausation);
        HasCausation = hasCausation;
        Actor = Next(ref names, out var hasActor);
        HasActor = hasActor;
        Trace = Next(ref names, out var hasTrace);
        HasTrace = hasTrace;
        TagCount = names[0];
        TagBytes = names[1..];
    }

    public ReadOnlySpan<byte> Tenant { get; }

    public ReadOnlySpan<byte> Stream { get; }

    public ReadOnlySpan<byte> Type { get; }

    public ReadOnlySpan<byte> ContentType { get; }

    public ReadOnlySpan<byte> Correlation { get; }

    public ReadOnlySpan<byte> Causation { get; }

    public ReadOnlySpan<byte> Actor { get; }

    public ReadOnlySpan<byte> Trace { get; }

    public bool HasCorrelation { get; }

    public bool HasCausation { get; }

    public bool HasActor { get; }

    public bool HasTrace { get; }

    public int TagCount { get; }

    /// <summary>The tags: each a length of two bytes and its text; take them with <see cref="Next"/>.</summary>
    public ReadOnlySpan<byte> TagBytes { get; }

    /// <summary>The category: the stream's text before its first dash.</summary>
    public ReadOnlySpan<byte> Category => Stream.IndexOf((byte)'-') is var dash && dash < 0 ? Stream : Stream[..dash];

    public bool IsPlatform => Stream is [(byte)'$', ..];

    /// <summary>Takes the next text off the front.</summary>
    public static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> texts, out bool present)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(texts);
        present = length != RecordFormat.NoText;
        var text = present ? texts.Slice(2, length) : default;
        texts = texts[(2 + text.Length)..];
        return text;
    }
}
