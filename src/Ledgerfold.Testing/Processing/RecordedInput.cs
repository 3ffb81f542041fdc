using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Testing.Processing;

/// <summary>An input of a recorded instance, with its whole content, and what the code of that time made of it.</summary>
public sealed record RecordedInput
{
    /// <summary>The event.</summary>
    public required RecordedContent Event { get; init; }

    /// <summary>When it was taken up: later than it was recorded where it waited.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The instance after it, and what it brought about; null where it was missed.</summary>
    public ProcessEvent.ProcessAdvanced? Advanced { get; init; }

    /// <summary>Why nobody could take it; null where the instance did.</summary>
    public ProcessEvent.ProcessMissed? Missed { get; init; }

    /// <summary>Whether it had waited, and the instance made nothing of it.</summary>
    internal bool IsLetGo => Advanced?.Out is [{ Kind: ProcessOutputKind.NoLongerWaits }];

    internal bool IsHeldBack => Advanced?.Out.Any(static one => one.Kind is ProcessOutputKind.Held or ProcessOutputKind.Waits) == true;
}

/// <summary>An event as it stands in the file of a recording.</summary>
public sealed record RecordedContent
{
    /// <summary>Where it stood in the ledger.</summary>
    public required long Position { get; init; }

    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Where it stood in its stream.</summary>
    public required long StreamVersion { get; init; }

    /// <summary>What happened.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the schema that its data follow.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>When it became true in the world.</summary>
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>The conversation it belongs to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>What caused it.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who did it.</summary>
    public string? Actor { get; init; }

    /// <summary>Its tags.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Its headers.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What it says.</summary>
    public required JsonElement Data { get; init; }

    internal static RecordedContent Of(RecordedEvent recorded) => new()
    {
        Position = recorded.Position,
        Id = recorded.Id,
        Stream = recorded.Stream,
        StreamVersion = recorded.Version,
        Type = recorded.Type,
        SchemaVersion = recorded.SchemaVersion,
        RecordedAt = recorded.RecordedAt,
        EffectiveAt = recorded.EffectiveAt,
        CorrelationId = recorded.CorrelationId,
        CausationId = recorded.CausationId,
        Actor = recorded.Actor,
        Tags = recorded.Tags,
        Headers = recorded.Headers,
        Data = JsonSerializer.Deserialize<JsonElement>(recorded.Data.Span),
    };

    internal RecordedEvent AsRecorded(string tenant) => new()
    {
        Position = Position,
        Id = Id,
        Tenant = tenant,
        Stream = Stream,
        Version = StreamVersion,
        Type = Type,
        SchemaVersion = SchemaVersion,
        RecordedAt = RecordedAt,
        EffectiveAt = EffectiveAt,
        CorrelationId = CorrelationId,
        CausationId = CausationId,
        Actor = Actor,
        Tags = Tags,
        Headers = Headers,
        ContentType = NewEvent.Json,
        Data = JsonSerializer.SerializeToUtf8Bytes(Data),
    };
}
