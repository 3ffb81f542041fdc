using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold;

/// <summary>
/// What every ledger accepts, in numbers and in words: each backend asks this one place, so that a request refused by one is refused by
/// all.
/// </summary>
public static class Limits
{
    /// <summary>The most bytes of one event: data, names, tags and headers together.</summary>
    public const int EventBytesMax = 1024 * 1024;

    /// <summary>The most bytes of one append.</summary>
    public const int AppendBytesMax = 8 * 1024 * 1024;

    /// <summary>The most events of one append.</summary>
    public const int AppendEventsMax = 10_000;

    /// <summary>The most streams, written or checked, of one append.</summary>
    public const int AppendStreamsMax = 10_000;

    /// <summary>The most cursor moves of one append.</summary>
    public const int CursorMovesMax = 1_000;

    /// <summary>The most bytes of a name, an id or a tag, in UTF-8.</summary>
    public const int NameBytesMax = 512;

    /// <summary>The most tags of an event.</summary>
    public const int TagsMax = 32;

    /// <summary>The most headers of an event.</summary>
    public const int HeadersMax = 64;

    /// <summary>The most bytes of one header's text.</summary>
    public const int HeaderBytesMax = 64 * 1024;

    /// <summary>The most held keys of a cursor.</summary>
    public const int HeldKeysMax = 1_000;

    /// <summary>The most items of a query.</summary>
    public const int QueryItemsMax = 100;

    /// <summary>The most types, and the most tags, of a query item.</summary>
    public const int QueryItemPartsMax = 100;

    /// <summary>The most bytes of a correlation id, so that its tag is a name too.</summary>
    public const int CorrelationBytesMax = 500;

    /// <summary>The most bytes of one row's data.</summary>
    public const int FoldRowBytesMax = 1024 * 1024;

    /// <summary>The most index entries of a row.</summary>
    public const int FoldIndexEntriesMax = 32;

    /// <summary>The most rows of a batch, written and removed together.</summary>
    public const int FoldBatchRowsMax = 200_000;

    /// <summary>The most bytes of a batch.</summary>
    public const int FoldBatchBytesMax = 64 * 1024 * 1024;

    /// <summary>The most rows of a page.</summary>
    public const int FoldPageRowsMax = 1_000;

    /// <summary>A page ends behind the row whose data brings it to so many bytes, however many rows were asked for.</summary>
    public const int FoldPageBytesMax = 8 * 1024 * 1024;

    internal const string NameRule = "1 to 512 bytes of UTF-8 without control characters";

    private static readonly SearchValues<char> CategoryCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> TagNameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-$");

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("/\\");

    /// <summary>The first rule that the request breaks, or null: what a ledger checks before anything else.</summary>
    public static AppendOutcome.Refused? Check(AppendRequest request)
    {
        if (!IsName(request.Tenant))
            return new("tenant", NameRule);
        return CheckWrites(request)
            ?? (request.Condition is { } condition ? CheckCondition(condition) : null)
            ?? CheckCursorMoves(request);
    }

    /// <summary>The first rule that the read breaks, or null.</summary>
    public static AppendOutcome.Refused? Check(ReadRequest request)
    {
        if (!IsName(request.Tenant))
            return new("tenant", NameRule);
        if (request.After < 0)
            return new("after", "at least 0");
        if (request.Before < 0)
            return new("before", "at least 0");
        if (request.Limit is < 0)
            return new("limit", "at least 0");
        if (request.Follow && (request.Backward || request.Before != long.MaxValue))
            return new("follow", "only forward and without an end");
        return CheckQuery(request.Query, "query");
    }

    /// <summary>The first rule that the batch breaks, or null: what a fold store checks before anything else.</summary>
    public static FoldOutcome.Refused? Check(FoldBatch batch) => FoldRules.Check(batch);

    /// <summary>The first rule that the read breaks, or null.</summary>
    public static FoldOutcome.Refused? Check(FoldRead request) => FoldRules.Check(request);

    /// <summary>The first rule that the name of a fold breaks, or null.</summary>
    public static FoldOutcome.Refused? Check(FoldName fold) => FoldRules.Check(fold);

