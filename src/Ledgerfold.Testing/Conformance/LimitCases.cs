using System.Collections.Immutable;

namespace Ledgerfold.Testing.Conformance;

/// <summary>The limits of every ledger as tables: for each a request at its edge and one just beyond; requests that break a rule.</summary>
internal static class LimitCases
{
    /// <summary>What no name may hold.</summary>
    public static IReadOnlyList<string> HostileText { get; } =
    [
        "\0", "a\0b", "\u0001", "\n", "a\r\nb", "\t", "\u001b[31m", "\u007f", "\u0080", "\u0085", "\u009f", "\ud800", "\udc00",
        "a\ud834", "\udd1e\ud834", "\ud834b",
        new('x', Limits.NameBytesMax + 1), new('é', (Limits.NameBytesMax / 2) + 1), new('x', 1_000_000),
    ];

    /// <summary>What looks dangerous, and is a name like any other.</summary>
    public static IReadOnlyList<string> OddText { get; } =
    [
        ".", "..", "...", "~", "*", "?", "CON", "NUL", "a:b", "%2e%2e%2f", "%00", "{0}", "${x}", "$(x)", "`x`",
        "'; DROP TABLE events; --", "\"", "'", "<script>", "&amp;", "null", "undefined", "-", "--", "-1", "0", " ", "  ",
        "\u00a0", "\u200b", "\u202e", "\ufeff", "\ufffe", "\U0010ffff",
    ];

    /// <summary>Texts without a hostile character that name no stream.</summary>
    public static IReadOnlyList<string> NotStreams { get; } =
    [
        "", "order", "-", "-1", "order-", "Order-1", "1order-1", "or_der-1", "or der-1", "órder-1", " order-1", "$-1",
        "$$audit-1", "$Audit-1", "order$-1",
        "../order-1", "order-../../etc/passwd", "order-a/b", "order-a\\b", "/order-1", "order.json", "order:1",
    ];

