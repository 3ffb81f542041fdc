using System.Collections.Immutable;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Where an imported event was before, kept in headers of its own. They are no part of what an event says: the same event with and without
/// them, or with others, counts as the same. Those it came with stay, so that they tell of the first ledger.
/// </summary>
internal static class Origin
{
    private const string Prefix = "ledgerfold-";
    private const string Source = Prefix + "source";
    private const string Id = Prefix + "id";
    private const string Position = Prefix + "position";
    private const string RecordedAt = Prefix + "recorded-at";

    private static readonly string[] Names = [Source, Id, Position, RecordedAt];

    /// <summary>The event with its origin; as it is where it has one, or no room for one.</summary>
    public static NewEvent AddedTo(NewEvent item, string source, string? foreignId, long? position, DateTimeOffset? recordedAt)
    {
        if (item.Headers.Any(IsOrigin))
            return item;
        var headers = item.Headers.ToBuilder();
        headers.Add(new(Source, source));
        if (foreignId is not null)
            headers.Add(new(Id, foreignId));
        if (position is { } from)
            headers.Add(new(Position, from.ToString()));
        if (recordedAt is { } time)
            headers.Add(new(RecordedAt, Times.ToText(time)));
        var added = item with { Headers = headers.ToImmutable() };
        return headers.Count <= Limits.HeadersMax && Limits.SizeOf(added) <= Limits.EventBytesMax ? added : item;
    }

    /// <summary>What an event that came in from elsewhere is called there; null for one whose id is its own.</summary>
    public static (string Source, string Id)? ForeignOf(RecordedEvent recorded)
    {
        string? source = null, id = null;
        foreach (var (name, value) in recorded.Headers)
        {
            source = name == Source ? value : source;
            id = name == Id ? value : id;
        }

        // not what somebody only says it is: the id follows from both
        return source is not null && id is not null && ImportedEvent.IdOf(source, id) == recorded.Id ? (source, id) : null;
    }

    public static ImmutableArray<KeyValuePair<string, string>> Without(ImmutableArray<KeyValuePair<string, string>> headers) =>
        headers.Any(IsOrigin) ? headers.RemoveAll(IsOrigin) : headers;

    public static bool IsOrigin(KeyValuePair<string, string> header) => Names.Contains(header.Key);
}
