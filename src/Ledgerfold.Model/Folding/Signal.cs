namespace Ledgerfold.Model.Folding;

/// <summary>
/// Wakes the one loop that waits here. Setting it while nobody waits is remembered; setting it often is the same as once. What waits goes
/// on where its scheduler says, never inside the call that set it, and never by way of the thread pool, which a combined task would do.
/// </summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waits;
    private bool _set;

    /// <summary>Any thread.</summary>
    public void Set()
    {
        TaskCompletionSource? waits;
        lock (_lock)
        {
            waits = _waits;
            _waits = null;
            _set = waits is null;
        }

        waits?.SetResult();
    }

    /// <summary>The one loop only.</summary>
    public Task Wait()
    {
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return Task.CompletedTask;
            }

            return (_waits ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
