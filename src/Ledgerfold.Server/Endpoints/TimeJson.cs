using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Times as everywhere on the wire: ISO 8601, UTC, microseconds.</summary>
internal sealed class TimeJson : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Times.ToText(value));
}
