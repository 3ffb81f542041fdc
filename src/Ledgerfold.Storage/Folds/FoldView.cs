using System.Collections.Immutable;

namespace Ledgerfold.Storage.Folds;

/// <summary>The store as it was at one moment: it holds the sources of that moment until it is disposed.</summary>
internal sealed class FoldView(FoldState state) : IFoldView
{
    private int _disposed;

    public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default) =>
        new(FoldLookup.Get(Open(cancel), fold, tenant, key));

    public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default) => new(FoldLookup.Read(Open(cancel), request));

    public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => new(Open(cancel).Folds.PositionOf(fold));

    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => new(Open(cancel).Folds.List());

    public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
        new(FoldLookup.ListTenants(Open(cancel), fold, after));

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            state.Version.Release();
        return ValueTask.CompletedTask;
    }

    private FoldState Open(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
        return state;
    }
}
