namespace Ledgerfold.Model.Folding;

/// <summary>
/// What was seen last of something that takes time to look at, for those who cannot wait: a collector of metrics. Asking, at most once a
/// second, has it looked at anew, which mostly is done at once. Any thread.
/// </summary>
internal sealed class Glimpse<T>(Func<ValueTask<T[]>> look, TimeProvider clock)
{
    private const long Never = -1;
    private static readonly TimeSpan OldAfter = TimeSpan.FromSeconds(1);

    private T[] _seen = [];
    private long _seenAt = Never; // of the clock's timestamp
    private int _isLooking;

    public T[] Get()
    {
        var seenAt = Interlocked.Read(ref _seenAt);
        if ((seenAt == Never || clock.GetElapsedTime(seenAt) >= OldAfter) && Interlocked.Exchange(ref _isLooking, 1) == 0)
            _ = Refresh();
        return Volatile.Read(ref _seen);
    }

    private async Task Refresh()
    {
        try
        {
            Volatile.Write(ref _seen, await look());
            Interlocked.Exchange(ref _seenAt, clock.GetTimestamp());
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Volatile.Write(ref _seen, []); // nothing rather than what was once; why, the health check says
        }
        finally
        {
            Interlocked.Exchange(ref _isLooking, 0);
        }
    }
}
