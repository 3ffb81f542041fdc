using System.Collections.Immutable;

namespace Ledgerfold.Simulation;

/// <summary>Equality and words for what has none of its own.</summary>
internal static class Events
{
    /// <summary>Every event there can be.</summary>
    public static EventQuery Everything { get; } = new()
    {
        Items = [new QueryItem(), new QueryItem { Category = Requests.PlatformCategory }],
    };

    /// <summary>Whether two events are the same in all but the recorded time.</summary>
    public static bool Same(RecordedEvent one, RecordedEvent other) =>
        one.Position == other.Position
        && one.Id == other.Id
        && one.Tenant == other.Tenant
        && one.Stream == other.Stream
        && one.Version == other.Version
        && one.Type == other.Type
        && one.SchemaVersion == other.SchemaVersion
        && one.EffectiveAt == other.EffectiveAt
        && one.CorrelationId == other.CorrelationId
        && one.CausationId == other.CausationId
        && one.Actor == other.Actor
        && one.TraceParent == other.TraceParent
        && one.ContentType == other.ContentType
        && one.Erased == other.Erased
        && one.Data.Span.SequenceEqual(other.Data.Span)
        && one.Tags.AsSpan().SequenceEqual(other.Tags.AsSpan())
        && one.Headers.SequenceEqual(other.Headers);

    public static string Say(RecordedEvent? recorded) => recorded is null
        ? "nothing"
        : $"#{recorded.Position} {recorded.Tenant} {recorded.Stream}@{recorded.Version} {recorded.Type} "
            + $"{Short(recorded.Id)} {recorded.Data.Length} bytes";

    public static string SayPositions(IEnumerable<RecordedEvent> events) => $"[{string.Join(' ', events.Select(one => one.Position))}]";

    public static string Say(AppendRequest request) =>
        $"{request.Tenant} [{string.Join(", ", request.Writes.Select(Say))}]"
        + (request.Condition is { } condition ? $" unless after {condition.After}" : "")
        + string.Concat(request.CursorMoves.Select(Say));

    public static string Say(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Appended appended =>
            $"Appended {appended.First}..{appended.Last}{(appended.Repeated ? " repeated" : "")} "
            + $"[{string.Join(' ', appended.Versions.Select(one => $"{one.Stream}@{one.Version}"))}]",
        _ => outcome.ToString(),
    };

    /// <summary>Whether two outcomes say the same; of several matches a failed condition may name any, and words are free.</summary>
    public static bool Same(AppendOutcome expected, AppendOutcome got) => (expected, got) switch
    {
        (AppendOutcome.Appended one, AppendOutcome.Appended other) =>
            (one.First, one.Last, one.Repeated) == (other.First, other.Last, other.Repeated)
            && one.Versions.AsSpan().SequenceEqual(other.Versions.AsSpan()),
        (AppendOutcome.Refused one, AppendOutcome.Refused other) => one.Field == other.Field,
        (AppendOutcome.ConditionFailed, AppendOutcome.ConditionFailed) => true,
        _ => expected == got,
    };

    public static ImmutableArray<NewEvent> Of(AppendRequest request) => [.. request.Writes.SelectMany(write => write.Events)];

    private static string Say(StreamWrite write) =>
        $"{write.Stream} ({write.Expect}): {string.Join(' ', write.Events.Select(item => Short(item.Id)))}"
        + (write.Close ? " closing" : "");

    private static string Say(CursorMove move) =>
        $" {move.Consumer}/{move.Partition} {move.Expected}>{move.Next} [{string.Join(' ', move.HeldKeys)}]";

    private static string Short(Guid id) => id.ToString("N")[..6];
}
