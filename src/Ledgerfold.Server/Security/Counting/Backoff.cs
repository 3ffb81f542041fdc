namespace Ledgerfold.Server.Security.Counting;

/// <summary>How failures are answered.</summary>
/// <param name="FreeTries">So many are free.</param>
/// <param name="First">The wait after the next one; it doubles with each further one.</param>
/// <param name="Longest">The longest wait.</param>
internal sealed record BackoffRule(int FreeTries, TimeSpan First, TimeSpan Longest)
{
    /// <summary>How long to wait behind so many failures.</summary>
    public TimeSpan After(int failures)
    {
        if (failures < FreeTries)
            return TimeSpan.Zero;
        var doubled = First * Math.Pow(2, Math.Min(failures - FreeTries, 30));
        return doubled < Longest ? doubled : Longest;
    }
}

/// <summary>
/// Makes whoever fails wait, longer each time, and forgets failures that lie long enough back. A try counts as failed from its beginning
/// until it is known to have succeeded, so that tries side by side do not all count as the first. Any thread.
/// </summary>
internal sealed class Backoff(BackoffRule rule, int capacity, TimeProvider clock)
{
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly RecentTable<string, Failures> _known = new(capacity);

    /// <summary>How many it knows of.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _known.Count;
        }
    }

    /// <summary>How long this one must wait before the next try; zero for not at all.</summary>
    public TimeSpan WaitOf(string key)
    {
        lock (_lock)
            return WaitOf(_known.Find(key));
    }

    /// <summary>Counts a try that begins.</summary>
    public void Fail(string key)
    {
        lock (_lock)
        {
            var count = _known.Find(key) is { } known && clock.GetElapsedTime(known.Last) < ForgottenAfter ? known.Count : 0;
            _known.Set(key, new Failures(count + 1, clock.GetTimestamp()));
        }
    }

    /// <summary>The try that began last succeeded, and those before it stay counted.</summary>
    public void TakeBack(string key)
    {
        lock (_lock)
        {
            if (_known.Find(key) is { } known)
                _known.Set(key, known with { Count = known.Count - 1 });
        }
    }

    /// <summary>It succeeded, and those before it are forgotten.</summary>
    public void Succeed(string key)
    {
        lock (_lock)
            _known.Remove(key);
    }

    private TimeSpan WaitOf(Failures? known)
    {
        if (known is null)
            return TimeSpan.Zero;
        var left = rule.After(known.Count) - clock.GetElapsedTime(known.Last);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private sealed record Failures(int Count, long Last);
}
