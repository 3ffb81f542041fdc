using System.Collections.Immutable;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Tests.Folding;

/// <summary>
/// Sums under keys. A row remembers the positions it was made of, in the order in which they came: an event that was lost, doubled or out of
/// its order shows.
/// </summary>
internal sealed record Tally(long Sum, string Trail, string? Label = null)
{
    public abstract record Event;

    public sealed record Added(string Key, long Amount) : Event;

    public sealed record Moved(string From, string To, long Amount) : Event;

    public sealed record Labelled(string Key, string Label) : Event;

    public sealed record Cleared(string Key) : Event;

    public static EventTypes Types { get; } = EventTypes.Of<Event>();

    public static EventQuery Query { get; } = EventQuery.OfCategory("tally");

    /// <summary>The projection, with something that happens before each fact is applied.</summary>
    public static Projection<Tally> Projection(
        Action<object, RecordedEvent>? before = null, int version = 1, Action<object, RecordedEvent>? beforeKey = null) => new("tallies", version)
        {
            Query = Query,
            Keys = (fact, recorded) =>
            {
                beforeKey?.Invoke(fact, recorded);
                return KeysOf(fact, recorded);
            },
            Apply = (tally, fact, recorded) =>
            {
                before?.Invoke(fact, recorded);
                return Next(tally ?? new Tally(0, ""), fact, recorded);
            },
            Indexes = tally => tally.Label is { } label
                ? [new FoldIndexEntry("label", label, Unique: true), new FoldIndexEntry("sum", $"{tally.Sum:D6}")]
                : [new FoldIndexEntry("sum", $"{tally.Sum:D6}")],
        };

    public static IEnumerable<string> KeysOf(object fact, RecordedEvent recorded) => fact switch
    {
        Added added => [added.Key],
        Moved moved => [moved.From, moved.To],
        Labelled labelled => [labelled.Key],
        Cleared cleared => [cleared.Key],
        _ => [],
    };

    private static Tally? Next(Tally tally, object fact, RecordedEvent recorded)
    {
        var next = tally with { Trail = tally.Trail.Length == 0 ? $"{recorded.Position}" : $"{tally.Trail},{recorded.Position}" };
        return fact switch
        {
            Added added => next with { Sum = tally.Sum + added.Amount },
            Moved => next,
            Labelled labelled => next with { Label = labelled.Label },
            _ => null,
        };
    }
}