    /// <summary>For each limit: the field that is named, a request at the edge, one beyond.</summary>
    public static IEnumerable<(string Field, AppendRequest Edge, AppendRequest Beyond)> OfAppends(Func<string, string[], NewEvent> create)
    {
        return Names().Concat(Counts()).Concat(Sizes()).Concat(Cursors()).Concat(Conditions());

        NewEvent Event() => create("Happened", []);

        (string, AppendRequest, AppendRequest) OfEvent(string field, Func<NewEvent, NewEvent> edge, Func<NewEvent, NewEvent> beyond) =>
            ($"writes[0].events[0]{field}", Write("limit-1", edge(Event())), Write("limit-1", beyond(Event())));

        IEnumerable<(string, AppendRequest, AppendRequest)> Names()
        {
            foreach (var (most, more) in new[] { (Ascii(512), Ascii(513)), (Wide(512), Wide(513)), (Widest(512), Widest(513)) })
            {
                yield return ("writes[0].stream", Write($"s-{most[..^2]}", Event()), Write($"s-{more[..^1]}", Event()));
                yield return ("tenant", Write("limit-1", Event()) with { Tenant = most }, Write("limit-1", Event()) with { Tenant = more });
                yield return OfEvent(".type", item => item with { Type = most }, item => item with { Type = more });
                yield return OfEvent(".contentType", item => item with { ContentType = most }, item => item with { ContentType = more });
                yield return OfEvent(".causationId", item => item with { CausationId = most }, item => item with { CausationId = more });
                yield return OfEvent(".actor", item => item with { Actor = most }, item => item with { Actor = more });
                yield return OfEvent(".traceParent", item => item with { TraceParent = most }, item => item with { TraceParent = more });
                yield return OfEvent(
                    ".tags[0]", item => item with { Tags = [$"t:{most[..^2]}"] }, item => item with { Tags = [$"t:{more[..^1]}"] });
                yield return OfEvent(
                    ".headers", item => item with { Headers = [new(most, "")] }, item => item with { Headers = [new(more, "")] });
            }

            foreach (var (most, more) in new[] { (Ascii(500), Ascii(501)), (Wide(500), Wide(501)), (Widest(500), Widest(501)) })
                yield return OfEvent(
                    ".correlationId", item => item with { CorrelationId = most }, item => item with { CorrelationId = more });
        }

        IEnumerable<(string, AppendRequest, AppendRequest)> Counts()
        {
            yield return OfEvent(".schemaVersion", item => item with { SchemaVersion = 1 }, item => item with { SchemaVersion = 0 });
            yield return OfEvent(".data", item => item with { Data = new byte[1] }, item => item with { Data = default });
            yield return OfEvent(".tags", item => item with { Tags = Many(32, "t:") }, item => item with { Tags = Many(33, "t:") });
            yield return OfEvent(".headers", item => item with { Headers = Headers(64) }, item => item with { Headers = Headers(65) });
            yield return OfEvent(
                ".headers.h",
                item => item with { Headers = [new("h", Ascii(65_536))] },
                item => item with { Headers = [new("h", Ascii(65_537))] });
            yield return OfEvent(
                ".headers.h",
                item => item with { Headers = [new("h", Wide(65_536))] },
                item => item with { Headers = [new("h", Wide(65_538))] });
            yield return ("writes", Write("limit-1", Repeat(10_000, Event)), Write("limit-1", Repeat(10_001, Event)));
            yield return ("writes", Checks(10_000), Checks(10_001));
        }

        IEnumerable<(string, AppendRequest, AppendRequest)> Sizes()
        {
            yield return OfEvent(
                "", item => Keeping_events_whole.FilledTo(1_048_576, item), item => Keeping_events_whole.FilledTo(1_048_577, item));
            // The stream's name counts with each of its events.
            const int eighth = 1_048_576 - 7;
            yield return (
                "writes",
                Write("limit-1", Repeat(8, () => Keeping_events_whole.FilledTo(eighth, Event()))),
                Write(
                    "limit-1",
                    [
                        .. Repeat(7, () => Keeping_events_whole.FilledTo(eighth, Event())),
                        Keeping_events_whole.FilledTo(eighth + 1, Event()),
                    ]));
        }

        IEnumerable<(string, AppendRequest, AppendRequest)> Cursors()
        {
            var move = new CursorMove { Consumer = "limit", Expected = 0, Next = 0 };
            foreach (var (most, more) in new[] { (Ascii(512), Ascii(513)), (Wide(512), Wide(513)) })
            {
                yield return ("cursorMoves[0].consumer", Moving(move with { Consumer = most }), Moving(move with { Consumer = more }));
                yield return ("cursorMoves[0].heldKeys", Moving(move with { HeldKeys = [most] }), Moving(move with { HeldKeys = [more] }));
            }

            yield return ("cursorMoves[0].partition", Moving(move), Moving(move with { Partition = -1 }));
            yield return ("cursorMoves[0].expected", Moving(move), Moving(move with { Expected = -1 }));
            yield return ("cursorMoves[0].next", Moving(move), Moving(move with { Next = -1 }));
            yield return (
                "cursorMoves[0].heldKeys",
                Moving(move with { HeldKeys = Many(1_000, "k") }),
                Moving(move with { HeldKeys = Many(1_001, "k") }));
            yield return ("cursorMoves", Moving(Partitions(1_000, [])), Moving(Partitions(1_001, [])));
            ImmutableArray<string> keys = [.. Enumerable.Repeat(Ascii(512), 512)];
            yield return (
                "cursorMoves",
                Moving(Partitions(4, keys)),
                Moving([.. Partitions(4, keys), move with { Partition = 9, HeldKeys = ["k"] }]));
        }

        IEnumerable<(string, AppendRequest, AppendRequest)> Conditions()
        {
            var item = new QueryItem { Types = ["Never"] };
            yield return (
                "condition.after", Guarded(item), Guarded(item) with { Condition = new AppendCondition(EventQuery.Of(item), -1) });
            yield return ("condition.failIfMatch", Guarded(Repeat(100, () => item)), Guarded(Repeat(101, () => item)));
            yield return (
                "condition.failIfMatch.items[1]",
                Guarded(item, item with { Types = Many(100, "t") }),
                Guarded(item, item with { Types = Many(101, "t") }));
            yield return (
                "condition.failIfMatch.items[0]",
                Guarded(item with { Tags = Many(100, "t:") }),
                Guarded(item with { Tags = Many(101, "t:") }));
            yield return (
                "condition.failIfMatch.items[0].types",
                Guarded(item with { Types = [$"n{Ascii(511)}"] }),
                Guarded(item with { Types = [$"n{Ascii(512)}"] }));
            yield return (
                "condition.failIfMatch.items[0].tags",
                Guarded(item with { Tags = [$"t:{Ascii(510)}"] }),
                Guarded(item with { Tags = [$"t:{Ascii(511)}"] }));
        }
    }

