using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>Reads from a position up to where a fold stands, a page at a time, and goes on there once the fold stands further.</summary>
internal sealed class PagedRead(ILedger ledger, string tenant, EventQuery query, long after) : IAsyncDisposable
{
    private IAsyncEnumerator<EventPage>? _pages;
    private long _end;

    /// <summary>Everything up to here was given.</summary>
    public long ReadTo { get; private set; } = after;

    /// <summary>The events of the next page, if any; none of them behind the position.</summary>
    public async ValueTask<ImmutableArray<RecordedEvent>> Next(long position, CancellationToken cancel)
    {
        if (_pages is null)
        {
            _end = position;
            var request = new ReadRequest { Tenant = tenant, Query = query, After = ReadTo, Before = position + 1 };
            _pages = ledger.Read(request, cancel).GetAsyncEnumerator(cancel);
        }

        if (!await _pages.MoveNextAsync())
        {
            await DisposeAsync();
            ReadTo = _end;
            return [];
        }

        ReadTo = Math.Max(ReadTo, _pages.Current.ScannedTo);
        return _pages.Current.Events;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pages is not null)
            await _pages.DisposeAsync();
        _pages = null;
    }
}
