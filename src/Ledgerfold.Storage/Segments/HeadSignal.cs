namespace Ledgerfold.Storage.Segments;

/// <summary>
/// Wakes those who wait for the head to pass a position; costs the writer nothing while nobody waits. Each goes on where its own scheduler
/// says, and never by way of the thread pool, which one task for all with a wait around it would do. Any thread.
/// </summary>
internal sealed class HeadSignal
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private long _head;
    private bool _ended;

    /// <summary>Tells of a new head.</summary>
    public void Advance(long head)
    {
        TaskCompletionSource[] woken;
        lock (_lock)
        {
            _head = head;
            if (_waiting.Count == 0)
                return;
            woken = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var waits in woken)
            waits.TrySetResult();
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
            var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (_ended)
                    return false;
                if (_head > position)
                    return true;
                _waiting.Add(waits);
            }

            using var cancelling = cancel.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waits);
            try
            {
                await waits.Task;
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                    _waiting.Remove(waits);
                throw;
            }
        }
    }
}
