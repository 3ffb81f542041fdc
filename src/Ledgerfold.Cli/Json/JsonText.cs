using System.Text.Json;

namespace Ledgerfold.Cli.Json;

/// <summary>Positions, versions and times as they stand in JSON.</summary>
internal static class JsonText
{
    /// <summary>A position or a version: a string, because numbers lose precision above 2^53 in many readers.</summary>
    public static void WriteWhole(this Utf8JsonWriter json, string name, long value) => json.WriteString(name, value.ToString());

    /// <summary>A time: ISO 8601, UTC, microseconds.</summary>
    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, Of(time));

    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");

    public static void WriteOptional(this Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
