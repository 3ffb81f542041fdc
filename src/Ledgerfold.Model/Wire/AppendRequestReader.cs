using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledgerfold.Model.Wire;

/// <summary>
/// Reads JSON as an append: one event, an array of events, or a full request with <c>writes</c>, <c>condition</c> and
/// <c>cursorMoves</c>. The short forms stand for a request that writes to one stream, so paths in refusals always begin at the request.
/// Data is taken as the very bytes of the input. Any thread.
/// </summary>
/// <param name="tenant">Whose append it is.</param>
/// <param name="stream">Where the short forms write; null where only a full request can say it.</param>
/// <param name="expect">What the short forms expect of that stream.</param>
/// <param name="newId">Gives the id of an event that comes without one.</param>
public sealed class AppendRequestReader(string tenant, string? stream, Expectation expect, Func<Guid> newId)
{
    private const string Binary = "application/octet-stream";

    /// <summary>What the input is called where it is refused as a whole.</summary>
    public string InputName { get; init; } = "body";

    /// <summary>What to do about a short form that names no stream.</summary>
    public string StreamRule { get; init; } = "required: named by a full request";

    /// <summary>How deep the input may be nested; the ledger itself bounds data by its size alone.</summary>
    public int DepthMax { get; init; } = 64;

    /// <summary>Reads the input; false where it breaks a rule, which is told with the path to it.</summary>
    public bool TryRead(ReadOnlyMemory<byte> input, out AppendRequest request, out AppendOutcome.Refused? refused)
    {
        try
        {
            request = Read(input);
            refused = null;
            return true;
        }
        catch (RefusedInputException broken)
        {
            request = new AppendRequest { Tenant = tenant };
            refused = new AppendOutcome.Refused(broken.Field, broken.Rule);
            return false;
        }
    }

    private AppendRequest Read(ReadOnlyMemory<byte> input)
    {
        if (!Utf8.IsValid(input.Span))
            throw new RefusedInputException("", $"a {InputName} of valid UTF-8");
        using var document = Parse(input);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array)
            return Short(JsonFields.EachOf(root, "writes[0].events", EventOf));
        if (root.ValueKind != JsonValueKind.Object)
            throw new RefusedInputException("", "an event, an array of events, or a request with writes");
        var fields = new JsonFields(root, "");
        return fields.Has("writes") || fields.Has("condition") || fields.Has("cursorMoves")
            ? Full(fields)
            : Short([EventOf(root, "writes[0].events[0]")]);
    }

    private JsonDocument Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            return JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = DepthMax });
        }
        catch (JsonException broken)
        {
            var reason = broken.Message.Split(" LineNumber:", 2)[0];
            throw new RefusedInputException(
                "", $"one JSON value in a {InputName}; at byte {broken.BytePositionInLine} of this one: {reason}");
        }
    }

    private AppendRequest Short(ImmutableArray<NewEvent> events)
    {
        if (stream is null)
            throw new RefusedInputException("writes[0].stream", StreamRule);
        return AppendRequest.To(stream, expect, events) with { Tenant = tenant };
    }

    private AppendRequest Full(JsonFields request) => new()
    {
        Tenant = tenant,
        Writes = request.Each("writes", WriteOf),
        Condition = request.Object("condition") is { } condition ? ConditionOf(condition) : null,
        CursorMoves = request.Each("cursorMoves", CursorMoveOf),
    };

    private StreamWrite WriteOf(JsonElement value, string path)
    {
        var write = new JsonFields(value, path);
        return new StreamWrite
        {
            Stream = write.RequiredText("stream"),
            Expect = ExpectOf(write),
            Events = write.Each("events", EventOf),
            Close = write.Flag("close"),
        };
    }

    private static Expectation ExpectOf(JsonFields write)
    {
        const string Rule = "any, none, or a version";
        if (write.Find("expect") is not { ValueKind: not JsonValueKind.Null } value)
            return Expectation.Any;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            throw write.Refused("expect", Rule);
        return ExpectationText.TryParse(value.ToString(), out var expected) ? expected : throw write.Refused("expect", Rule);
    }

    private static AppendCondition ConditionOf(JsonFields condition)
    {
        var query = condition.RequiredObject("failIfMatch");
        return new AppendCondition(new EventQuery { Items = query.Each("items", QueryItemOf) }, condition.Whole("after") ?? 0);
    }

    private static QueryItem QueryItemOf(JsonElement value, string path)
    {
        var item = new JsonFields(value, path);
        return new QueryItem
        {
            Types = item.Each("types", JsonFields.TextOf),
            Tags = item.TagList("tags"),
            Stream = item.Text("stream"),
            Category = item.Text("category"),
        };
    }

    private static CursorMove CursorMoveOf(JsonElement value, string path)
    {
        var move = new JsonFields(value, path);
        return new CursorMove
        {
            Consumer = move.RequiredText("consumer"),
            Partition = move.Small("partition") ?? 0,
            Expected = move.RequiredWhole("expected"),
            Next = move.RequiredWhole("next"),
            HeldKeys = move.Each("heldKeys", JsonFields.TextOf),
        };
    }

    private NewEvent EventOf(JsonElement value, string path)
    {
        var fields = new JsonFields(value, path);
        var json = fields.Find("data");
        var bytes = fields.Base64("dataBase64"); // the exact bytes, where both are given
        if (json is null && bytes is null)
            throw fields.Refused("data", "required: any JSON value, or dataBase64");
        return new NewEvent
        {
            Id = fields.Id("id") ?? newId(),
            Type = fields.RequiredText("type"),
            SchemaVersion = fields.Small("schemaVersion") ?? 1,
            Data = bytes ?? JsonMarshal.GetRawUtf8Value(json!.Value).ToArray(),
            ContentType = fields.Text("contentType") ?? (json is null ? Binary : NewEvent.Json),
            EffectiveAt = fields.Time("effectiveAt"),
            CorrelationId = fields.Text("correlationId"),
            CausationId = fields.Text("causationId"),
            Actor = fields.Text("actor"),
            TraceParent = fields.Text("traceParent") ?? Telemetry.CurrentTraceParent,
            Tags = fields.TagList("tags"),
            Headers = fields.Pairs("headers"),
        };
    }
}
