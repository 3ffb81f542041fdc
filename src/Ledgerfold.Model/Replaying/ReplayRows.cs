using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Replaying;

/// <summary>The rows that a replay left: read like those of the projection, until they are let go of.</summary>
/// <typeparam name="TState">The state under one key.</typeparam>
public sealed class ReplayRows<TState>
    where TState : class
{
    private readonly IFoldStore _store;
    private readonly Projection<TState> _projection;
    private readonly FoldName _fold;

    /// <summary>The rows of a replay.</summary>
    /// <param name="store">The fold store of the engine that did it.</param>
    /// <param name="projection">The projection that was replayed, in the version that was.</param>
    /// <param name="operation">The id of the operation.</param>
    public ReplayRows(IFoldStore store, Projection<TState> projection, Guid operation)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(projection);
        (_store, _projection, _fold) = (store, projection, ReplayNames.NameOf(operation, projection.Fold.Version));
    }

    /// <summary>The position that they reflect.</summary>
    public ValueTask<long> ReadPosition(CancellationToken cancel = default) => _store.ReadPosition(_fold, cancel);

    /// <summary>The state under a key, or null.</summary>
    public async ValueTask<TState?> Get(string key, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        RowKeys.IsKey(key) && await _store.Get(_fold, tenant, RowKeys.OfState(key), cancel) is { } row
            ? _projection.DecodeState(row)
            : null;

    /// <summary>States in the order of their keys, behind one of them; at most so many.</summary>
    public async ValueTask<IReadOnlyList<KeyValuePair<string, TState>>> Read(
        string? behind = null, int limit = FoldRead.LimitDefault, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var (from, to) = RowKeys.RangeOfStates(behind is null ? null : RowKeys.Behind(behind), null);
        var page = await _store.Read(new FoldRead { Fold = _fold, Tenant = tenant, From = from, To = to, Limit = limit }, cancel);
        return [.. page.Rows.Select(row => KeyValuePair.Create(RowKeys.KeyOf(row), _projection.DecodeState(row)))];
    }

    /// <summary>Lets go of them.</summary>
    public async ValueTask<bool> Drop(CancellationToken cancel = default) => await _store.Drop(_fold, cancel) is FoldOutcome.Written;
}

/// <summary>How the rows of replays are named in the fold store.</summary>
internal static class ReplayNames
{
    public static FoldName NameOf(Guid operation, int version) => new($"$replay-{operation:N}", version);

    public static FoldName NameOfTruth(Guid operation, int version) => new($"$truth-{operation:N}", version);
}
