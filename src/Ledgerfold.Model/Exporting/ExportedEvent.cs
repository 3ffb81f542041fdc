using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Writes an event as one line: a CloudEvent of format version 1.0. JSON stands in <c>data</c> with the very bytes that were appended;
/// whatever could not be taken out again like that stands in <c>data_base64</c>.
/// </summary>
internal static class ExportedEvent
{
    /// <summary>Text as it is rather than in escapes: this never stands in HTML.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Utf8JsonWriter json, RecordedEvent recorded, string source)
    {
        json.WriteStartObject();
        WriteNames(json, recorded, recorded.Id.ToString(), source);
        json.WriteString(Attributes.Time, Times.ToText(recorded.RecordedAt));
        WriteExtensions(json, recorded, recorded.EffectiveAt, recorded.Headers);
        WriteData(json, recorded);
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>What every CloudEvent has.</summary>
    public static void WriteNames(Utf8JsonWriter json, RecordedEvent recorded, string id, string source)
    {
        json.WriteString(Attributes.SpecVersion, Attributes.Supported);
        json.WriteString(Attributes.Id, id);
        json.WriteString(Attributes.Source, source);
        json.WriteString(Attributes.Type, recorded.Type);
        json.WriteString(Attributes.Subject, recorded.Stream);
    }

    /// <summary>What an event has here beside that, but for when it was recorded.</summary>
    public static void WriteExtensions(
        Utf8JsonWriter json, RecordedEvent recorded, DateTimeOffset? effective, ImmutableArray<KeyValuePair<string, string>> headers)
    {
        // Texts: whole numbers of CloudEvents end at 2^31.
        json.WriteString(Attributes.Position, recorded.Position.ToString());
        json.WriteString(Attributes.Version, recorded.Version.ToString());
        json.WriteString(Attributes.Tenant, recorded.Tenant);
        json.WriteNumber(Attributes.SchemaVersion, recorded.SchemaVersion);
        if (effective is { } effectiveAt)
            json.WriteString(Attributes.EffectiveTime, Times.ToText(effectiveAt));
        WriteOptional(json, Attributes.CorrelationId, recorded.CorrelationId);
        WriteOptional(json, Attributes.CausationId, recorded.CausationId);
        WriteOptional(json, Attributes.Actor, recorded.Actor);
        WriteOptional(json, Attributes.TraceParent, recorded.TraceParent);
        if (!recorded.Tags.IsEmpty)
            json.WriteString(Attributes.Tags, TextOf(recorded.Tags));
        if (!headers.IsEmpty)
            json.WriteString(Attributes.Headers, TextOf(headers));
        if (recorded.Erased)
            json.WriteBoolean(Attributes.Erased, true);
        json.WriteString(
            ExactJson.IsMediaType(recorded.ContentType) ? Attributes.DataContentType : Attributes.ContentType, recorded.ContentType);
    }

    /// <summary>What it says, if it says anything.</summary>
    public static void WriteData(Utf8JsonWriter json, RecordedEvent recorded)
    {
        var data = recorded.Data.Span;
        if (data.IsEmpty)
            return;
        if (ExactJson.IsMediaType(recorded.ContentType) && ExactJson.IsNamedBy(recorded.ContentType) && ExactJson.CanStandAsItIs(data))
        {
            json.WritePropertyName(Attributes.Data);
            json.WriteRawValue(data, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String(Attributes.DataBase64, data);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static string TextOf(ImmutableArray<string> tags) => JsonSerializer.Serialize(tags.AsEnumerable());

    private static string TextOf(ImmutableArray<KeyValuePair<string, string>> headers)
    {
        // In ASCII alone, because a header may hold control characters and an attribute may not.
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (name, value) in headers)
                json.WriteString(name, value);
            json.WriteEndObject();
        }

        return System.Text.Encoding.ASCII.GetString(bytes.WrittenSpan);
    }
}
