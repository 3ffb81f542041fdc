namespace Ledgerfold.Model.Folding;

/// <summary>Lets callers do something one after the other, in the order in which they came. Any thread.</summary>
internal sealed class Turns
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Does it once all who came before have ended.</summary>
    public async Task<T> Take<T>(Func<Task<T>> act)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_lock)
            (before, _last) = (_last, mine.Task);
        await before;
        try
        {
            return await act();
        }
        finally
        {
            mine.SetResult();
        }
    }
}
