using System.Globalization;
using System.Text.Json;

namespace Ledgerfold.Cli.Load.Recounting;

/// <summary>
/// One event of an export: a line of JSON as <c>events export</c> writes it (a CloudEvent) or as <c>events list</c> and the API show it.
/// </summary>
internal readonly record struct ExportedEvent(string Type, DateTimeOffset At, JsonElement Data)
{
    /// <summary>Reads a line; what is no event of a business, such as the first and last line of an export, is null.</summary>
    public static ExportedEvent? Of(JsonElement line)
    {
        if (Text(line, "type") is not { } type || type.StartsWith('$') || !line.TryGetProperty("data", out var data))
            return null;
        var at = Text(line, "recordedAt") ?? Text(line, "time");
        return new ExportedEvent(
            type, at is null ? default : DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), data);
    }

    public string this[string name] => Optional(name) ?? throw new InvalidDataException($"{Type} has no {name}: {Data}");

    public string? Optional(string name) => Text(Data, name);

    public long Number(string name) => Data.GetProperty(name).GetInt64();

    public Amount Amount(string name) => Recounting.Amount.Of(Data.GetProperty(name));

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Money as it stands in JSON.</summary>
internal readonly record struct Amount(decimal Value, string Currency)
{
    private const NumberStyles Digits = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;

    public static Amount Of(JsonElement json) => new(
        decimal.Parse(json.GetProperty("amount").GetString()!, Digits, CultureInfo.InvariantCulture),
        json.GetProperty("currency").GetString()!);
}