    /// <summary>Whether a text can name a fold: a letter or <c>$</c>, then letters, digits, <c>_</c>, <c>.</c> and <c>-</c>.</summary>
    public static bool IsFold(string? text) => FoldRules.IsFold(text);

    /// <summary>Whether a text can be a name: bounded, valid UTF-8, no control characters.</summary>
    public static bool IsName(string? text) => text is { Length: > 0 } && IsText(text, NameBytesMax);

    /// <summary>Whether a text can name a stream: <c>category-id</c>.</summary>
    public static bool IsStream(string? text)
    {
        if (!IsName(text) || text.AsSpan().ContainsAny(PathCharacters))
            return false;
        var dash = text!.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && dash < text.Length - 1 && IsCategory(text.AsSpan(0, dash));
    }

    /// <summary>Whether a text can name a category; <c>$</c> before it marks the platform's.</summary>
    public static bool IsCategory(ReadOnlySpan<char> text)
    {
        if (text is ['$', ..])
            text = text[1..];
        return text is [>= 'a' and <= 'z', ..] && text.Length <= NameBytesMax && !text.ContainsAnyExcept(CategoryCharacters);
    }

    /// <summary>Whether a text can be a tag: <c>name:value</c>.</summary>
    public static bool IsTag(string? text)
    {
        if (!IsName(text))
            return false;
        var colon = text!.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && !text.AsSpan(0, colon).ContainsAnyExcept(TagNameCharacters);
    }

    /// <summary>An upper bound of the bytes a row takes, cheap to compute.</summary>
    public static long SizeOf(FoldRow row) => FoldRules.SizeOf(row);

