using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>A fact on its way into the ledger: everything its author knows, nothing that the order of writing decides.</summary>
public sealed record NewEvent
{
    /// <summary>The content type of events that do not name one.</summary>
    public const string Json = "application/json";

    /// <summary>Unique for ever within the tenant: appending the same id again answers with the original position.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stable name of what happened, past tense: <c>OrderCreated</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the schema that <see cref="Data"/> follows, from 1.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The fact itself, kept byte for byte.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The media type of <see cref="Data"/>.</summary>
    public string ContentType { get; init; } = Json;

    /// <summary>When the fact became true in the world, where that differs from when it was recorded; UTC microseconds.</summary>
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>Names the whole conversation this event belongs to; found by the tag <c>correlation:…</c>.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Names the event or command that directly caused this one.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what did it.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace parent of the call that appended it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Indexed labels <c>name:value</c>; a set, so their order does not matter.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Free text by name, stored beside the data and not indexed; names are unique.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];
}
