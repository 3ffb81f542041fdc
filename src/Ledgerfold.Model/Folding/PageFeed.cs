using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Follows the ledger a few pages ahead of the loop that takes them, so that reading goes on beside it. It reads until it is disposed of.
/// </summary>
internal sealed class PageFeed : IAsyncDisposable
{
    private const int PagesAhead = 4;

    private readonly Signal _wake;
    private readonly Lock _lock = new();
    private readonly Queue<EventPage> _pages = new();
    private readonly Signal _room = new();
    private readonly CancellationTokenSource _reading;
    private readonly Task _pump;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Begins to read on the scheduler of the caller.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="query">Which events, of all tenants.</param>
    /// <param name="after">Only those behind this position.</param>
    /// <param name="wake">Told when there is something to take.</param>
    /// <param name="stop">Ends it as well.</param>
    public PageFeed(ILedger ledger, EventQuery query, long after, Signal wake, CancellationToken stop)
    {
        _wake = wake;
        _reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var request = new ReadRequest { Query = query, After = after, Follow = true };
        _pump = Ambient.Begin(() => Run(ledger.ReadAcrossTenants(request, _reading.Token), _reading.Token));
    }

    /// <summary>Reads no more; what was met and not taken is told to nobody.</summary>
    public async ValueTask DisposeAsync()
    {
        Ambient.CancelHere(_reading);
        lock (_lock)
            _pages.Clear();
        _room.Set(); // a read that waits for room sees that it is cancelled
        await _pump;
        _reading.Dispose();
    }

    /// <summary>The next page, if it is there already.</summary>
    /// <exception cref="Exception">What the read threw.</exception>
    public bool TryTake([NotNullWhen(true)] out EventPage? page)
    {
        bool wasFull;
        lock (_lock)
        {
            wasFull = _pages.Count >= PagesAhead;
            if (!_pages.TryDequeue(out page))
            {
                _failure?.Throw();
                return false;
            }
        }

        if (wasFull)
            _room.Set();
        return true;
    }

    private async Task Run(IAsyncEnumerable<EventPage> pages, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in pages.WithCancellation(cancel))
            {
                while (!Put(page))
                    await _room.Wait();
                cancel.ThrowIfCancellationRequested();
                _wake.Set();
            }

            Fail(new InvalidOperationException("The ledger ended a read that follows it."));
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private bool Put(EventPage page)
    {
        lock (_lock)
        {
            if (_pages.Count >= PagesAhead)
                return false;
            _pages.Enqueue(page);
            return true;
        }
    }

    private void Fail(Exception failure)
    {
        lock (_lock)
            _failure = ExceptionDispatchInfo.Capture(failure);
        _wake.Set();
    }
}
