using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Testing.Folding;

/// <summary>
/// Folds a recorded history by old code and by new, and shows which rows come out otherwise: what a changed projection does to the data
/// there is, before it does it.
/// </summary>
public static class HistoryReplay
{
    /// <summary>Every row that one projection makes of the whole history, by tenant and key, as JSON.</summary>
    /// <exception cref="InvalidOperationException">An event cannot be folded.</exception>
    public static async ValueTask<ImmutableSortedDictionary<FoldKey, string>> Fold<TState>(
        ILedger history, EventTypes types, Projection<TState> projection, CancellationToken cancel = default)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(projection);
        var codec = new EventCodec(types);
        var states = new Dictionary<FoldKey, TState>();
        await foreach (var page in history.ReadAcrossTenants(new ReadRequest { Query = projection.Query }, cancel))
        {
            foreach (var recorded in page.Events)
                Apply(projection, codec, states, recorded);
        }

        return states.ToImmutableSortedDictionary(
            static one => one.Key, one => JsonSerializer.Serialize(one.Value, projection.Json), FoldKeyOrder.Instance);
    }

    /// <summary>The rows in which two projections differ over the same history, by tenant and key.</summary>
    /// <exception cref="InvalidOperationException">An event cannot be folded.</exception>
    public static async ValueTask<ImmutableArray<RowDifference>> Compare<TBefore, TAfter>(
        ILedger history, EventTypes types, Projection<TBefore> before, Projection<TAfter> after, CancellationToken cancel = default)
        where TBefore : class
        where TAfter : class => Differences(
            await Fold(history, types, before, cancel),
            await Fold(history, types, after, cancel));

    /// <summary>
    /// The rows in which a fold store differs from what the projection makes of the history: none, or something is wrong.
    /// </summary>
    /// <exception cref="InvalidOperationException">An event cannot be folded.</exception>
    public static async ValueTask<ImmutableArray<RowDifference>> CompareWithKept<TState>(
        ILedger history, EventTypes types, Projection<TState> projection, IFoldStore store, CancellationToken cancel = default)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(store);
        var expected = await Fold(history, types, projection, cancel);
        var kept = ImmutableSortedDictionary.CreateBuilder<FoldKey, string>(FoldKeyOrder.Instance);
        foreach (var tenant in await ReadTenants(history, projection.Query, cancel))
        {
            var request = new FoldRead { Fold = projection.Fold, Tenant = tenant, Limit = Limits.FoldPageRowsMax };
            for (FoldPage? page = null; page is null || page.Next is not null;)
            {
                page = await store.Read(request with { Continue = page?.Next }, cancel);
                foreach (var row in page.Rows)
                    kept.Add(new FoldKey(tenant, Projection.KeyOf(row)), System.Text.Encoding.UTF8.GetString(row.Data.Span));
            }
        }

        return Differences(expected, kept.ToImmutable());
    }

    private static async ValueTask<IEnumerable<string>> ReadTenants(ILedger history, EventQuery query, CancellationToken cancel)
    {
        var tenants = new SortedSet<string>(StringComparer.Ordinal) { Tenants.Default };
        await foreach (var page in history.ReadAcrossTenants(new ReadRequest { Query = query }, cancel))
            tenants.UnionWith(page.Events.Select(static recorded => recorded.Tenant));
        return tenants;
    }

    /// <summary>What one more event makes of the rows.</summary>
    internal static void Apply<TState>(
        Projection<TState> projection, EventCodec codec, Dictionary<FoldKey, TState> states, RecordedEvent recorded)
        where TState : class
    {
        var facts = codec.Decode(recorded, projection.Unknown);
        if (facts.Problem is { } problem)
            throw new InvalidOperationException($"Position {recorded.Position}: {problem}");
        for (var f = 0; f < facts.Count; f++)
        {
            foreach (var key in projection.KeysOf(facts[f], recorded))
            {
                var row = new FoldKey(recorded.Tenant, key);
                if (projection.Apply(states.GetValueOrDefault(row), facts[f], recorded) is { } state)
                    states[row] = state;
                else
                    states.Remove(row);
            }
        }
    }

    private static ImmutableArray<RowDifference> Differences(
        ImmutableSortedDictionary<FoldKey, string> before, ImmutableSortedDictionary<FoldKey, string> after) =>
        [.. before.Keys.Union(after.Keys)
            .Order(FoldKeyOrder.Instance)
            .Select(key => new RowDifference(key.Tenant, key.Key, before.GetValueOrDefault(key), after.GetValueOrDefault(key)))
            .Where(static row => row.Before != row.After)];

    private sealed class FoldKeyOrder : IComparer<FoldKey>
    {
        public static readonly FoldKeyOrder Instance = new();

        public int Compare(FoldKey x, FoldKey y) =>
            string.CompareOrdinal(x.Tenant, y.Tenant) is var order and not 0 ? order : string.CompareOrdinal(x.Key, y.Key);
    }
}

/// <summary>A row that comes out otherwise.</summary>
/// <param name="Tenant">Whose row.</param>
/// <param name="Key">Its key.</param>
/// <param name="Before">What it was, as JSON; null where there was none.</param>
/// <param name="After">What it is, as JSON; null where there is none.</param>
public sealed record RowDifference(string Tenant, string Key, string? Before, string? After)
{
    /// <inheritdoc />
    public override string ToString() => $"{Tenant}/{Key}: {Before ?? "nothing"} → {After ?? "nothing"}";
}
