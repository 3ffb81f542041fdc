namespace Ledgerfold.Storage.Segments;

/// <summary>Wakes those who wait for the head to pass a position; costs the writer nothing while nobody waits. Any thread.</summary>
internal sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _next;
    private long _head;
    private bool _ended;

    /// <summary>Tells of a new head.</summary>
    public void Advance(long head)
    {
        TaskCompletionSource? waiters;
        lock (_lock)
        {
            _head = head;
            waiters = _next;
            _next = null;
        }

        waiters?.TrySetResult();
    }

    /// <summary>Wakes all for good: the ledger is closing.</summary>
    public void End()
    {
        lock (_lock)
            _ended = true;
        Advance(_head);
    }

    /// <summary>Completes when the head is beyond the position, at once if it is; false when the ledger closed.</summary>
    public async ValueTask<bool> WaitBeyond(long position, CancellationToken cancel)
    {
        while (true)
        {
            Task advanced;
            lock (_lock)
            {
                if (_ended)
                    return false;
                if (_head > position)
                    return true;
                _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                advanced = _next.Task;
            }

            await advanced.WaitAsync(cancel);
        }
    }
}
