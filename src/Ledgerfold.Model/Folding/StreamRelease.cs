namespace Ledgerfold.Model.Folding;

/// <summary>
/// Releases a held stream. Which keys its events concern was not known while it was held, so what other streams say of the same keys has
/// been applied meanwhile. Applied now, its events would come out of their order; so every key that they concern is computed again from
/// its first event, in the order of the ledger, and shows its former state until that is done. From the moment it is known which keys those
/// are, the stream goes on as any other.
/// </summary>
internal sealed class StreamRelease(FoldContext fold, HeldName name, FoldRequest? asked) : Release(fold, asked)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private PagedRead? _read;
    private Recomputation? _again;

    public override async ValueTask<bool?> Step(long scanned, CancellationToken cancel)
    {
        if (_again is not null)
            return await _again.Step(scanned, cancel);
        if (Fold.Held.Find(name) is not { } held)
            return true;
        _read ??= new PagedRead(Fold.Ledger, name.Tenant, EventQuery.OfStream(name.Stream!), held.From - 1);
        if (_read.ReadTo < scanned)
        {
            foreach (var recorded in await _read.Next(scanned, cancel))
            {
                if (Fold.Projection.Query.Matches(recorded) && !TryNoteKeys(recorded))
                    return false;
            }

            return null;
        }

        var keys = _keys.Where(key => Fold.Held.ComputeAgain(HeldName.OfKey(name.Tenant, key), held)).ToArray();
        Fold.Held.Remove(name);
        if (keys.Length == 0)
            return true;
        _again = new Recomputation(Fold, name.Tenant, keys, Asked);
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_read is not null)
            await _read.DisposeAsync();
        if (_again is not null)
            await _again.DisposeAsync();
    }

    private bool TryNoteKeys(RecordedEvent recorded)
    {
        if (Fold.Held.IsSkipped(name, recorded.Position))
            return true;
        var keyed = KeyedEvent.Read(Fold.Projection, Fold.Codec, recorded);
        if (keyed.Problem is { } problem)
        {
            Fold.Held.Fail(name, recorded.Position, problem);
            return false;
        }

        for (var k = 0; k < keyed.Count; k++)
            _keys.Add(keyed[k].Key);
        return true;
    }
}
