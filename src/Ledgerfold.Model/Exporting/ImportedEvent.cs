using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Commanding;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// An event as a line tells it: one that an export wrote, or a plain CloudEvent of anybody, which needs a subject to be its stream.
/// </summary>
internal sealed record ImportedEvent
{
    // Never changes: a plain event keeps its id however often it is imported.
    private static readonly Guid Space = new("8c7e1f52-9b3d-4e0c-a1f6-696d706f7274");

    public required long Line { get; init; }

    public required string Tenant { get; init; }

    public required string Stream { get; init; }

    /// <summary>The event to append; null for one that is erased, of which nothing can be made.</summary>
    public NewEvent? Item { get; init; }

    public long? Position { get; init; }

    public long? Version { get; init; }

    public DateTimeOffset? Time { get; init; }

    /// <summary>The effective time that the line gives, if it does.</summary>
    public DateTimeOffset? Effective { get; init; }

    public static ImportedEvent From(LineAttributes attributes, ImportOptions options)
    {
        if (attributes.RequiredText(Attributes.SpecVersion) != Attributes.Supported)
            throw attributes.Refused(Attributes.SpecVersion, "1.0");
        var source = attributes.RequiredText(Attributes.Source);
        var stream = attributes.RequiredText(Attributes.Subject);
        var position = attributes.Whole(Attributes.Position);
        var version = attributes.Whole(Attributes.Version);
        var time = attributes.Time(Attributes.Time);
        var tenant = options.Tenant ?? attributes.Text(Attributes.Tenant) ?? Tenants.Default;
        if (StreamNames.IsPlatform(stream) && !options.Platform)
            throw attributes.Refused(Attributes.Subject, "no stream of the platform ($…), unless the import is told to take them");
        var (id, foreignId) = IdOf(attributes, source);
        var effective = attributes.Time(Attributes.EffectiveTime);
        var read = new ImportedEvent
        {
            Line = attributes.Line,
            Tenant = tenant,
            Stream = stream,
            Position = position,
            Version = version,
            Time = time,
            Effective = effective,
        };
        var isErased = attributes.Flag(Attributes.Erased);
        // The time of a plain event is when it happened; that of an exported one is when it was recorded.
        var item = ItemOf(attributes, id, effective ?? (position is null || options.TimeAsEffective ? time : null), isErased);
        Check(attributes, tenant, stream, item);
        return isErased ? read : read with { Item = Origin.AddedTo(item, source, foreignId, position, position is null ? null : time) };
    }

    /// <summary>The event that a line tells of, but for what it is called there.</summary>
    /// <param name="attributes">The line.</param>
    /// <param name="id">Its id here.</param>
    /// <param name="effectiveAt">When it happened, if that is said.</param>
    /// <param name="isErased">Whether it has no data, and all else is to be checked as if it had.</param>
    public static NewEvent ItemOf(LineAttributes attributes, Guid id, DateTimeOffset? effectiveAt, bool isErased)
    {
        var (contentType, data) = isErased ? (ContentTypeOf(attributes) ?? NewEvent.Json, "{}"u8.ToArray()) : DataOf(attributes);
        return new NewEvent
        {
            Id = id,
            Type = attributes.RequiredText(Attributes.Type),
            SchemaVersion = attributes.Whole(Attributes.SchemaVersion) switch
            {
                null => 1,
                <= int.MaxValue and var number => (int)number,
                _ => throw attributes.Refused(Attributes.SchemaVersion, $"at most {int.MaxValue}"),
            },
            ContentType = contentType,
            Data = data,
            EffectiveAt = effectiveAt,
            CorrelationId = attributes.Text(Attributes.CorrelationId),
            CausationId = attributes.Text(Attributes.CausationId),
            Actor = attributes.Text(Attributes.Actor),
            TraceParent = attributes.Text(Attributes.TraceParent),
            Tags = TagsOf(attributes),
            Headers = HeadersOf(attributes),
        };
    }

    /// <summary>Of the id that an event has elsewhere, together with where that is, its id here follows.</summary>
    public static Guid IdOf(string source, string id) =>
        NameBasedId.Of(Space, Encoding.UTF8.GetBytes($"{source.Length}:{source}{id}")); // behind its length: no two pairs read the same

    /// <summary>
    /// The first thing in which the recorded event is not this one, or null: what a repeated append compares, and when asked also who did
    /// it and why. Where it came from before does not count, nor an effective time that is only the time of the line.
    /// </summary>
    public string? DifferenceTo(RecordedEvent recorded, bool withCauses)
    {
        var item = Item!;
        if (recorded.Stream != Stream)
            return "stream";
        if (recorded.Type != item.Type)
            return "type";
        if (recorded.SchemaVersion != item.SchemaVersion)
            return "schema version";
        if (recorded.ContentType != item.ContentType)
            return "content type";
        if (!recorded.Data.Span.SequenceEqual(item.Data.Span))
            return "data";
        if (!Times.SameMicrosecond(recorded.EffectiveAt, Effective)
            && (Effective is not null || !Times.SameMicrosecond(recorded.EffectiveAt, Time)))
        {
            return "effective time";
        }

        if (!recorded.Tags.ToHashSet(StringComparer.Ordinal).SetEquals(item.Tags))
            return "tags";
        if (!Origin.Without(recorded.Headers).ToHashSet().SetEquals(Origin.Without(item.Headers)))
            return "headers";
        return withCauses ? DifferentCause(recorded, item) : null;
    }

