using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// The first and the last line of an export. Both are CloudEvents too, told from events by their type and by having no subject.
/// <code>
/// {"specversion":"1.0","id":"…","source":"/ledgers/…","type":"$export.begin","datacontenttype":"application/json",
///  "data":{"format":1,"tenant":"default","query":{"items":[{"category":"order"}]},"after":"0","through":"43"}}
/// {"specversion":"1.0","id":"…-end","source":"/ledgers/…","type":"$export.end","datacontenttype":"application/json",
///  "data":{"events":"43","sha256":"…"}}
/// </code>
/// The hash is over all bytes before the last line, line ends included; the last line follows from the others to the byte, so nothing in
/// the file can change unseen. Nothing in it depends on when or where it was written: the same export has the same bytes. A newer format
/// has a higher number, and this one refuses it.
/// </summary>
internal static class ExportFrame
{
    public const string Begin = "$export.begin";
    public const string End = "$export.end";
    public const int Format = 1;

    private static readonly Guid Space = new("5f0c2b46-7d6c-4b0a-8d6b-6578706f7274");

    public static (string Id, byte[] Line) Header(ExportRequest request, long through)
    {
        var says = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(says, ExportedEvent.Options))
            WriteWhat(json, request, through);
        var source = Attributes.SourceOf(request.Ledger, request.Tenant);
        var id = NameBasedId.Of(Space, [.. Encoding.UTF8.GetBytes(source), .. says.WrittenSpan]).ToString();
        return (id, Line(id, source, Begin, says.WrittenSpan));
    }

    public static byte[] Trailer(string headerId, string source, long events, string sha256) =>
        Line($"{headerId}-end", source, End, Encoding.UTF8.GetBytes($$"""{"events":"{{events}}","sha256":"{{sha256}}"}"""));

    private static void WriteWhat(Utf8JsonWriter json, ExportRequest request, long through)
    {
        json.WriteStartObject();
        json.WriteNumber("format", Format);
        if (request.Tenant is { } tenant)
            json.WriteString("tenant", tenant);
        json.WriteStartObject("query");
        json.WriteStartArray("items");
        foreach (var item in request.Query.Items.IsDefault ? [] : request.Query.Items)
            WriteItem(json, item);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("after", request.After.ToString());
        json.WriteString("through", through.ToString());
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, QueryItem item)
    {
        json.WriteStartObject();
        WriteTexts(json, "types", item.Types);
        WriteTexts(json, "tags", item.Tags);
        if (item.Stream is { } stream)
            json.WriteString("stream", stream);
        if (item.Category is { } category)
            json.WriteString("category", category);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        if (texts.IsDefaultOrEmpty)
            return;
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static byte[] Line(string id, string source, string type, ReadOnlySpan<byte> data)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, ExportedEvent.Options))
        {
            json.WriteStartObject();
            json.WriteString(Attributes.SpecVersion, Attributes.Supported);
            json.WriteString(Attributes.Id, id);
            json.WriteString(Attributes.Source, source);
            json.WriteString(Attributes.Type, type);
            json.WriteString(Attributes.DataContentType, NewEvent.Json);
            json.WritePropertyName(Attributes.Data);
            json.WriteRawValue(data, skipInputValidation: true);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }
}
