using System.Text.Encodings.Web;
using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Json;

/// <summary>Writes one JSON object a line: NDJSON, or the whole answer of a verb.</summary>
internal sealed class JsonLines(StandardOutput output) : IDisposable
{
    // Text as it is rather than in escapes: this is for programs and logs, and never stands in HTML.
    private readonly Utf8JsonWriter _json = new(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes one object and flushes.</summary>
    public static void WriteOne<T>(StandardOutput output, T item, Action<Utf8JsonWriter, T> fields)
    {
        using var lines = new JsonLines(output);
        lines.Write(item, fields);
        output.Flush();
    }

    /// <summary>Writes an object, of which <paramref name="fields"/> writes the fields.</summary>
    public void Write<T>(T item, Action<Utf8JsonWriter, T> fields)
    {
        _json.WriteStartObject();
        fields(_json, item);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset(output);
        output.EndLine();
    }

    public void Flush() => output.Flush();

    public void Dispose() => _json.Dispose();
}
