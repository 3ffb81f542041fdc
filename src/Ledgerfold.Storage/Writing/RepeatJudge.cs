using System.Collections.Immutable;

namespace Ledgerfold.Storage.Writing;

/// <summary>An event that stands in the ledger, and which event of its append it was.</summary>
internal readonly record struct StoredEvent(RecordedEvent Event, int AppendIndex)
{
    /// <summary>Names the append it came with: the position that its first event got.</summary>
    public long Append => Event.Position - AppendIndex;
}

/// <summary>
/// Decides what a request is whose event ids are known, at least some of them: the same append again, or part of it, or something else.
/// Pure but for loading the known events.
/// </summary>
internal static class RepeatJudge
{
    /// <summary>Judges a request of which at least one event id is known.</summary>
    /// <param name="request">The request.</param>
    /// <param name="knownAt">The position of each event's id in the order of the request; 0 where it is not known.</param>
    /// <param name="load">Loads a known event.</param>
    public static AppendOutcome Judge(AppendRequest request, ReadOnlySpan<long> knownAt, Func<long, StoredEvent> load)
    {
        var stored = new StoredEvent[knownAt.Length];
        if (FindConflict(request, knownAt, stored, load) is { } conflict)
            return conflict;
        return FindMixture(request, knownAt, stored) is { } mixture ? mixture : Repeat(request, stored);
    }

    private static AppendOutcome? FindConflict(
        AppendRequest request, ReadOnlySpan<long> knownAt, StoredEvent[] stored, Func<long, StoredEvent> load)
    {
        var index = 0;
        foreach (var write in request.Writes)
        {
            foreach (var item in write.Events)
            {
                var position = knownAt[index];
                if (position != 0)
                {
                    stored[index] = load(position);
                    if (stored[index].Event.Erased)
                        return new AppendOutcome.Erased(item.Id, position);
#if ZOO
                    if (!Zoo.Bug("repeat-compares-nothing"))
#endif
                    if (!stored[index].Event.SaysTheSameAs(write.Stream, item))
                        return new AppendOutcome.IdConflict(item.Id, position);
                }

                index++;
            }
        }

        return null;
    }

    private static AppendOutcome.MixedRepeat? FindMixture(AppendRequest request, ReadOnlySpan<long> knownAt, StoredEvent[] stored)
    {
        var index = 0;
        foreach (var write in request.Writes)
        {
            foreach (var item in write.Events)
            {
                var alien = index == 0
                    ? false
                    : (knownAt[index] == 0) != (knownAt[index - 1] == 0)
                        || (knownAt[index] != 0
                            && (stored[index].Append != stored[index - 1].Append || knownAt[index] <= knownAt[index - 1]));
                if (alien)
                    return new AppendOutcome.MixedRepeat(item.Id);
                index++;
            }
        }

        return null;
    }

    private static AppendOutcome.Appended Repeat(AppendRequest request, StoredEvent[] stored)
    {
        var versions = ImmutableArray.CreateBuilder<StreamVersion>(request.Writes.Length);
        var index = 0;
        foreach (var write in request.Writes)
        {
            index += write.Events.Length;
            if (write.Events.Length > 0)
                versions.Add(new StreamVersion(write.Stream, stored[index - 1].Event.Version));
        }

        return new AppendOutcome.Appended(stored[0].Event.Position, stored[^1].Event.Position, versions.DrainToImmutable(), Repeated: true);
    }
}
