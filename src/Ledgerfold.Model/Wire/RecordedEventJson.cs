using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledgerfold.Model.Wire;

/// <summary>
/// The fields of an event. JSON data stands in <c>data</c> byte for byte, with one exception that NDJSON demands: line breaks between its
/// tokens become blanks there, and <c>dataBase64</c> beside it has the exact bytes. Data that is not JSON stands in <c>dataBase64</c> only.
/// </summary>
public static class RecordedEventJson
{
    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\n\r"u8);
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Writes the fields into the object that was begun.</summary>
    public static void Write(Utf8JsonWriter json, RecordedEvent recorded)
    {
        WriteEnvelope(json, recorded);
        WriteData(json, recorded);
        WriteHeaders(json, recorded);
    }

    /// <summary>The same without what the event says, for those who may know of it and not read it: <c>withheld</c> tells so.</summary>
    public static void WriteWithheld(Utf8JsonWriter json, RecordedEvent recorded)
    {
        WriteEnvelope(json, recorded);
        json.WriteBoolean("withheld", true);
    }

    private static void WriteEnvelope(Utf8JsonWriter json, RecordedEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(recorded);
        json.WriteWhole("position", recorded.Position);
        json.WriteString("id", recorded.Id);
        json.WriteString("tenant", recorded.Tenant);
        json.WriteString("stream", recorded.Stream);
        json.WriteWhole("version", recorded.Version);
        json.WriteString("type", recorded.Type);
        json.WriteNumber("schemaVersion", recorded.SchemaVersion);
        json.WriteTime("recordedAt", recorded.RecordedAt);
        if (recorded.EffectiveAt is { } effectiveAt)
            json.WriteTime("effectiveAt", effectiveAt);
        json.WriteOptional("correlationId", recorded.CorrelationId);
        json.WriteOptional("causationId", recorded.CausationId);
        json.WriteOptional("actor", recorded.Actor);
        json.WriteOptional("traceParent", recorded.TraceParent);
        WriteTags(json, recorded);
        json.WriteString("contentType", recorded.ContentType);
    }

    private static void WriteTags(Utf8JsonWriter json, RecordedEvent recorded)
    {
        if (recorded.Tags.IsEmpty)
            return;
        json.WriteStartArray("tags");
        foreach (var tag in recorded.Tags)
            json.WriteStringValue(tag);
        json.WriteEndArray();
    }

    private static void WriteHeaders(Utf8JsonWriter json, RecordedEvent recorded)
    {
        if (recorded.Headers.IsEmpty)
            return;
        json.WriteStartObject("headers");
        foreach (var (name, value) in recorded.Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, RecordedEvent recorded)
    {
        if (recorded.Erased)
        {
            json.WriteBoolean("erased", true);
            return;
        }

        var data = recorded.Data.Span;
        var readable = IsJson(recorded.ContentType) && IsJson(data);
        var isOneLine = !data.ContainsAny(LineBreaks);
        if (readable)
        {
            json.WritePropertyName("data");
            json.WriteRawValue(isOneLine ? data : OnOneLine(data), skipInputValidation: true);
        }

        if (!readable || !isOneLine)
            json.WriteBase64String("dataBase64", data);
    }

    private static bool IsJson(string contentType)
    {
        var mediaType = contentType.AsSpan();
        if (mediaType.IndexOf(';') is >= 0 and var parameters)
            mediaType = mediaType[..parameters];
        mediaType = mediaType.Trim();
        return mediaType.Equals(NewEvent.Json, StringComparison.OrdinalIgnoreCase)
            || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsJson(ReadOnlySpan<byte> data)
    {
        if (!Utf8.IsValid(data))
            return false;
        try
        {
            var reader = new Utf8JsonReader(data, AnyDepth);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Within a JSON string there is no raw line break, so every one stands between tokens.</summary>
    private static byte[] OnOneLine(ReadOnlySpan<byte> data)
    {
        var line = data.ToArray();
        line.AsSpan().ReplaceAny(LineBreaks, (byte)' ');
        return line;
    }
}
