namespace Ledgerfold.Storage.Folds;

/// <summary>What a reader reads: the sources, up to which commit, and the folds as they stood then.</summary>
internal sealed record FoldState(FoldVersion Version, long Sequence, FoldDirectory Folds);

/// <summary>The newest state. The writer publishes commits, upkeep exchanges sources; any thread reads.</summary>
internal sealed class FoldHead(FoldState first)
{
    private readonly Lock _lock = new();
    private FoldState _state = first;

    public FoldState Current => Volatile.Read(ref _state);

    /// <summary>The newest state, its sources held; null when the store has let go of them.</summary>
    public FoldState? TryAcquire()
    {
        while (true)
        {
            var state = Current;
            if (state.Version.TryHold())
                return state;
            if (ReferenceEquals(state.Version, Current.Version))
                return null; // not exchanged for another: the last one was released
        }
    }

    public void Publish(long sequence, FoldDirectory folds)
    {
        lock (_lock)
            Volatile.Write(ref _state, _state with { Sequence = sequence, Folds = folds });
    }

    public void Exchange(Func<FoldVersion, FoldVersion> change)
    {
        FoldVersion before;
        lock (_lock)
        {
            before = _state.Version;
            Volatile.Write(ref _state, _state with { Version = change(before) });
        }

        before.Release();
    }
}
