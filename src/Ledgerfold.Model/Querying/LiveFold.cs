using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>
/// The state under one key, computed from the ledger at the moment of asking: now, at an earlier position, or as it was known at a time. It
/// takes as long as reading the events does; a projection that says which events a key has (<see cref="Projection.EventsOf"/>) answers at
/// once, any other one reads all of its events.
/// </summary>
/// <typeparam name="TState">The state.</typeparam>
public sealed class LiveFold<TState>(ILedger ledger, EventCodec codec, Projection<TState> projection)
    where TState : class
{
    /// <summary>The state at the head.</summary>
    public ValueTask<LiveState<TState>> Now(string key, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        At(long.MaxValue, key, tenant, cancel);

    /// <summary>The state after the event at a position, and before the one behind it.</summary>
    public async ValueTask<LiveState<TState>> At(
        long position, string key, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        TState? state = null;
        var (to, error) = await ReadFacts(key, tenant, position, (facts, recorded) => state = Apply(state, facts, recorded), cancel);
        return error is { } failed ? new LiveState<TState>.Failed(to, failed) : new LiveState<TState>.Computed(state, to);
    }

    /// <summary>The state as it was known at a time.</summary>
    public async ValueTask<LiveState<TState>> At(
        DateTimeOffset recorded, string key, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        await At(await ledger.PositionAt(recorded, cancel), key, tenant, cancel);

    /// <summary>
    /// The state as it was known at one time, of what was true until another: events in the order in which they became true, those that
    /// became true together in the order in which they were recorded.
    /// </summary>
    public async ValueTask<LiveState<TState>> AsOf(
        DateTimeOffset recorded, DateTimeOffset effective, string key, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var known = new List<(FactsOfKey Facts, RecordedEvent Recorded)>();
        var position = await ledger.PositionAt(recorded, cancel);
        var (to, error) = await ReadFacts(key, tenant, position, (facts, one) => known.Add((facts, one)), cancel);
        if (error is not null)
            return new LiveState<TState>.Failed(to, error);
        TState? state = null;
        var inOrder = known.Where(one => TrueSince(one.Recorded) <= effective).OrderBy(static one => TrueSince(one.Recorded));
        foreach (var (facts, one) in inOrder)
        {
            if (TryApply(() => state = Apply(state, facts, one)) is { } failure)
                return new LiveState<TState>.Failed(one.Position, failure);
        }

        return new LiveState<TState>.Computed(state, to);
    }

    private static DateTimeOffset TrueSince(RecordedEvent recorded) => recorded.EffectiveAt ?? recorded.RecordedAt;

    private async ValueTask<(long To, string? Error)> ReadFacts(
        string key, string tenant, long position, Action<FactsOfKey, RecordedEvent> take, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(key);
        var before = position == long.MaxValue ? long.MaxValue : position + 1;
        var to = 0L;
        var request = new ReadRequest { Tenant = tenant, Query = projection.QueryOf(key), Before = before };
        await foreach (var page in ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events.Where(projection.Query.Matches))
            {
                var keyed = KeyedEvent.Read(projection, codec, recorded);
                if (keyed.Problem is { } problem)
                    return (recorded.Position, problem);
                for (var k = 0; k < keyed.Count; k++)
                {
                    var facts = keyed[k];
                    if (facts.Key == key && TryApply(() => take(facts, recorded)) is { } failure)
                        return (recorded.Position, failure);
                }
            }

            to = page.ScannedTo;
        }

        return (to, null);
    }

    private TState? Apply(TState? state, FactsOfKey facts, RecordedEvent recorded) => (TState?)facts.ApplyTo(state, projection, recorded);

    private static string? TryApply(Action apply)
    {
        try
        {
            apply();
            return null;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return FoldError.Say(failure);
        }
    }
}

/// <summary>What came of computing a state: a closed family.</summary>
/// <typeparam name="TState">The state.</typeparam>
public abstract record LiveState<TState>
    where TState : class
{
    private LiveState()
    {
    }

    /// <summary>The state.</summary>
    /// <exception cref="InvalidOperationException">An event could not be folded.</exception>
    public TState? OrThrow() => this is Computed computed
        ? computed.State
        : throw new InvalidOperationException($"The event at {((Failed)this).Position} cannot be folded: {((Failed)this).Error}");

    /// <summary>The state; null where there is none.</summary>
    /// <param name="State">The state.</param>
    /// <param name="Position">Everything up to here was looked at.</param>
    public sealed record Computed(TState? State, long Position) : LiveState<TState>;

    /// <summary>An event could not be read or applied.</summary>
    /// <param name="Position">Which.</param>
    /// <param name="Error">Why.</param>
    public sealed record Failed(long Position, string Error) : LiveState<TState>;
}
