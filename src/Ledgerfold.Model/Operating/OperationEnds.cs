namespace Ledgerfold.Model.Operating;

/// <summary>Who waits until an operation has ended. Any thread.</summary>
internal sealed class OperationEnds(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<OperationKey, List<TaskCompletionSource>> _waiting = [];
    private bool _isOver;

    /// <summary>Ends when somebody tells, or the time is up, or it is seen that it need not wait.</summary>
    public async ValueTask Wait(OperationKey key, Func<ValueTask<bool>> hasEnded, TimeSpan? within, CancellationToken cancel)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Add(key, told))
            return;
        try
        {
            if (await hasEnded() || within <= TimeSpan.Zero) // looked at once somebody would tell
                return;
            using var timer = within is { } time
                ? clock.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), told, time, Timeout.InfiniteTimeSpan)
                : null;
            using var cancelling = cancel.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), told);
            await told.Task;
        }
        finally
        {
            Remove(key, told);
        }
    }

    public void Tell(OperationKey key)
    {
        TaskCompletionSource[] told;
        lock (_lock)
            told = _waiting.TryGetValue(key, out var waiting) ? [.. waiting] : [];
        foreach (var one in told)
            one.TrySetResult();
    }

    /// <summary>Nobody will be told any more.</summary>
    public void End()
    {
        TaskCompletionSource[] left;
        lock (_lock)
        {
            _isOver = true;
            left = [.. _waiting.Values.SelectMany(static waiting => waiting)];
        }

        foreach (var one in left)
            one.TrySetResult();
    }

    private bool Add(OperationKey key, TaskCompletionSource told)
    {
        lock (_lock)
        {
            if (_isOver)
                return false;
            if (!_waiting.TryGetValue(key, out var waiting))
                _waiting[key] = waiting = [];
            waiting.Add(told);
            return true;
        }
    }

    private void Remove(OperationKey key, TaskCompletionSource told)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(key, out var waiting) && waiting.Remove(told) && waiting.Count == 0)
                _waiting.Remove(key);
        }
    }
}