    private static string? DifferentCause(RecordedEvent recorded, NewEvent item)
    {
        if (recorded.CorrelationId != item.CorrelationId)
            return "correlation id";
        if (recorded.CausationId != item.CausationId)
            return "causation id";
        if (recorded.Actor != item.Actor)
            return "actor";
        return recorded.TraceParent != item.TraceParent ? "trace parent" : null;
    }

    /// <summary>Whether the ledger would take it.</summary>
    /// <exception cref="BadFileException">It would not; told with the attribute that is at fault.</exception>
    public static void Check(LineAttributes attributes, string tenant, string stream, NewEvent item)
    {
        if (Limits.Check(AppendRequest.To(stream, Expectation.Any, item) with { Tenant = tenant }) is not { } refused)
            return;
        var field = refused.Field[(refused.Field.IndexOf("].", StringComparison.Ordinal) is >= 0 and var at ? at + 2 : 0)..];
        field = field.StartsWith("events[0]", StringComparison.Ordinal) ? field["events[0]".Length..].TrimStart('.') : field;
        var name = field.Split('[', '.')[0] switch
        {
            "stream" => Attributes.Subject,
            "schemaVersion" => Attributes.SchemaVersion,
            "contentType" => Attributes.DataContentType,
            "effectiveAt" => Attributes.EffectiveTime,
            "correlationId" => Attributes.CorrelationId,
            "causationId" => Attributes.CausationId,
            "traceParent" => Attributes.TraceParent,
            var other => other,
        };
        throw attributes.Refused(name, refused.Rule);
    }

    /// <summary>A UUID is the id; of another text, together with its source, the id follows.</summary>
    private static (Guid Id, string? ForeignId) IdOf(LineAttributes attributes, string source)
    {
        var text = attributes.RequiredText(Attributes.Id);
        if (Guid.TryParseExact(text, "D", out var id))
            return (id, null);
        if (attributes.Has(Attributes.Position))
            throw attributes.Refused(Attributes.Id, "a UUID in an event that has a global position");
        return (IdOf(source, text), text);
    }

    private static string? ContentTypeOf(LineAttributes attributes)
    {
        var contentType = attributes.Text(Attributes.ContentType);
        if (contentType is not null && attributes.Has(Attributes.DataContentType))
            throw attributes.Refused(Attributes.ContentType, "not beside datacontenttype");
        return contentType ?? attributes.Text(Attributes.DataContentType);
    }

    private static (string ContentType, ReadOnlyMemory<byte> Data) DataOf(LineAttributes attributes)
    {
        var contentType = ContentTypeOf(attributes);
        if (attributes.Find(Attributes.DataBase64) is { } base64)
        {
            if (attributes.Has(Attributes.Data))
                throw attributes.Refused(Attributes.DataBase64, "not beside data");
            return base64.ValueKind == JsonValueKind.String && base64.TryGetBytesFromBase64(out var bytes)
                ? (contentType ?? Attributes.Binary, bytes)
                : throw attributes.Refused(Attributes.DataBase64, "a string in Base64");
        }

        contentType ??= NewEvent.Json;
        if (attributes.Find(Attributes.Data) is not { } data)
        {
            return ExactJson.IsNamedBy(contentType)
                ? (contentType, "{}"u8.ToArray())
                : throw attributes.Refused(Attributes.Data, $"required for {contentType}");
        }

        return ExactJson.IsNamedBy(contentType)
            ? (contentType, JsonMarshal.GetRawUtf8Value(data).ToArray())
            : (contentType, Encoding.UTF8.GetBytes(attributes.TextOf(Attributes.Data, data)));
    }

    private static ImmutableArray<string> TagsOf(LineAttributes attributes)
    {
        const string Rule = """a JSON array of name:value in a string: "[\"vendor:V2\"]" """;
        if (attributes.Inner(Attributes.Tags, JsonValueKind.Array, Rule.TrimEnd()) is not { } tags)
            return [];
        return [.. tags.EnumerateArray().Select(tag => attributes.TextOf(Attributes.Tags, tag))];
    }

    /// <summary>Its headers, and the extensions of others, which are not lost: <c>ce-NAME</c>.</summary>
    private static ImmutableArray<KeyValuePair<string, string>> HeadersOf(LineAttributes attributes)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        if (attributes.Inner(Attributes.Headers, JsonValueKind.Object, "a JSON object of strings in a string") is { } own)
        {
            foreach (var header in own.EnumerateObject())
                headers.Add(new(attributes.NameOf(header, Attributes.Headers), attributes.TextOf(Attributes.Headers, header.Value)));
        }

        foreach (var (name, value) in attributes.Unknown)
        {
            headers.Add(new($"ce-{name}", value.ValueKind switch
            {
                JsonValueKind.String => attributes.TextOf(name, value),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => throw attributes.Refused(name, "a string, a number, true or false"),
            }));
        }

        return headers.ToImmutable();
    }
}
