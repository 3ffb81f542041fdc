using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerfold.Testing.Conformance;

/// <summary>
/// Requests, answers and events in words: for failures, and to compare what has no equality of its own. Two events that differ anywhere but
/// in the recorded time read differently.
/// </summary>
internal static class Spoken
{
    public static string Of(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Appended(var first, var last, var versions, var repeated) =>
            $"Appended {first}..{last}, versions [{Joined(versions, one => $"{one.Stream}@{one.Version}")}]"
            + (repeated ? ", repeated" : ""),
        AppendOutcome.WrongVersion(var stream, var expected, var actual) =>
            $"WrongVersion of {stream}: expected {expected}, is at {actual}",
        AppendOutcome.ConditionFailed(var position) => $"ConditionFailed at {position}",
        AppendOutcome.CursorMoved(var consumer, var partition, var actual) => $"CursorMoved: {consumer}/{partition} is at {actual}",
        AppendOutcome.IdConflict(var id, var position) => $"IdConflict of {Short(id)} with {position}",
        AppendOutcome.MixedRepeat(var id) => $"MixedRepeat told by {Short(id)}",
        AppendOutcome.StreamClosed(var stream) => $"StreamClosed: {stream}",
        AppendOutcome.Erased(var id, var position) => $"Erased: {Short(id)} at {position}",
        AppendOutcome.Refused(var field, var rule) => $"Refused {Text(field)}: {Text(rule)}",
        _ => outcome.ToString(),
    };

    public static string Of(AppendRequest request)
    {
        var text = new StringBuilder("append");
        if (request.Tenant != Tenants.Default)
            text.Append($" for {Text(request.Tenant)}");
        text.Append($" [{Joined(request.Writes, Of)}]");
        if (request.Condition is { } condition)
            text.Append($" unless after {condition.After} {Of(condition.FailIfMatch)}");
        if (!request.CursorMoves.IsDefaultOrEmpty)
            text.Append($" moving [{Joined(request.CursorMoves, Of)}]");
        return text.ToString();
    }

    public static string Of(ReadRequest request)
    {
        var text = new StringBuilder(request.Follow ? "follow" : request.Backward ? "read backward" : "read");
        text.Append($" of {Of(request.Query)} after {request.After}");
        if (request.Before != long.MaxValue)
            text.Append($" before {request.Before}");
        if (request.Limit is { } limit)
            text.Append($" limit {limit}");
        if (request.Tenant != Tenants.Default)
            text.Append($" for {Text(request.Tenant)}");
        return text.ToString();
    }

    public static string Of(EventQuery? query)
    {
        if (query is null)
            return "null";
        return query.Items.IsDefaultOrEmpty ? "all" : $"({Joined(query.Items, Of, " or ")})";
    }

    public static string Of(RecordedEvent? recorded) => recorded is null
        ? "no event"
        : $"#{recorded.Position} {Text(recorded.Tenant)} {Text(recorded.Stream)}@{recorded.Version}"
            + $" {Text(recorded.Type)} v{recorded.SchemaVersion} id {recorded.Id} effective {Of(recorded.EffectiveAt)}"
            + $" correlation {Text(recorded.CorrelationId)} causation {Text(recorded.CausationId)}"
            + $" actor {Text(recorded.Actor)} trace {Text(recorded.TraceParent)}"
            + $" tags [{Joined(recorded.Tags, Text)}] {Text(recorded.ContentType)} data {Of(recorded.Data)}"
            + $" headers [{Joined(recorded.Headers, header => $"{Text(header.Key)}={Text(header.Value)}")}]"
            + (recorded.Erased ? " erased" : "");

    public static string Of(IEnumerable<EventPage> pages) =>
        string.Join(", ", pages.Select(page =>
            $"[{string.Join(' ', page.Events.Select(one => one.Position))}] scanned to {page.ScannedTo}"
            + (page.CaughtUp ? ", caught up" : "")));

    public static string Of(Cursor cursor) => $"cursor at {cursor.Position} holding [{Joined(cursor.HeldKeys, Text)}]";

    /// <summary>A text in which nothing is invisible, and which is never endless.</summary>
    public static string Text(string? text)
    {
        if (text is null)
            return "null";
        if (text.Length > 120)
            return $"{Text(text[..40])}… ({text.Length} characters, {Digest(Encoding.Unicode.GetBytes(text))})";
        var shown = new StringBuilder(text.Length);
        foreach (var one in text)
            shown.Append(one is > ' ' and < '\x7f' || (one == ' ' && text.Length > 1) ? one.ToString() : $"\\u{(int)one:x4}");
        return shown.ToString();
    }

    private static string Of(StreamWrite? write)
    {
        if (write is null)
            return "null";
        var events = write.Events.IsDefaultOrEmpty ? "checked" : Joined(write.Events, Of);
        return $"{Text(write.Stream)} ({write.Expect}): {events}{(write.Close ? ", closing" : "")}";
    }

    private static string Of(NewEvent? item) => item is null
        ? "null"
        : $"{Short(item.Id)} {Text(item.Type)}{(item.Tags.IsDefaultOrEmpty ? "" : $" [{Joined(item.Tags, Text, " ")}]")}"
            + (item.CorrelationId is null ? "" : $" correlation {Text(item.CorrelationId)}")
            + $" {Of(item.Data)}";

    private static string Of(CursorMove? move) => move is null
        ? "null"
        : $"{Text(move.Consumer)}/{move.Partition} {move.Expected}→{move.Next}"
            + (move.HeldKeys.IsDefaultOrEmpty ? "" : $" holding {Joined(move.HeldKeys, Text)}");

    private static string Of(QueryItem? item)
    {
        if (item is null)
            return "null";
        var parts = new List<string>();
        if (item.Stream is not null)
            parts.Add($"stream {Text(item.Stream)}");
        if (item.Category is not null)
            parts.Add($"category {Text(item.Category)}");
        if (!item.Types.IsDefaultOrEmpty)
            parts.Add($"type {Joined(item.Types, Text, "|")}");
        if (!item.Tags.IsDefaultOrEmpty)
            parts.Add($"tags {Joined(item.Tags, Text, "+")}");
        return parts.Count == 0 ? "anything" : string.Join(' ', parts);
    }

    private static string Of(DateTimeOffset? time) =>
        time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture) ?? "null";

    private static string Of(ReadOnlyMemory<byte> data) => data.Length <= 24
        ? Text(Encoding.Latin1.GetString(data.Span))
        : $"{data.Length} bytes ({Digest(data.Span)})";

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes)[..6]);

    private static string Short(Guid id) => id.ToString("N")[..8];

    /// <summary>The first few of a list and how many there are: a failure over ten thousand events stays readable.</summary>
    private static string Joined<T>(ImmutableArray<T> items, Func<T, string> spoken, string between = ", ")
    {
        if (items.IsDefaultOrEmpty)
            return "";
        const int shown = 64;
        var text = string.Join(between, items.Take(shown).Select(spoken));
        return items.Length > shown ? $"{text}, … ({items.Length} in all)" : text;
    }
}
