using System.Collections.Immutable;
using System.Text.Json;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Comparing;

/// <summary>
/// Compares the rows of two folds in the order in which they stand, tenant by tenant: one pass over both, however many rows there are.
/// </summary>
internal sealed class RowComparer(IFoldReader before, IFoldReader after, RowComparison found)
{
    private const int SamplesMax = 20; // of each kind
    private const int FieldsMax = 50; // of each sample

    private readonly Dictionary<RowDifferenceKind, List<RowDifference>> _samples = new()
    {
        [RowDifferenceKind.Added] = [],
        [RowDifferenceKind.Changed] = [],
        [RowDifferenceKind.Removed] = [],
    };

    private long _same;
    private long _added;
    private long _changed;
    private long _removed;

    /// <summary>How many rows it has looked at.</summary>
    public long Compared => _same + _added + _changed + _removed;

    /// <summary>Compares all rows; whoever asks is told now and then how far it is.</summary>
    public async Task<RowComparison> Compare(Func<long, ValueTask> tell, CancellationToken cancel)
    {
        var tenant = "";
        while (await NextTenant(tenant, cancel) is { } next)
        {
            tenant = next;
            if (tenant != RowKeys.EngineTenant)
                await Compare(tenant, tell, cancel);
        }

        return found with
        {
            Same = _same,
            Added = _added,
            Changed = _changed,
            Removed = _removed,
            Samples = [.. _samples.Values.SelectMany(static some => some)],
        };
    }

    private async ValueTask<string?> NextTenant(string behind, CancellationToken cancel)
    {
        var ours = await before.ListTenants(found.Before, behind, cancel);
        var theirs = await after.ListTenants(found.After, behind, cancel);
        return ours.Concat(theirs).Aggregate(
            (string?)null, static (least, one) => least is null || RowKeys.Compare(one, least) < 0 ? one : least);
    }

    private async Task Compare(string tenant, Func<long, ValueTask> tell, CancellationToken cancel)
    {
        var old = new RowPages(before, found.Before, tenant, cancel);
        var now = new RowPages(after, found.After, tenant, cancel);
        await old.MoveNext();
        await now.MoveNext();
        while (old.Row is not null || now.Row is not null)
        {
            var order = old.Row is null ? 1 : now.Row is null ? -1 : RowKeys.Compare(old.Row.Key, now.Row.Key);
            if (order < 0)
                Differ(tenant, old.Row!, null, RowDifferenceKind.Removed);
            else if (order > 0)
                Differ(tenant, null, now.Row!, RowDifferenceKind.Added);
            else if (IsSame(old.Row!, now.Row!))
                _same++;
            else
                Differ(tenant, old.Row!, now.Row!, RowDifferenceKind.Changed);
            if (order <= 0 && await old.MoveNext())
                await tell(Compared);
            if (order >= 0)
                await now.MoveNext();
        }
    }

    private void Differ(string tenant, FoldRow? old, FoldRow? now, RowDifferenceKind kind)
    {
        switch (kind)
        {
            case RowDifferenceKind.Added:
                _added++;
                break;
            case RowDifferenceKind.Changed:
                _changed++;
                break;
            default:
                _removed++;
                break;
        }

        var samples = _samples[kind];
        if (samples.Count == SamplesMax)
            return;
        var changes = FieldChange.Between(Read(old), Read(now));
        samples.Add(new RowDifference(tenant, RowKeys.KeyOf((old ?? now)!), kind, [.. changes.Take(FieldsMax)]));
    }

    private static bool IsSame(FoldRow old, FoldRow now) =>
        old.Indexes.Length == now.Indexes.Length
        && (old.Indexes.SequenceEqual(now.Indexes) || old.Indexes.ToHashSet().SetEquals(now.Indexes))
        && (old.Data.Span.SequenceEqual(now.Data.Span) || JsonElement.DeepEquals(Read(old)!.Value, Read(now)!.Value));

    private static JsonElement? Read(FoldRow? row) => row is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Data.Span);

    /// <summary>The rows of a tenant, one by one.</summary>
    private sealed class RowPages
    {
        private readonly IFoldReader _reader;
        private readonly CancellationToken _cancel;
        private FoldRead? _request;
        private ImmutableArray<FoldRow> _page = [];
        private int _at;

        public RowPages(IFoldReader reader, FoldName fold, string tenant, CancellationToken cancel)
        {
            (_reader, _cancel) = (reader, cancel);
            var (from, to) = RowKeys.RangeOfStates(null, null);
            _request = new FoldRead { Fold = fold, Tenant = tenant, From = from, To = to, Limit = Limits.FoldPageRowsMax };
        }

        public FoldRow? Row { get; private set; }

        /// <summary>Goes on to the next row; true where a page was read for it.</summary>
        public async ValueTask<bool> MoveNext()
        {
            var hasRead = false;
            while (_at == _page.Length && _request is not null)
            {
                _cancel.ThrowIfCancellationRequested();
                var page = await _reader.Read(_request, _cancel);
                (_page, _at, hasRead) = (page.Rows, 0, true);
                _request = page.Next is null ? null : _request with { Continue = page.Next };
            }

            Row = _at < _page.Length ? _page[_at++] : null;
            return hasRead;
        }
    }
}
