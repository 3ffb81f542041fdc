namespace Ledgerfold.Model.Folding;

/// <summary>
/// What runs on the scheduler it was begun on and waits on the clock it was given, never by way of the thread pool's own.
/// </summary>
internal static class Ambient
{
    /// <summary>Begins something that runs beside the caller.</summary>
    public static Task Begin(Func<Task> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();

    /// <summary>Begins something that runs beside the caller and comes to a result.</summary>
    public static Task<T> Begin<T>(Func<Task<T>> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();

    /// <summary>
    /// Cancels on the thread that asks: the asynchronous form would go by way of the thread pool. What others do when they are cancelled,
    /// and that it fails, is theirs.
    /// </summary>
    public static void CancelHere(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException)
        {
            // everybody is told all the same
        }
    }

    /// <summary>Waits, without an exception when it is time to stop.</summary>
    public static async Task Pause(TimeProvider clock, TimeSpan pause, CancellationToken stop)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = clock.CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), over, WholeMillis(pause), Timeout.InfiniteTimeSpan);
        using var stopping = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), over);
        await over.Task;
    }

    /// <summary>
    /// Timers count whole milliseconds and leave the rest off: one that fires too early would be set again and again until it is time.
    /// </summary>
    public static TimeSpan WholeMillis(TimeSpan left) =>
        left > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : TimeSpan.Zero;
}
