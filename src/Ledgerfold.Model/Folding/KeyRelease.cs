namespace Ledgerfold.Model.Folding;

/// <summary>
/// Releases one held key: the events that waited are read again and applied in order, and each page is kept. At the next failure it is held
/// again, there.
/// </summary>
internal sealed class KeyRelease(FoldContext fold, HeldName name, FoldRequest? asked) : Release(fold, asked)
{
    private PagedRead? _read;

    public override async ValueTask<bool?> Step(long scanned, CancellationToken cancel)
    {
        if (Fold.Held.Find(name) is not { } held)
            return true;
#if ZOO
        if (Zoo.Bug("model-held-key-skipped-at-its-release"))
        {
            Fold.Held.Remove(name);
            return true;
        }
#endif
        if (held.From == 1)
            return false; // what it was made of could not be written: it has to be computed again
        if (_read is null || _read.ReadTo != held.From - 1)
        {
            // the beginning, or what was applied could not be written and was taken back
            await DisposeAsync();
            _read = new PagedRead(Fold.Ledger, name.Tenant, Fold.Projection.QueryOf(name.Key!), held.From - 1);
        }

        if (_read.ReadTo >= scanned)
        {
            Fold.Held.Remove(name);
            return true;
        }

        foreach (var recorded in await _read.Next(scanned, cancel))
        {
            if (Fold.Projection.Query.Matches(recorded) && !await Apply(recorded, cancel))
                return false;
        }

        Fold.Held.Advance(name, _read.ReadTo);
        return null;
    }

    public override ValueTask DisposeAsync() => _read?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<bool> Apply(RecordedEvent recorded, CancellationToken cancel)
    {
        if (Fold.Held.IsSkipped(name, recorded.Position) || Fold.Held.KeepsBack(recorded))
            return true;
        var keyed = Read(recorded);
        for (var k = 0; k < keyed.Count; k++)
        {
            var facts = keyed[k];
            if (facts.Key == name.Key && !await Apply(facts, recorded, cancel))
                return false;
        }

        return true;
    }

    private async ValueTask<bool> Apply(FactsOfKey facts, RecordedEvent recorded, CancellationToken cancel)
    {
        var entry = await Fold.Memory.Find(recorded.Tenant, facts.Key, cancel);
        try
        {
            var state = facts.ApplyTo(entry.State, Fold.Projection, recorded);
            if (!ReferenceEquals(state, entry.State))
            {
                entry.State = state;
                Fold.Memory.NoteChange(entry, recorded.Position);
            }

            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fold.Held.Advance(name, recorded.Position - 1);
            Fold.Held.Fail(name, recorded.Position, FoldError.Say(failure));
            return false;
        }
    }
}
