using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledgerfold.Cli.Terminal;

/// <summary>Events for people: where, when, what, and as much of the data as fits.</summary>
internal sealed class EventTable(StandardOutput output, int lineColumns, bool withTenant)
{
    private const int PreviewBytesMax = 4096;

    private readonly TextTable _table = new(output, lineColumns, [
        new("POSITION", IsNumber: true), new("TIME"), .. withTenant ? (ReadOnlySpan<Column>)[new("TENANT")] : [], new("STREAM"),
        new("VERSION", IsNumber: true), new("TYPE"), new("DATA"),
    ]);

    public void Add(RecordedEvent recorded) => _table.Add([
        recorded.Position.ToString(), TimeOf(recorded.RecordedAt),
        .. withTenant ? (ReadOnlySpan<string>)[recorded.Tenant] : [], recorded.Stream, recorded.Version.ToString(), recorded.Type,
        PreviewOf(recorded),
    ]);

    /// <summary>An event as a server tells it.</summary>
    public void Add(JsonElement told) => _table.Add([
        TextOf(told, "position"), TimeOf(told.GetProperty("recordedAt").GetDateTimeOffset()),
        .. withTenant ? (ReadOnlySpan<string>)[TextOf(told, "tenant")] : [], TextOf(told, "stream"), TextOf(told, "version"),
        TextOf(told, "type"), PreviewOf(told),
    ]);

    public void Flush() => _table.Flush();

    /// <summary>The data as text, however much there is of it; for anything that is no text, what it is.</summary>
    public static string PreviewOf(RecordedEvent recorded, int bytesMax = PreviewBytesMax)
    {
        if (recorded.Erased)
            return "(erased)";
        var data = recorded.Data.Span;
        if (!Utf8.IsValid(data) || data.Contains((byte)0))
            return $"({data.Length} bytes, {recorded.ContentType})";
        if (data.Length <= bytesMax)
            return Encoding.UTF8.GetString(data);
        var end = bytesMax;
        while ((data[end] & 0xC0) == 0x80) // within a character
            end--;
        return Encoding.UTF8.GetString(data[..end]) + '…';
    }

    private static string PreviewOf(JsonElement told)
    {
        if (told.TryGetProperty("data", out var data))
            return data.GetRawText();
        if (told.TryGetProperty("dataBase64", out var bytes))
            return $"({bytes.GetBytesFromBase64().Length} bytes, {TextOf(told, "contentType")})";
        return told.TryGetProperty("withheld", out _) ? "(withheld)" : "(erased)";
    }

    private static string TimeOf(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string TextOf(JsonElement told, string field) => told.TryGetProperty(field, out var value) ? $"{value}" : "";
}
