using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>A fact in the ledger: what its author said, and where and when it was recorded.</summary>
public sealed class RecordedEvent
{
    private const long NoTime = long.MinValue;

    // microseconds, because an event is read by the million and a date of the framework is twice as wide
    private readonly long _recordedAt;
    private readonly long _effectiveAt = NoTime;

    /// <summary>Where it stands in the whole ledger: 1, 2, 3, … without gaps.</summary>
    public required long Position { get; init; }

    /// <summary>Unique for ever within the tenant.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose event it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The stream it belongs to, <c>category-id</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Where it stands in its stream: 1, 2, 3, … without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>The stable name of what happened.</summary>
    public required string Type { get; init; }

    /// <summary>The version of the schema that <see cref="Data"/> follows.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>When it was recorded, cut to whole microseconds in UTC; never earlier than that of the position before.</summary>
    public required DateTimeOffset RecordedAt
    {
        get => Times.FromMicros(_recordedAt);
        init => _recordedAt = Times.ToMicros(value);
    }

    /// <summary>When it became true in the world, if its author said so.</summary>
    public DateTimeOffset? EffectiveAt
    {
        get => _effectiveAt == NoTime ? null : Times.FromMicros(_effectiveAt);
        init => _effectiveAt = value is { } time ? Times.ToMicros(time) : NoTime;
    }

    /// <summary>Names the whole conversation it belongs to.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Names what directly caused it.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what did it.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace parent of the call that appended it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Indexed labels <c>name:value</c>, in the order they were given.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The media type of <see cref="Data"/>.</summary>
    public required string ContentType { get; init; }

    /// <summary>The fact itself, byte for byte as it was appended; empty once erased.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Free text by name, in the order it was given; empty once erased.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether data and headers were erased; everything else still stands and still proves.</summary>
    public bool Erased { get; init; }

    /// <summary>
    /// Whether <paramref name="other"/> says the same about this stream: the definition of a repeated append. Correlation, causation, actor
    /// and trace may differ, because a retry may come from elsewhere.
    /// </summary>
    public bool SaysTheSameAs(string stream, NewEvent other) =>
        Stream == stream
        && Type == other.Type
        && SchemaVersion == other.SchemaVersion
        && ContentType == other.ContentType
        && Times.SameMicrosecond(EffectiveAt, other.EffectiveAt)
        && Data.Span.SequenceEqual(other.Data.Span)
        && SameSet(Tags, other.Tags.IsDefault ? [] : other.Tags)
        && SameSet(Headers, other.Headers.IsDefault ? [] : other.Headers);

    private static bool SameSet<T>(ImmutableArray<T> ours, ImmutableArray<T> theirs) where T : IEquatable<T>?
        => ours.AsSpan().SequenceEqual(theirs.AsSpan()) || SameUnordered(ours, theirs);

    private static bool SameSet(
        ImmutableArray<KeyValuePair<string, string>> ours, ImmutableArray<KeyValuePair<string, string>> theirs)
        => SameUnordered(ours, theirs);

    private static bool SameUnordered<T>(ImmutableArray<T> ours, ImmutableArray<T> theirs)
        => ours.Length == theirs.Length && (ours.Length == 0 || new HashSet<T>(ours).SetEquals(theirs));
}
