using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// How operations look in the ledger: one stream for each, <c>$operation-id</c>, which its last event closes. What has to be found without
/// reading all of them stands in tags: the kind, the subject, and as what it ended.
/// </summary>
internal static class OperationRecords
{
    public const string Category = "$operation";

    /// <summary>The most bytes, as JSON, of a request, a checkpoint or a result.</summary>
    public const int JsonBytesMax = 256 * 1024;

    private const string KindTag = "kind:";
    private const string SubjectTag = "subject:";
    private const string OutcomeTag = "outcome:";

    // Never changes: the ids of what was begun follow from it.
    private static readonly Guid Space = new("9e1d4a0c-7f53-4c6e-8b1a-6f7065726174");

    private static readonly string Prefix = Category + "-";

    public static EventCodec Codec { get; } = new(EventTypes.Of<OperationEvent>(EventJson.CommandOptions));

    public static ImmutableArray<string> BegunType { get; } = [nameof(OperationEvent.OperationBegun)];

    public static ImmutableArray<string> EndedType { get; } = [nameof(OperationEvent.OperationEnded)];

    /// <summary>The types of which an operation has few: one of each, and one life behind each restart.</summary>
    public static ImmutableArray<string> TurningPoints { get; } =
    [
        nameof(OperationEvent.OperationBegun), nameof(OperationEvent.OperationTaken),
        nameof(OperationEvent.OperationCancelAsked), nameof(OperationEvent.OperationEnded),
    ];

    public static string StreamOf(Guid id) => Prefix + id.ToString("D", CultureInfo.InvariantCulture);

    public static Guid IdOf(string stream) => TryIdOf(stream) ?? throw new InvalidDataException($"{stream} is no operation's.");

    public static Guid? TryIdOf(string stream) => Guid.TryParseExact(stream.AsSpan(Prefix.Length), "D", out var id) ? id : null;

    /// <summary>The id of the event with which an operation begins: so that the ledger knows whoever asks twice.</summary>
    public static Guid IdOfBegun(Guid id) => NameBasedId.Of(Space, id.ToByteArray(bigEndian: true));

    public static string TagOfKind(string kind) => KindTag + kind;

    public static string TagOfSubject(string subject) => SubjectTag + subject;

    public static string TagOfOutcome(OperationPhase phase) => OutcomeTag + Telemetry.NameOf(phase);

    public static bool IsSubject(string subject) => Encoding.UTF8.GetByteCount(subject) <= 400 && Limits.IsTag(TagOfSubject(subject));

    public static string? KindOf(RecordedEvent begun) => ValueOf(begun, KindTag);

    public static string? SubjectOf(RecordedEvent begun) => ValueOf(begun, SubjectTag);

    public static OperationPhase OutcomeOf(RecordedEvent ended) =>
        Enum.TryParse<OperationPhase>(ValueOf(ended, OutcomeTag), ignoreCase: true, out var phase) ? phase : OperationPhase.Failed;

    /// <summary>What asked for operations: of one kind, or of all.</summary>
    public static EventQuery BegunOf(string? kind) =>
        Turning(BegunType, kind is null ? [] : [TagOfKind(kind)]);

    /// <summary>What asked for operations on a subject.</summary>
    public static EventQuery BegunOn(string subject) => Turning(BegunType, [TagOfSubject(subject)]);

    public static EventQuery Turning(ImmutableArray<string> types, params ImmutableArray<string> tags) =>
        EventQuery.Of(new QueryItem { Category = Category, Types = types, Tags = tags });

    public static EventQuery In(Guid id, params ImmutableArray<string> types) =>
        EventQuery.Of(new QueryItem { Stream = StreamOf(id), Types = types });

    /// <summary>An event of an operation as it is recorded.</summary>
    public static NewEvent Write(OperationEvent said, Guid id, string? actor = null)
    {
        var (type, version, data) = Codec.Encode(said);
        return new NewEvent { Id = id, Type = type, SchemaVersion = version, Data = data, Actor = actor, Tags = TagsOf(said) };
    }

    /// <summary>An append behind a version of an operation's stream; the last event of all closes it.</summary>
    public static AppendRequest WriteTo(OperationState state, long version, bool closes, ImmutableArray<NewEvent> events)
    {
        var write = new StreamWrite
        {
            Stream = StreamOf(state.Id),
            Expect = Expectation.Exactly(version),
            Events = events,
            Close = closes,
        };
        return new AppendRequest { Tenant = state.Tenant, Writes = [write] };
    }

    /// <summary>What an event of an operation says.</summary>
    /// <exception cref="InvalidDataException">This code cannot read it.</exception>
    public static OperationEvent Read(RecordedEvent recorded) => Codec.Decode(recorded) is { Problem: null, Count: 1 } decoded
        ? (OperationEvent)decoded[0]
        : throw new InvalidDataException($"The event at {recorded.Position} cannot be read.");

    /// <summary>As JSON; null where that is too much to be kept.</summary>
    public static JsonElement? ToJson(object value, out int bytes)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), EventJson.Options);
        bytes = json.Length;
        return bytes <= JsonBytesMax ? JsonElement.Parse(json) : null;
    }

    private static ImmutableArray<string> TagsOf(OperationEvent said) => said switch
    {
        OperationEvent.OperationBegun { Subject: { } subject } begun => [TagOfKind(begun.Kind), TagOfSubject(subject)],
        OperationEvent.OperationBegun begun => [TagOfKind(begun.Kind)],
        OperationEvent.OperationEnded ended => [TagOfOutcome(ended.Phase)],
        _ => [],
    };

    private static string? ValueOf(RecordedEvent recorded, string name) =>
        recorded.Tags.FirstOrDefault(tag => tag.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
}
