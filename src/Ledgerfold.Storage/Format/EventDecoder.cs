using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Ledgerfold.Storage.Format;

/// <summary>Makes events and cursor moves of records.</summary>
internal static class EventDecoder
{
    /// <summary>The event of a record; texts that repeat within a scan come from the cache, the others are made anew.</summary>
    public static RecordedEvent Decode(in RecordView record, TextCache texts)
    {
        var header = record.Header;
        var names = record.Names;
        var effectiveAt = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var payload = record.IsErased ? default : record.Payload[RecordFormat.SaltBytes..];
        var headers = record.IsErased ? [] : TakeHeaders(ref payload);
        return new RecordedEvent
        {
            Position = record.Position,
            Id = record.Id,
            Tenant = texts.Get(names.Tenant),
            Stream = Encoding.UTF8.GetString(names.Stream),
            Version = record.Version,
            Type = texts.Get(names.Type),
            SchemaVersion = BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            RecordedAt = Times.FromMicros(record.RecordedAt),
            EffectiveAt = effectiveAt == RecordFormat.NoTime ? null : Times.FromMicros(effectiveAt),
            CorrelationId = names.HasCorrelation ? texts.Get(names.Correlation) : null,
            CausationId = names.HasCausation ? Encoding.UTF8.GetString(names.Causation) : null,
            Actor = names.HasActor ? texts.Get(names.Actor) : null,
            TraceParent = names.HasTrace ? Encoding.UTF8.GetString(names.Trace) : null,
            Tags = TakeTags(names, texts),
            ContentType = texts.Get(names.ContentType),
            Data = payload.ToArray(),
            Headers = headers,
            Erased = record.IsErased,
        };
    }

    /// <summary>The cursor move of a record, with the tenant it belongs to.</summary>
    public static (string Tenant, CursorMove Move) DecodeCursor(in RecordView record)
    {
        var header = record.Header;
        var texts = header[RecordFormat.CursorHeaderFixed..];
        var tenant = Encoding.UTF8.GetString(EventNames.Next(ref texts, out _));
        var consumer = Encoding.UTF8.GetString(EventNames.Next(ref texts, out _));
        var keys = new string[BinaryPrimitives.ReadUInt16LittleEndian(texts)];
        texts = texts[2..];
        for (var k = 0; k < keys.Length; k++)
            keys[k] = Encoding.UTF8.GetString(EventNames.Next(ref texts, out _));
        return (tenant, new CursorMove
        {
            Consumer = consumer,
            Partition = BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
            Expected = BinaryPrimitives.ReadInt64LittleEndian(header),
            Next = BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
            HeldKeys = ImmutableCollectionsMarshal.AsImmutableArray(keys),
        });
    }

    private static ImmutableArray<string> TakeTags(in EventNames names, TextCache texts)
    {
        if (names.TagCount == 0)
            return [];
        var bytes = names.TagBytes;
        var tags = new string[names.TagCount];
        for (var t = 0; t < tags.Length; t++)
            tags[t] = texts.Get(EventNames.Next(ref bytes, out _));
        return ImmutableCollectionsMarshal.AsImmutableArray(tags);
    }

    private static ImmutableArray<KeyValuePair<string, string>> TakeHeaders(ref ReadOnlySpan<byte> payload)
    {
        var count = BinaryPrimitives.ReadUInt16LittleEndian(payload);
        payload = payload[2..];
        if (count == 0)
            return [];
        var headers = new KeyValuePair<string, string>[count];
        for (var h = 0; h < count; h++)
        {
            var name = Encoding.UTF8.GetString(EventNames.Next(ref payload, out _));
            var length = BinaryPrimitives.ReadInt32LittleEndian(payload);
            headers[h] = new(name, Encoding.UTF8.GetString(payload.Slice(4, length)));
            payload = payload[(4 + length)..];
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(headers);
    }
}
