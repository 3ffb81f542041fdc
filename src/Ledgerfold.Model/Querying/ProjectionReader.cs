using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>
/// Asks the rows of one projection. What it shows is on disk, so that no crash makes a later answer older; who asks for a position waits
/// for a batch that is written for the asking.
/// </summary>
/// <typeparam name="TState">The state under one key.</typeparam>
public sealed class ProjectionReader<TState>
    where TState : class
{
    private const int LossesMax = 3;
    private const int FilteredRowsMax = 10_000; // one page looks at no more; the next goes on from there

    private readonly FoldEngine _engine;
    private readonly Projection<TState> _projection;

    internal ProjectionReader(FoldEngine engine, Projection<TState> projection)
    {
        _ = engine.SourceOf(projection);
        (_engine, _projection) = (engine, projection);
    }

    /// <summary>The version that is read now: the active one, as long as its states are of the same type.</summary>
    public FoldName Reads => Seen.Projection.Fold;

    private KeptFold Seen => _engine.ActiveOf(_projection) is { } active && active.Projection.StateType == typeof(TState)
        ? active
        : _engine.Find(_projection);

    /// <summary>The state under a key, or null.</summary>
    public async ValueTask<ReadAnswer<TState?>> Get(
        string key, Consistency? consistency = null, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!RowKeys.IsKey(key))
            return new ReadAnswer<TState?>.Found(null, Fresh(Seen, Seen.Waiters.Visible, []));
        return await Ask(consistency, tenant, key, ReadRow, cancel);

        async ValueTask<(TState? Row, long Position)> ReadRow(KeptFold fold)
        {
            var row = await _engine.Store.Get(fold.Projection.Fold, tenant, RowKeys.OfState(key), cancel);
            var state = row is null ? null : ((Projection<TState>)fold.Projection).DecodeState(row);
            return (state, await _engine.Store.ReadPosition(fold.Projection.Fold, cancel));
        }
    }

    /// <summary>The state under a key that is one value of an index alone, or null.</summary>
    public async ValueTask<ReadAnswer<Row<TState>?>> Find(
        string index, string value, Consistency? consistency = null, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var query = new RowQuery<TState> { Tenant = tenant, Index = index, Value = value, Limit = 1 };
        return await Read(query, consistency, cancel) switch
        {
            ReadAnswer<RowPage<TState>>.Found found =>
                new ReadAnswer<Row<TState>?>.Found(found.Value.Rows.FirstOrDefault(), found.Freshness),
            ReadAnswer<RowPage<TState>>.Stale stale => new ReadAnswer<Row<TState>?>.Stale(stale.Wanted, stale.Freshness),
            var other => throw new InvalidOperationException($"{other} is no answer."),
        };
    }

    /// <summary>A page of rows.</summary>
    /// <exception cref="ArgumentException">The query breaks a rule, or continues another one.</exception>
    public async ValueTask<ReadAnswer<RowPage<TState>>> Read(
        RowQuery<TState>? query = null, Consistency? consistency = null, CancellationToken cancel = default)
    {
        query ??= new RowQuery<TState>();
        return await Ask(consistency, query.Tenant, key: null, fold => ReadRows(fold, query, cancel), cancel);
    }

    /// <summary>
    /// Waits until the rows are new enough, reads them, and makes sure that they were not dropped in between: whoever finds nothing must
    /// not take it for the truth then.
    /// </summary>
    private async ValueTask<ReadAnswer<T>> Ask<T>(
        Consistency? consistency,
        string tenant,
        string? key,
        Func<KeptFold, ValueTask<(T Value, long Position)>> read,
        CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var fold = Seen;
            var (isShown, wanted) = await WaitFor(fold, consistency, cancel);
            var (visible, written) = (fold.Waiters.Visible, fold.Written);
            var held = HeldOf(fold, tenant, key); // in this order: what is held is told before the position that steps over it
            if (isShown && visible < wanted && tries < LossesMax)
                continue; // computed again since
            if (!isShown || visible < wanted)
                return new ReadAnswer<T>.Stale(wanted, Fresh(fold, visible, held));
            try
            {
                var (value, position) = await read(fold);
                if (position >= written)
                {
                    (consistency as Consistency.Session)?.Of.Saw(Math.Max(visible, position));
                    return new ReadAnswer<T>.Found(value, Fresh(fold, visible, held));
                }

                if (fold.Waiters.Visible >= visible)
                    fold.ReportLoss(); // not by the fold itself, which tells first
                if (tries == LossesMax || fold.Waiters.Visible >= visible)
                    return new ReadAnswer<T>.Stale(wanted, Lost(fold, "its rows were dropped"));
            }
            catch (FoldsDamagedException damage)
            {
                fold.ReportDamage(damage.Message);
                return new ReadAnswer<T>.Stale(wanted, Lost(fold, damage.Message));
            }
        }
    }

    private async ValueTask<(bool IsShown, long Wanted)> WaitFor(KeptFold fold, Consistency? consistency, CancellationToken cancel)
    {
        var (wanted, within) = consistency switch
        {
            Consistency.Token token => (token.Position, token.Within),
            Consistency.Head latest => ((await _engine.Ledger.ReadRange(cancel)).Head, latest.Within),
            Consistency.Session session => (session.Of.Position, session.Within),
            _ => (0, TimeSpan.Zero),
        };
#if ZOO
        if (Zoo.Bug("model-token-ignored"))
            return (true, 0);
#endif
        return (wanted == 0 || await fold.Waiters.Wait(wanted, within, cancel), wanted);
    }

    private async ValueTask<(RowPage<TState> Page, long Position)> ReadRows(KeptFold fold, RowQuery<TState> query, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        await using var view = await _engine.Store.OpenView(cancel);
        var request = RequestOf(fold.Projection.Fold, query);
        var rows = ImmutableArray.CreateBuilder<Row<TState>>();
        var projection = (Projection<TState>)fold.Projection;
        for (var looked = 0; ;)
        {
            var page = await view.Read(request with { Limit = Math.Min(query.Limit - rows.Count, Limits.FoldPageRowsMax) }, cancel);
            foreach (var row in page.Rows.Where(row => IsOf(query, row)))
            {
                var state = projection.DecodeState(row);
                if (query.Where?.Invoke(state) ?? true)
                    rows.Add(new Row<TState>(RowKeys.KeyOf(row), state));
            }

            looked += page.Rows.Length;
            if (page.Next is null || rows.Count >= query.Limit || looked >= FilteredRowsMax)
                return (new RowPage<TState>(rows.DrainToImmutable(), page.Next), page.Position);
            request = request with { Continue = page.Next };
        }
    }

    private static FoldRead RequestOf(FoldName fold, RowQuery<TState> query)
    {
        var (from, to) = (query.From, query.To);
        if (query.Prefix is { } prefix)
            (from, to) = (Highest(from, prefix), Lowest(to, RowKeys.After(prefix)));
        if (query.Value is { } value)
            (from, to) = (Highest(from, value), Lowest(to, RowKeys.Behind(value)));
        if (query.Index is null)
            (from, to) = RowKeys.RangeOfStates(from, to);
        return new FoldRead
        {
            Fold = fold,
            Tenant = query.Tenant,
            Index = query.Index,
            From = from,
            To = to,
            Backward = query.Backward,
            Continue = query.Continue,
        };
    }

    private static bool IsOf(RowQuery<TState> query, FoldRow row)
    {
        if (query.Value is null)
            return true;
        return query.Index is { } index
            ? row.Indexes.Any(entry => entry.Index == index && entry.Value == query.Value)
            : RowKeys.KeyOf(row) == query.Value;
    }

    private static string Highest(string? one, string other) => one is null || RowKeys.Compare(one, other) < 0 ? other : one;

    private static string? Lowest(string? one, string? other) =>
        one is null || (other is not null && RowKeys.Compare(one, other) > 0) ? other : one;

    private static ImmutableArray<HeldKey> HeldOf(KeptFold fold, string tenant, string? key)
    {
        var held = fold.Held.Shown;
        return held.IsEmpty ? [] : [.. held.Values.Where(Concerns).OrderBy(static one => one.From)];

        bool Concerns(HeldKey one) => one.Tenant == tenant && (key is null || one.Key is null || one.Key == key);
    }

    private static Freshness Fresh(KeptFold fold, long position, ImmutableArray<HeldKey> held)
    {
        var glance = fold.Progress.Look();
        var trouble = glance.Phase switch
        {
            FoldPhase.Stopped => $"{fold.Projection.Fold} stopped: {glance.LastError?.Message ?? "it was asked to"}",
            FoldPhase.Pausing => $"{fold.Projection.Fold} pauses: {glance.LastError?.Message}",
            FoldPhase.Waiting => $"{fold.Projection.Fold} has not begun",
            _ when !glance.HasCaughtUp => $"{fold.Projection.Fold} has not caught up since it began",
            _ => null,
        };
        return new Freshness { Position = position, Held = held, Trouble = trouble };
    }

    private static Freshness Lost(KeptFold fold, string why) =>
        new() { Position = 0, Trouble = $"{fold.Projection.Fold} has to be computed again: {why}" };
}
