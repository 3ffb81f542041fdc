using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Deciding;

/// <summary>
/// Gives the state of a stream: from memory, from a snapshot and the events behind it, or from all its events. All three give the same,
/// because each is what the decider made of the same events in the same order.
/// </summary>
internal sealed class StateLoader<TState>(
    Decider<TState> decider, EventCodec codec, ILedger ledger, HotStates hot, SnapshotStore? snapshots, TimeProvider clock)
{
    public Decider<TState> Decider => decider;

    /// <summary>
    /// The state of a stream. One from memory may be older than the stream, which the append that rests on it finds out; a fresh one has
    /// seen every event there was when the call began.
    /// </summary>
    public async ValueTask<Loaded<TState>> Load(StreamKey key, bool fresh, CancellationToken cancel)
    {
        if (hot.TryGet(decider, key, out var known))
        {
            Telemetry.StatesLoaded.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.StateSource, "hot"));
            if (!fresh)
                return new Loaded<TState>(known, null);
        }
        else if (snapshots is not null && !decider.Snapshots.IsNone && await snapshots.Find(decider, key, cancel) is { } snapshot)
        {
            Telemetry.StatesLoaded.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.StateSource, "snapshot"));
            known = snapshot;
        }
        else
        {
            Telemetry.StatesLoaded.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Attributes.StateSource, "nothing"));
            known = new Kept<TState>(decider.Initial, 0, 0, Guid.Empty, 0);
        }

        var began = clock.GetTimestamp();
        var loaded = await Replay(key, known, cancel);
        if (loaded.Problem is not null)
            return loaded;
        var kept = loaded.Kept with { Loading = clock.GetElapsedTime(began) };
        hot.Put(decider, key, kept);
        return new Loaded<TState>(kept, null);
    }

    /// <summary>Takes over what was just appended, and has it kept as a snapshot when one is due.</summary>
    public void Keep(StreamKey key, Kept<TState> kept)
    {
        if (snapshots is not null && decider.Snapshots.IsDue(kept.SnapshotVersion, kept.Version, kept.Loading))
        {
            snapshots.Offer(decider, key, kept);
            kept = kept with { SnapshotVersion = kept.Version, Loading = TimeSpan.Zero };
        }

        hot.Put(decider, key, kept);
    }

    private async ValueTask<Loaded<TState>> Replay(StreamKey key, Kept<TState> from, CancellationToken cancel)
    {
        var state = from.Value;
        var (version, position, lastId) = (from.Version, from.Position, from.LastId);
        var request = new ReadRequest { Tenant = key.Tenant, Query = EventQuery.OfStream(key.Stream), After = position };
        await foreach (var page in ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                if (codec.Decode(recorded) is var decoded && decoded.Problem is { } problem)
                    return new Loaded<TState>(default, new UnreadableAt(recorded.Version, problem));
                if (recorded.Version != version + 1)
                    return Gap(recorded);
                for (var f = 0; f < decoded.Count; f++)
                    state = decider.Apply(state, decoded[f]);
                (version, position, lastId) = (recorded.Version, recorded.Position, recorded.Id);
            }
        }

        return new Loaded<TState>(new Kept<TState>(state, version, position, lastId, from.SnapshotVersion), null);
    }

    private static Loaded<TState> Gap(RecordedEvent found)
    {
        var reason = $"something is missing in its stream before version {found.Version}";
        var problem = new Unreadable(UnreadableKind.Malformed, found.Type, found.SchemaVersion, reason);
        return new Loaded<TState>(default, new UnreadableAt(found.Version, problem));
    }
}

/// <summary>A state, or the event that stands in its way.</summary>
internal readonly record struct Loaded<TState>(Kept<TState> Kept, UnreadableAt? Problem);

/// <summary>An event that cannot be read, by its version in its stream.</summary>
internal sealed record UnreadableAt(long Version, Unreadable Problem)
{
    public CommandAnswer.Unreadable AsAnswer(string stream) => new(stream, Version, Problem);
}
