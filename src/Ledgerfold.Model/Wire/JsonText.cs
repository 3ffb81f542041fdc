using System.Text.Json;

namespace Ledgerfold.Model.Wire;

/// <summary>Positions, versions and times as they stand in JSON.</summary>
public static class JsonText
{
    /// <summary>A position or a version: a string, because numbers lose precision above 2^53 in many readers.</summary>
    public static void WriteWhole(this Utf8JsonWriter json, string name, long value) => json.WriteString(name, value.ToString());

    /// <summary>A time: ISO 8601, UTC, microseconds.</summary>
    public static void WriteTime(this Utf8JsonWriter json, string name, DateTimeOffset time) =>
        json.WriteString(name, Times.ToText(time));

    /// <summary>A text, left out where there is none.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
