using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Cli.Online;

/// <summary>Reads a tree of causes as a server writes it.</summary>
internal static class CorrelationTreeJson
{
    public static CorrelationTree Read(JsonElement json)
    {
        var searched = json.GetProperty("searched");
        return new CorrelationTree(
            Text(json, "tenant")!,
            Text(json, "correlationId")!,
            [.. json.GetProperty("nodes").EnumerateArray().Select(NodeOf)],
            new CorrelationTotals(
                json.GetProperty("events").GetInt32(),
                Time(json, "first"),
                Time(json, "last"),
                [
                    .. json.GetProperty("streams").EnumerateArray()
                        .Select(static one => new StreamCount(Text(one, "stream")!, one.GetProperty("events").GetInt32())),
                ]),
            new Searched(Whole(searched, "from"), Whole(searched, "to"), searched.GetProperty("matched").GetInt32()),
            json.TryGetProperty("next", out _) ? Whole(json, "next") : null);
    }

    private static CorrelationNode NodeOf(JsonElement json) => new(
        Text(json, "id")!,
        Enum.Parse<CorrelationNodeKind>(Text(json, "kind")!, ignoreCase: true),
        Text(json, "parent"),
        json.GetProperty("depth").GetInt32(),
        json.TryGetProperty("latencyMs", out var latency) ? latency.GetDouble() : null,
        json.TryGetProperty("position", out _) ? MarkOf(json) : null,
        Text(json, "command"));

    private static EventMark MarkOf(JsonElement json) => new(
        Whole(json, "position"),
        json.GetProperty("id").TryGetGuid(out var id) ? id : default,
        Text(json, "stream")!,
        Whole(json, "version"),
        Text(json, "type")!,
        json.GetProperty("recordedAt").GetDateTimeOffset(),
        Time(json, "effectiveAt"),
        Text(json, "actor"),
        CorrelationId: null);

    private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static long Whole(JsonElement json, string field) => long.Parse(Text(json, field)!);

    private static DateTimeOffset? Time(JsonElement json, string field) =>
        json.TryGetProperty(field, out var value) ? value.GetDateTimeOffset() : null;
}
