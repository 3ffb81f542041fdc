using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Computes held keys again from their first event, all of them in one pass over the ledger. Their rows stay as they were until it has come
/// to where the fold stands; a key that fails on the way is held there and stands in nobody's way.
/// </summary>
internal sealed class Recomputation : Release
{
    private const int DoneTogetherMax = 1_000; // in one step, so that many keys are written in batches of the usual size

    private readonly string _tenant;
    private readonly Dictionary<string, object?> _states;
    private readonly PagedRead _read;
    private bool _failed;

    public Recomputation(FoldContext fold, string tenant, IEnumerable<string> keys, FoldRequest? asked)
        : base(fold, asked)
    {
        _tenant = tenant;
        _states = keys.Distinct(StringComparer.Ordinal).ToDictionary(static key => key, static _ => (object?)null, StringComparer.Ordinal);
        _read = new PagedRead(fold.Ledger, tenant, QueryOf(fold.Projection, _states.Keys), after: 0);
    }

    public override async ValueTask<bool?> Step(long scanned, CancellationToken cancel)
    {
        if (_read.ReadTo < scanned)
        {
            foreach (var recorded in await _read.Next(scanned, cancel))
            {
                if (Fold.Projection.Query.Matches(recorded))
                    await Apply(recorded, cancel);
            }

            return null;
        }

        foreach (var key in _states.Keys.Take(DoneTogetherMax).ToArray())
        {
            await Install(key, cancel);
            Fold.Held.Remove(HeldName.OfKey(_tenant, key));
        }

        return _states.Count > 0 ? null : !_failed;
    }

    public override ValueTask DisposeAsync() => _read.DisposeAsync();

    private async ValueTask Apply(RecordedEvent recorded, CancellationToken cancel)
    {
        if (Fold.Held.KeepsBack(recorded))
            return;
        var keyed = Read(recorded);
        for (var k = 0; k < keyed.Count; k++)
        {
            var facts = keyed[k];
            var name = HeldName.OfKey(_tenant, facts.Key);
            if (!_states.TryGetValue(facts.Key, out var state) || Fold.Held.IsSkipped(name, recorded.Position))
                continue;
            try
            {
                _states[facts.Key] = facts.ApplyTo(state, Fold.Projection, recorded);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                await Install(facts.Key, cancel);
                Fold.Held.Advance(name, recorded.Position - 1);
                Fold.Held.Fail(name, recorded.Position, FoldError.Say(failure));
                _failed = true;
            }
        }
    }

    /// <summary>Takes over the state as far as it is computed; where it cannot be written, the key begins again with nothing.</summary>
    private async ValueTask Install(string key, CancellationToken cancel)
    {
        var entry = await Fold.Memory.Find(_tenant, key, cancel);
        _states.Remove(key, out var state);
        entry.State = state;
        Fold.Memory.NoteChange(entry, 1);
    }

    private static EventQuery QueryOf(Projection projection, IEnumerable<string> keys)
    {
        if (projection.EventsOf is not { } eventsOf)
            return projection.Query;
        var items = ImmutableArray.CreateBuilder<QueryItem>();
        foreach (var query in keys.Select(eventsOf))
        {
            if (query.Items.IsDefaultOrEmpty || items.Count + query.Items.Length > Limits.QueryItemsMax)
                return projection.Query;
            items.AddRange(query.Items);
        }

        return new EventQuery { Items = items.DrainToImmutable() };
    }
}