    /// <summary>Requests that break a rule, and the field that must be named.</summary>
    public static IEnumerable<(string Field, AppendRequest Broken)> Broken(Func<string, string[], NewEvent> create)
    {
        var item = create("Happened", []);
        var move = new CursorMove { Consumer = "limit", Expected = 0, Next = 0 };
        yield return ("tenant", Write("limit-1", item) with { Tenant = "" });
        yield return ("tenant", Write("limit-1", item) with { Tenant = null! });
        yield return ("writes[0]", Writing([null!]));
        yield return (
            "writes[1].stream",
            Writing(new StreamWrite { Stream = "limit-1" }, new StreamWrite { Stream = null! }));
        yield return (
            "writes[1].stream",
            Writing(new StreamWrite { Stream = "limit-1", Events = [item] }, new StreamWrite { Stream = "limit-1" }));
        yield return ("writes[0].close", Writing(new StreamWrite { Stream = "limit-1", Close = true }));
        yield return ("writes[0].events[1]", Write("limit-1", item, null!));
        yield return ("writes[0].events[1].id", Write("limit-1", item, item));
        yield return (
            "writes[1].events[0].id",
            Writing(new StreamWrite { Stream = "limit-1", Events = [item] }, new StreamWrite { Stream = "limit-2", Events = [item] }));
        yield return ("cursorMoves[0]", Moving([null!]));
        yield return ("cursorMoves[1]", Moving(move, move));
        yield return ("condition.failIfMatch", Write("limit-1", item) with { Condition = new AppendCondition(null!, 0) });
        yield return ("condition.failIfMatch.items[0]", Guarded([null!]));
        yield return ("condition.failIfMatch.items[0].stream", Guarded(new QueryItem { Stream = "order" }));
        yield return ("condition.failIfMatch.items[0].category", Guarded(new QueryItem { Category = "order-1" }));
        foreach (var (field, broken) in new (string, NewEvent)[]
                 {
                     ("id", item with { Id = Guid.Empty }),
                     ("type", item with { Type = "" }),
                     ("type", item with { Type = null! }),
                     ("contentType", item with { ContentType = "" }),
                     ("correlationId", item with { CorrelationId = "" }),
                     ("causationId", item with { CausationId = "" }),
                     ("actor", item with { Actor = "" }),
                     ("traceParent", item with { TraceParent = "" }),
                     ("schemaVersion", item with { SchemaVersion = int.MinValue }),
                     ("tags[1]", item with { Tags = ["x:1", "x:1"] }),
                     ("tags[0]", item with { Tags = ["correlation:talk"] }),
                     ("tags[0]", item with { Tags = ["x"] }),
                     ("tags[0]", item with { Tags = ["x:"] }),
                     ("tags[0]", item with { Tags = [":x"] }),
                     ("tags[0]", item with { Tags = ["x y:z"] }),
                     ("tags[0]", item with { Tags = [null!] }),
                     ("headers", item with { Headers = [new("", "x")] }),
                     ("headers.h", item with { Headers = [new("h", null!)] }),
                     ("headers.h", item with { Headers = [new("h", "\ud800")] }),
                     ("headers.h", item with { Headers = [new("h", "1"), new("h", "2")] }),
                 })
        {
            yield return (
                $"writes[1].events[1].{field}",
                Writing(
                    new StreamWrite { Stream = "limit-1", Events = [create("Happened", [])] },
                    new StreamWrite { Stream = "limit-2", Events = [create("Happened", []), broken] }));
        }
    }

    /// <summary>A text in each place of a request where a name stands, with the field that must be named.</summary>
    public static IEnumerable<(string Field, AppendRequest Request)> NamedEverywhere(string text, NewEvent item)
    {
        var move = new CursorMove { Consumer = "limit", Expected = 0, Next = 0 };
        yield return ("tenant", Write("limit-1", item) with { Tenant = text });
        foreach (var (field, named) in new (string, NewEvent)[]
                 {
                     ("type", item with { Type = text }),
                     ("contentType", item with { ContentType = text }),
                     ("correlationId", item with { CorrelationId = text }),
                     ("causationId", item with { CausationId = text }),
                     ("actor", item with { Actor = text }),
                     ("traceParent", item with { TraceParent = text }),
                     ("tags[0]", item with { Tags = [$"t:{text}"] }),
                     ("headers", item with { Headers = [new(text, "")] }),
                 })
        {
            yield return ($"writes[0].events[0].{field}", Write("limit-1", named));
        }

        yield return ("cursorMoves[0].consumer", Moving(move with { Consumer = text }));
        yield return ("cursorMoves[0].heldKeys", Moving(move with { HeldKeys = [text] }));
        yield return ("condition.failIfMatch.items[0].types", Guarded(new QueryItem { Types = [text] }));
        yield return ("condition.failIfMatch.items[0].tags", Guarded(new QueryItem { Tags = [$"t:{text}"] }));
        yield return ("condition.failIfMatch.items[0].stream", Guarded(new QueryItem { Stream = $"order-{text}" }));
        yield return ("condition.failIfMatch.items[0].category", Guarded(new QueryItem { Category = $"order{text}" }));
    }

