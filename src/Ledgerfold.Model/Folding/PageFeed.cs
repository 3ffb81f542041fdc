using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Ledgerfold.Model.Folding;

/// <summary>Reads a few pages ahead of the loop that folds them, so that reading and folding go on side by side.</summary>
internal sealed class PageFeed(Signal wake)
{
    private const int PagesAhead = 4;

    private readonly Lock _lock = new();
    private readonly Queue<EventPage> _pages = new();
    private readonly Signal _room = new();
    private ExceptionDispatchInfo? _failure;

    /// <summary>Reads until cancelled; what it meets is told when the pages before it are taken.</summary>
    public async Task Run(IAsyncEnumerable<EventPage> pages, CancellationToken cancel)
    {
        try
        {
            await foreach (var page in pages.WithCancellation(cancel))
            {
                while (!Put(page))
                    await _room.Wait();
                cancel.ThrowIfCancellationRequested();
                wake.Set();
            }

            Fail(new InvalidOperationException("The ledger ended a read that follows it."));
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
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

    /// <summary>Lets a read that waits for room see that it is cancelled.</summary>
    public void Stop()
    {
        lock (_lock)
            _pages.Clear();
        _room.Set();
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
        wake.Set();
    }
}
