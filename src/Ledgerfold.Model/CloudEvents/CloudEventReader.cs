using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Model.CloudEvents;

/// <summary>
/// Reads CloudEvents 1.0 as an append. An event of this ledger keeps its id; of the id of any other, together with its source, its id here
/// follows, so that it is taken in once however often it is sent. Any thread.
/// </summary>
/// <param name="tenant">Whose append it is.</param>
/// <param name="writer">What calls the events of this ledger by their names.</param>
public sealed class CloudEventReader(string tenant, CloudEventWriter writer)
{
    /// <summary>The stream they are for; null where the subject of each says it.</summary>
    public string? Stream { get; init; }

    /// <summary>What is expected of the streams.</summary>
    public Expectation Expect { get; init; } = Expectation.Any;

    /// <summary>Reads one event in JSON; false where it breaks a rule, which is told with the attribute.</summary>
    public bool TryReadOne(ReadOnlyMemory<byte> json, out AppendRequest request, out AppendOutcome.Refused? refused) =>
        TryRead(() => [ReadOne(json)], isBatch: false, out request, out refused);

    /// <summary>Reads an array of events in JSON; false where one breaks a rule, which is told with its place and the attribute.</summary>
    public bool TryReadBatch(ReadOnlyMemory<byte> json, out AppendRequest request, out AppendOutcome.Refused? refused) =>
        TryRead(() => ReadBatch(json), isBatch: true, out request, out refused);

    /// <summary>
    /// Reads an event whose attributes stand beside its data; false where one breaks a rule, which is told with the attribute.
    /// </summary>
    public bool TryRead(
        IEnumerable<KeyValuePair<string, string>> attributes,
        ReadOnlySpan<byte> data,
        out AppendRequest request,
        out AppendOutcome.Refused? refused)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written))
        {
            json.WriteStartObject();
            foreach (var (name, value) in attributes)
                json.WriteString(name, value);
            if (!data.IsEmpty)
                json.WriteBase64String(Attributes.DataBase64, data);
            json.WriteEndObject();
        }

        return TryReadOne(written.WrittenMemory, out request, out refused);
    }

    private bool TryRead(
        Func<IReadOnlyList<Read>> read, bool isBatch, out AppendRequest request, out AppendOutcome.Refused? refused)
    {
        request = new AppendRequest { Tenant = tenant };
        refused = null;
        try
        {
            request = RequestOf(read());
            return true;
        }
        catch (BadFileException bad)
        {
            var fault = bad.Fault;
            var place = isBatch && fault.Line > 0 ? $"[{fault.Line - 1}]" : "";
            var field = place.Length > 0 && fault.Field.Length > 0 ? $"{place}.{fault.Field}" : place + fault.Field;
            refused = new AppendOutcome.Refused(field, fault.Rule);
            return false;
        }
    }

    private Read ReadOne(ReadOnlyMemory<byte> json)
    {
        using var attributes = LineAttributes.Parse(json, 1);
        return EventOf(attributes);
    }

    private List<Read> ReadBatch(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            throw BadFileException.Refused(0, "", "valid UTF-8");
        using var document = Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() == 0)
            throw BadFileException.Refused(0, "", "a JSON array of at least one event");
        var events = new List<Read>();
        foreach (var value in document.RootElement.EnumerateArray())
        {
            if (events.Count == Limits.AppendEventsMax)
                throw BadFileException.Refused(0, "", $"at most {Limits.AppendEventsMax} events");
            using var attributes = LineAttributes.Of(value, events.Count + 1);
            events.Add(EventOf(attributes));
        }

        return events;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ExactJson.DepthMax });
        }
        catch (JsonException broken)
        {
            var reason = broken.Message.Split(" LineNumber:", 2)[0];
            throw BadFileException.Refused(0, "", $"one JSON array; at byte {broken.BytePositionInLine}: {reason}");
        }
    }

    private Read EventOf(LineAttributes attributes)
    {
        CloudEventRules.Check(attributes);
        var stream = StreamOf(attributes);
        if (attributes.Text(Attributes.Tenant) is { } named && named != tenant)
            throw attributes.Refused(Attributes.Tenant, "the tenant of the call, or nothing");
        if (attributes.Flag(Attributes.Erased))
            throw attributes.Refused(Attributes.Erased, "not of an event that is to be taken in");
        _ = attributes.Whole(Attributes.Position); // given by the ledger, anew each time
        _ = attributes.Whole(Attributes.Version);
        var (source, id) = (attributes.RequiredText(Attributes.Source), attributes.RequiredText(Attributes.Id));
        var item = source == writer.SourceOf(tenant) && Guid.TryParseExact(id, "D", out var own)
            ? ImportedEvent.ItemOf(attributes, own, attributes.Time(Attributes.EffectiveTime), isErased: false)
            : ForeignOf(attributes, source, id);
        item = item with { TraceParent = item.TraceParent ?? Telemetry.CurrentTraceParent };
        ImportedEvent.Check(attributes, tenant, stream, item);
        return new Read(stream, item, attributes.Line);
    }

    private static NewEvent ForeignOf(LineAttributes attributes, string source, string id)
    {
        if (attributes.Has(Attributes.EffectiveTime))
            throw attributes.Refused(Attributes.EffectiveTime, "only of an event of this ledger: of any other, time says when it happened");
        var item = ImportedEvent.ItemOf(attributes, ImportedEvent.IdOf(source, id), attributes.Time(Attributes.Time), isErased: false);
        var named = Origin.AddedTo(item with { Headers = Origin.Without(item.Headers) }, source, id, position: null, recordedAt: null);
        return named.Headers.Any(Origin.IsOrigin)
            ? named
            : throw attributes.Refused("", "a little smaller, or with fewer extensions: there is no room to keep its source and id");
    }

    private string StreamOf(LineAttributes attributes)
    {
        var subject = attributes.Text(Attributes.Subject);
        if (Stream is not null && subject is not null && subject != Stream)
            throw attributes.Refused(Attributes.Subject, $"{Stream}, or nothing");
        var stream = Stream ?? subject ?? throw attributes.Refused(Attributes.Subject, "required: the stream it is for");
        return StreamNames.IsPlatform(stream)
            ? throw attributes.Refused(Attributes.Subject, "a stream that does not begin with $: those are the platform's own")
            : stream;
    }

    /// <summary>One append; each stream is named once, with its events in their order.</summary>
    private AppendRequest RequestOf(IReadOnlyList<Read> events)
    {
        var ids = new HashSet<Guid>();
        foreach (var one in events)
        {
            if (!ids.Add(one.Item.Id))
                throw BadFileException.Refused(one.Place, Attributes.Id, "given once, together with its source");
        }

        return new AppendRequest
        {
            Tenant = tenant,
            Writes = [.. events.GroupBy(static one => one.Stream, StringComparer.Ordinal).Select(stream => new StreamWrite
            {
                Stream = stream.Key,
                Expect = Expect,
                Events = [.. stream.Select(static one => one.Item)],
            })],
        };
    }

    private sealed record Read(string Stream, NewEvent Item, long Place);
}