    /// <summary>Reads that break a rule, and the field that must be named.</summary>
    public static IEnumerable<(string Field, ReadRequest Request)> BrokenReads()
    {
        yield return ("tenant", new ReadRequest { Tenant = "" });
        yield return ("tenant", new ReadRequest { Tenant = "a\0" });
        yield return ("after", new ReadRequest { After = -1 });
        yield return ("before", new ReadRequest { Before = -1 });
        yield return ("limit", new ReadRequest { Limit = -1 });
        yield return ("follow", new ReadRequest { Follow = true, Backward = true });
        yield return ("follow", new ReadRequest { Follow = true, Before = 10 });
        yield return ("query", new ReadRequest { Query = null! });
        yield return (
            "query",
            new ReadRequest { Query = new EventQuery { Items = [.. Enumerable.Repeat(new QueryItem(), Limits.QueryItemsMax + 1)] } });
        yield return ("query.items[0]", new ReadRequest { Query = new EventQuery { Items = [null!] } });
        yield return ("query.items[0]", new ReadRequest { Query = EventQuery.Tagged(Many(Limits.QueryItemPartsMax + 1, "t:")) });
        yield return ("query.items[0].tags", new ReadRequest { Query = EventQuery.Tagged("untagged") });
        yield return ("query.items[0].types", new ReadRequest { Query = EventQuery.OfTypes("") });
        yield return ("query.items[0].stream", new ReadRequest { Query = EventQuery.OfStream("../../etc/passwd") });
        yield return ("query.items[0].category", new ReadRequest { Query = EventQuery.OfCategory("Order") });
    }

    private static AppendRequest Write(string stream, params NewEvent[] events) => AppendRequest.To(stream, Expectation.Any, [.. events]);

    private static AppendRequest Writing(params StreamWrite[] writes) => new() { Writes = [.. writes] };

    private static AppendRequest Moving(params CursorMove[] moves) => new() { CursorMoves = [.. moves] };

    private static AppendRequest Guarded(params QueryItem[] items) =>
        new() { Condition = new AppendCondition(new EventQuery { Items = [.. items] }, 0) };

    private static AppendRequest Checks(int count) =>
        new() { Writes = [.. Enumerable.Range(0, count).Select(s => new StreamWrite { Stream = $"checked-{s}" })] };

    private static CursorMove[] Partitions(int count, ImmutableArray<string> heldKeys) =>
    [
        .. Enumerable.Range(0, count).Select(partition =>
            new CursorMove { Consumer = "limit", Partition = partition, Expected = 0, Next = 0, HeldKeys = heldKeys }),
    ];

    private static T[] Repeat<T>(int count, Func<T> create) => [.. Enumerable.Range(0, count).Select(_ => create())];

    private static ImmutableArray<string> Many(int count, string prefix) => [.. Enumerable.Range(0, count).Select(n => $"{prefix}{n}")];

    private static ImmutableArray<KeyValuePair<string, string>> Headers(int count) =>
        [.. Enumerable.Range(0, count).Select(h => new KeyValuePair<string, string>($"h{h}", "v"))];

    private static string Ascii(int bytes) => new('x', bytes);

    /// <summary>As many bytes in characters of two; an odd one out is one byte long.</summary>
    private static string Wide(int bytes) => new string('é', bytes / 2) + new string('x', bytes % 2);

    /// <summary>As many bytes in surrogate pairs of four, the rest in bytes.</summary>
    private static string Widest(int bytes) => string.Concat(Enumerable.Repeat("\U0001d11e", bytes / 4)) + new string('x', bytes % 4);
}