    /// <summary>An upper bound of the bytes an event takes, cheap to compute.</summary>
    public static long SizeOf(NewEvent item)
    {
        var size = 256L + item.Data.Length + Utf8(item.Type) + Utf8(item.ContentType)
            + Utf8(item.CorrelationId) + Utf8(item.CausationId) + Utf8(item.Actor) + Utf8(item.TraceParent);
        foreach (var tag in item.Tags.IsDefault ? [] : item.Tags)
            size += Utf8(tag) + 4;
        foreach (var (name, value) in item.Headers.IsDefault ? [] : item.Headers)
            size += Utf8(name) + Utf8(value) + 8;
        return size;

        static int Utf8(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
    }

    private static AppendOutcome.Refused? CheckWrites(AppendRequest request)
    {
        var writes = request.Writes.IsDefault ? [] : request.Writes;
        if (writes.Length > AppendStreamsMax)
            return new("writes", $"at most {AppendStreamsMax} streams");
        long events = 0, bytes = 0;
        for (var w = 0; w < writes.Length; w++)
        {
            var write = writes[w];
            if (CheckWrite(write, w) is { } refused)
                return refused;
            events += write.Events.IsDefault ? 0 : write.Events.Length;
            if (events > AppendEventsMax)
                return new("writes", $"at most {AppendEventsMax} events in one append");
            for (var e = 0; !write.Events.IsDefault && e < write.Events.Length; e++)
            {
                if (CheckEvent(write.Events[e], new EventPath(w, e), out var size) is { } broken)
                    return broken;
                bytes += size + write.Stream.Length;
            }

            if (bytes > AppendBytesMax)
                return new("writes", $"at most {AppendBytesMax} bytes in one append");
        }

        return CheckDistinct(writes, (int)events);
    }

    private static AppendOutcome.Refused? CheckWrite(StreamWrite? write, int index)
    {
        if (write is null)
            return new($"writes[{index}]", "not null");
        if (!IsStream(write.Stream))
        {
            return new(
                $"writes[{index}].stream",
                "category-id, the category [a-z][A-Za-z0-9]*, at most 512 bytes of UTF-8 without control characters and slashes");
        }

        if (write.Close && write.Events.IsDefaultOrEmpty)
            return new($"writes[{index}].close", "closing a stream needs an event that says so");
        return null;
    }

    private static AppendOutcome.Refused? CheckDistinct(ImmutableArray<StreamWrite> writes, int events)
    {
        if (writes.Length > 1)
        {
            var streams = new HashSet<string>(writes.Length, StringComparer.Ordinal);
            for (var w = 0; w < writes.Length; w++)
            {
                if (!streams.Add(writes[w].Stream))
                    return new($"writes[{w}].stream", "a stream is named once in an append");
            }
        }

        if (events < 2)
            return null;
        var ids = new HashSet<Guid>(events);
        for (var w = 0; w < writes.Length; w++)
        {
            for (var e = 0; !writes[w].Events.IsDefault && e < writes[w].Events.Length; e++)
            {
                if (!ids.Add(writes[w].Events[e].Id))
                    return new($"writes[{w}].events[{e}].id", "an event id is used once in an append");
            }
        }

        return null;
    }

    private static AppendOutcome.Refused? CheckEvent(NewEvent? item, EventPath path, out long size)
    {
        size = 0;
        if (item is null)
            return new(path.ToString(), "not null");
        if (item.Id == Guid.Empty)
            return new(path.With("id"), "a UUID that is not all zeros");
        if (!IsName(item.Type))
            return new(path.With("type"), NameRule);
        if (item.SchemaVersion < 1)
            return new(path.With("schemaVersion"), "at least 1");
        if (!IsName(item.ContentType))
            return new(path.With("contentType"), NameRule);
        if (item.Data.IsEmpty)
            return new(path.With("data"), "at least one byte; {} where there is nothing to say");
        if (item.CorrelationId is not null && !(item.CorrelationId is { Length: > 0 } && IsText(item.CorrelationId, CorrelationBytesMax)))
            return new(path.With("correlationId"), "1 to 500 bytes of UTF-8 without control characters");
        if (!IsOptionalName(item.CausationId))
            return new(path.With("causationId"), NameRule);
        if (!IsOptionalName(item.Actor))
            return new(path.With("actor"), NameRule);
        if (!IsOptionalName(item.TraceParent))
            return new(path.With("traceParent"), NameRule);
        if (CheckTags(item.Tags, path) is { } tags)
            return tags;
        if (CheckHeaders(item.Headers, path) is { } headers)
            return headers;
        size = SizeOf(item);
        return size > EventBytesMax ? new(path.ToString(), $"at most {EventBytesMax} bytes, names, tags and headers included") : null;
    }

    private static AppendOutcome.Refused? CheckTags(ImmutableArray<string> tags, EventPath path)
    {
        if (tags.IsDefaultOrEmpty)
            return null;
        if (tags.Length > TagsMax)
            return new(path.With("tags"), $"at most {TagsMax} tags");
        for (var t = 0; t < tags.Length; t++)
        {
            if (!IsTag(tags[t]))
                return new(path.With($"tags[{t}]"), "name:value, at most 512 bytes of UTF-8 without control characters");
            if (Tags.IsNamedCorrelation(tags[t]))
                return new(path.With($"tags[{t}]"), "the tag name 'correlation' belongs to the correlation id");
            for (var before = 0; before < t; before++)
            {
                if (tags[before] == tags[t])
                    return new(path.With($"tags[{t}]"), "a tag is given once");
            }
        }

        return null;
    }

    private static AppendOutcome.Refused? CheckHeaders(ImmutableArray<KeyValuePair<string, string>> headers, EventPath path)
    {
        if (headers.IsDefaultOrEmpty)
            return null;
        if (headers.Length > HeadersMax)
            return new(path.With("headers"), $"at most {HeadersMax} headers");
        for (var h = 0; h < headers.Length; h++)
        {
            if (!IsName(headers[h].Key))
                return new(path.With("headers"), "a header's name is " + NameRule);
            if (headers[h].Value is null || !IsText(headers[h].Value, HeaderBytesMax, controlsAllowed: true))
                return new(path.With($"headers.{headers[h].Key}"), $"at most {HeaderBytesMax} bytes of valid UTF-8");
            for (var before = 0; before < h; before++)
            {
                if (headers[before].Key == headers[h].Key)
                    return new(path.With($"headers.{headers[h].Key}"), "a header is given once");
            }
        }

        return null;
    }

    private static AppendOutcome.Refused? CheckCondition(AppendCondition condition)
    {
        if (condition.After < 0)
            return new("condition.after", "at least 0");
        return CheckQuery(condition.FailIfMatch, "condition.failIfMatch");
    }

    private static AppendOutcome.Refused? CheckQuery(EventQuery? query, string path)
    {
        if (query is null)
            return new(path, "not null");
        var items = query.Items.IsDefault ? [] : query.Items;
        if (items.Length > QueryItemsMax)
            return new(path, $"at most {QueryItemsMax} items");
        for (var i = 0; i < items.Length; i++)
        {
            if (CheckQueryItem(items[i], $"{path}.items[{i}]") is { } refused)
                return refused;
        }

        return null;
    }

    private static AppendOutcome.Refused? CheckQueryItem(QueryItem? item, string path)
    {
        if (item is null)
            return new(path, "not null");
        var types = item.Types.IsDefault ? [] : item.Types;
        var tags = item.Tags.IsDefault ? [] : item.Tags;
        if (types.Length > QueryItemPartsMax || tags.Length > QueryItemPartsMax)
            return new(path, $"at most {QueryItemPartsMax} types and {QueryItemPartsMax} tags");
        foreach (var type in types)
        {
            if (!IsName(type))
                return new($"{path}.types", NameRule);
        }

        foreach (var tag in tags)
        {
            if (!IsTag(tag))
                return new($"{path}.tags", "name:value, at most 512 bytes of UTF-8 without control characters");
        }

        if (item.Stream is not null && !IsStream(item.Stream))
            return new($"{path}.stream", "category-id");
        if (item.Category is not null && !IsCategory(item.Category))
            return new($"{path}.category", "[a-z][A-Za-z0-9]*, '$' before it for the platform's");
        return null;
    }

    private static AppendOutcome.Refused? CheckCursorMoves(AppendRequest request)
    {
        var moves = request.CursorMoves.IsDefault ? [] : request.CursorMoves;
        if (moves.Length > CursorMovesMax)
            return new("cursorMoves", $"at most {CursorMovesMax} cursor moves");
        var seen = moves.Length > 1 ? new HashSet<(string, int)>() : null;
        long bytes = 0;
        for (var m = 0; m < moves.Length; m++)
        {
            if (CheckCursorMove(moves[m], $"cursorMoves[{m}]", ref bytes) is { } refused)
                return refused;
            if (seen?.Add((moves[m].Consumer, moves[m].Partition)) == false)
                return new($"cursorMoves[{m}]", "a cursor is moved once in an append");
        }

        return null;
    }

    private static AppendOutcome.Refused? CheckCursorMove(CursorMove? move, string path, ref long bytes)
    {
        if (move is null)
            return new(path, "not null");
        if (!IsName(move.Consumer))
            return new($"{path}.consumer", NameRule);
        if (move.Partition < 0)
            return new($"{path}.partition", "at least 0");
        if (move.Expected < 0)
            return new($"{path}.expected", "at least 0");
        if (move.Next < 0)
            return new($"{path}.next", "at least 0");
        var keys = move.HeldKeys.IsDefault ? [] : move.HeldKeys;
        if (keys.Length > HeldKeysMax)
            return new($"{path}.heldKeys", $"at most {HeldKeysMax} held keys");
        foreach (var key in keys)
        {
            if (!IsName(key))
                return new($"{path}.heldKeys", NameRule);
            bytes += key.Length;
        }

        return bytes > EventBytesMax ? new("cursorMoves", $"at most {EventBytesMax} bytes of held keys in one append") : null;
    }

    private static bool IsOptionalName(string? text) => text is null || IsName(text);

    private static bool IsText(string text, int bytesMax, bool controlsAllowed = false)
    {
        if (text.Length > bytesMax)
            return false;
        var span = text.AsSpan();
        if (!controlsAllowed && (span.ContainsAnyInRange('\0', '\x1f') || span.ContainsAnyInRange('\x7f', '\x9f')))
            return false;
        if (!span.ContainsAnyExceptInRange('\0', '\x7f'))
            return true;
        if (span.ContainsAnyInRange('\ud800', '\udfff') && !IsWellFormed(span))
            return false;
        return Encoding.UTF8.GetByteCount(span) <= bytesMax;
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
                return false;
            text = text[consumed..];
        }

        return true;
    }

    /// <summary>The place of an event in a request, spelled out only when something is refused there.</summary>
    private readonly record struct EventPath(int Write, int Event)
    {
        public string With(string field) => $"{this}.{field}";

        public override string ToString() => $"writes[{Write}].events[{Event}]";
    }
}
