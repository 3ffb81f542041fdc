using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledgerfold.Cli.Json;

/// <summary>
/// Reads a line of input as an append: one event, an array of events, or a full request with <c>writes</c>, <c>condition</c> and
/// <c>cursorMoves</c>. The short forms stand for a request that writes to one stream, so paths in refusals always begin at the request.
/// Data is taken as the very bytes of the line.
/// </summary>
internal sealed class AppendRequestReader(string tenant, string? stream, Expectation expect)
{
    private const string Binary = "application/octet-stream";

    // The ledger bounds data by its size; how deep it is nested is nobody's business.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = int.MaxValue };

    public bool TryRead(ReadOnlyMemory<byte> line, out AppendRequest request, out AppendOutcome.Refused? refused)
    {
        try
        {
            request = Read(line);
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

    private AppendRequest Read(ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
            throw new RefusedInputException("", "a line of valid UTF-8");
        using var document = Parse(line);
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

    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line, Options);
        }
        catch (JsonException broken)
        {
            var reason = broken.Message.Split(" LineNumber:", 2)[0];
            throw new RefusedInputException("", $"one JSON value in a line; at byte {broken.BytePositionInLine} of this one: {reason}");
        }
    }

    private AppendRequest Short(ImmutableArray<NewEvent> events)
    {
        if (stream is null)
            throw new RefusedInputException("writes[0].stream", "named by --stream, or by a full request in the line");
        return AppendRequest.To(stream, expect, events) with { Tenant = tenant };
    }

    private AppendRequest Full(JsonFields request) => new()
    {
        Tenant = tenant,
        Writes = request.Each("writes", WriteOf),
        Condition = request.Object("condition") is { } condition ? ConditionOf(condition) : null,
        CursorMoves = request.Each("cursorMoves", CursorMoveOf),
    };

    private static StreamWrite WriteOf(JsonElement value, string path)
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

    private static NewEvent EventOf(JsonElement value, string path)
    {
        var fields = new JsonFields(value, path);
        var json = fields.Find("data");
        var bytes = fields.Base64("dataBase64"); // the exact bytes, where both are given
        if (json is null && bytes is null)
            throw fields.Refused("data", "required: any JSON value, or dataBase64");
        return new NewEvent
        {
            Id = fields.Id("id") ?? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            Type = fields.RequiredText("type"),
            SchemaVersion = fields.Small("schemaVersion") ?? 1,
            Data = bytes ?? JsonMarshal.GetRawUtf8Value(json!.Value).ToArray(),
            ContentType = fields.Text("contentType") ?? (json is null ? Binary : NewEvent.Json),
            EffectiveAt = fields.Time("effectiveAt"),
            CorrelationId = fields.Text("correlationId"),
            CausationId = fields.Text("causationId"),
            Actor = fields.Text("actor"),
            TraceParent = fields.Text("traceParent"),
            Tags = fields.TagList("tags"),
            Headers = fields.Pairs("headers"),
        };
    }
}
