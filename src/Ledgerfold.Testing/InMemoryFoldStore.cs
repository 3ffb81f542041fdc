using System.Collections.Immutable;
using System.Text;

namespace Ledgerfold.Testing;

/// <summary>
/// A fold store in memory, as plain as one can be: what every other one must agree with. Nothing survives it.
/// </summary>
public sealed class InMemoryFoldStore : IFoldStore
{
    private readonly Lock _lock = new();

    // changed under the lock, read by any thread
    private Contents _now = new(ImmutableDictionary<FoldName, Fold>.Empty);
    private bool _disposed;

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Write(FoldBatch batch, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Limits.Check(batch) is { } refused)
            return new(refused);
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_disposed)
                return new(new FoldOutcome.ReadOnly("the fold store is closed"));
            var fold = _now.Find(batch.Fold);
            if (fold.Position != batch.Expected)
                return new(new FoldOutcome.FoldMoved(fold.Position));
            var (written, conflict) = fold.With(batch);
            if (conflict is not null)
                return new(conflict);
            if (batch.Position > 0)
                _now = new Contents(_now.Folds.SetItem(batch.Fold, written));
            return new(new FoldOutcome.Written());
        }
    }

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Drop(FoldName fold, CancellationToken cancel = default)
    {
        if (Limits.Check(fold) is { } refused)
            return new(refused);
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_disposed)
                return new(new FoldOutcome.ReadOnly("the fold store is closed"));
            _now = new Contents(_now.Folds.Remove(fold));
            return new(new FoldOutcome.Written());
        }
    }

    /// <inheritdoc />
    public ValueTask<IFoldView> OpenView(CancellationToken cancel = default) => new(new View(Now(cancel)));

    /// <inheritdoc />
    public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default) =>
        new(Now(cancel).Get(fold, tenant, key));

    /// <inheritdoc />
    public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default) => new(Now(cancel).Read(request));

    /// <inheritdoc />
    public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => new(Now(cancel).Find(fold).Position);

    /// <inheritdoc />
    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => new(Now(cancel).List());

    /// <inheritdoc />
    public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
        new(Now(cancel).ListTenants(fold, after));

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        lock (_lock)
            _disposed = true;
        return ValueTask.CompletedTask;
    }

    private Contents Now(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _now;
        }
    }

    /// <summary>All folds at one moment; never changes.</summary>
    private sealed record Contents(ImmutableDictionary<FoldName, Fold> Folds)
    {
        public Fold Find(FoldName name) => Folds.GetValueOrDefault(name, Fold.Empty);

        public FoldRow? Get(FoldName name, string tenant, string key) => Find(name).Rows.GetValueOrDefault(new FoldKey(tenant, key));

        public ImmutableArray<FoldName> List() =>
            [.. Folds.Keys.OrderBy(name => name.Name, Utf8Order.Instance).ThenBy(name => name.Version)];

        public ImmutableArray<string> ListTenants(FoldName name, string after) =>
        [
            .. Find(name).Rows.Keys.Select(static row => row.Tenant).Distinct(StringComparer.Ordinal)
                .Where(tenant => Utf8Order.Instance.Compare(tenant, after) > 0)
                .Order(Utf8Order.Instance)
                .Take(Limits.FoldPageRowsMax),
        ];

        public FoldPage Read(FoldRead request)
        {
            if (Limits.Check(request) is { } refused)
                throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
            var continued = FoldContinuation.Of(request);
            var fold = Find(request.Fold);
            var places = fold.Rows.Values.Where(row => row.Tenant == request.Tenant)
                .SelectMany(row => PlacesOf(row, request.Index))
                .Where(place => request.From is null || Utf8Order.Instance.Compare(place.At.Value, request.From) >= 0)
                .Where(place => request.To is null || Utf8Order.Instance.Compare(place.At.Value, request.To) < 0)
                .OrderBy(place => place.At, PlaceOrder.Instance)
                .ToList();
            if (request.Backward)
                places.Reverse();
            if (continued is { } last)
                places.RemoveAll(place => PlaceOrder.Instance.Compare(place.At, last) * (request.Backward ? -1 : 1) <= 0);

            var count = 0;
            for (var bytes = 0L; count < places.Count && count < request.Limit && bytes < Limits.FoldPageBytesMax; count++)
                bytes += places[count].Row.Data.Length;
            var next = count < places.Count ? places[count - 1].At.After(request) : null;
            return new FoldPage([.. places.Take(count).Select(place => place.Row)], next, fold.Position);
        }

        private static IEnumerable<(FoldContinuation At, FoldRow Row)> PlacesOf(FoldRow row, string? index) =>
            index is null
                ? [(new FoldContinuation(row.Key, row.Key), row)]
                : row.Indexes.Where(entry => entry.Index == index).Select(entry => (new FoldContinuation(entry.Value, row.Key), row));
    }

    /// <summary>One fold at one moment; never changes.</summary>
    private sealed record Fold(long Position, ImmutableDictionary<FoldKey, FoldRow> Rows)
    {
        public static readonly Fold Empty = new(0, ImmutableDictionary<FoldKey, FoldRow>.Empty);

        /// <summary>The fold with a batch in it, or the first row that cannot stand beside what would be there.</summary>
        public (Fold Written, FoldOutcome.NotUnique? Conflict) With(FoldBatch batch)
        {
            var (written, removed) = (batch.Rows.IsDefault ? [] : batch.Rows, batch.Removed.IsDefault ? [] : batch.Removed);
            var rows = Rows.RemoveRange(removed).RemoveRange(written.Select(row => new FoldKey(row.Tenant, row.Key)));
            foreach (var row in written.Select(Owned))
            {
                foreach (var entry in row.Indexes)
                {
                    var holder = rows.Values.Where(other => other.Tenant == row.Tenant && Clash(other, entry))
                        .MinBy(other => other.Key, Utf8Order.Instance);
                    if (holder is not null)
                        return (this, new FoldOutcome.NotUnique(row.Tenant, row.Key, entry, holder.Key));
                }

                rows = rows.Add(new FoldKey(row.Tenant, row.Key), row);
            }

            return (new Fold(batch.Position, rows), null);
        }

        private static bool Clash(FoldRow other, FoldIndexEntry entry) => other.Indexes.Any(
            held => held.Index == entry.Index && held.Value == entry.Value && (held.Unique || entry.Unique));

        private static FoldRow Owned(FoldRow row) =>
            row with { Data = row.Data.ToArray(), Indexes = row.Indexes.IsDefault ? [] : row.Indexes };
    }

    private sealed class View(Contents contents) : IFoldView
    {
        public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default) =>
            new(contents.Get(fold, tenant, key));

        public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default) => new(contents.Read(request));

        public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => new(contents.Find(fold).Position);

        public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => new(contents.List());

        public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
            new(contents.ListTenants(fold, after));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) =>
            Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }

    private sealed class PlaceOrder : IComparer<FoldContinuation>
    {
        public static readonly PlaceOrder Instance = new();

        public int Compare(FoldContinuation x, FoldContinuation y) =>
            Utf8Order.Instance.Compare(x.Value, y.Value) is var order and not 0 ? order : Utf8Order.Instance.Compare(x.Key, y.Key);
    }
}
