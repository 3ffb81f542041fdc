namespace Ledgerfold.Server.Security.Counting;

/// <summary>A bucket of tokens: so many a second come in, so many fit.</summary>
internal sealed record Rate(double PerSecond, double Burst);

/// <summary>How often each principal may ask, each by a bucket of its own. Any thread.</summary>
internal sealed class RequestRates(int capacity, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly RecentTable<string, Bucket> _buckets = new(capacity);

    /// <summary>Takes one token; or answers how long it takes until there is one.</summary>
    public TimeSpan? TryTake(string principal, Rate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var tokens = _buckets.Find(principal) is { } known
                ? Math.Min(rate.Burst, known.Tokens + (clock.GetElapsedTime(known.At, now).TotalSeconds * rate.PerSecond))
                : rate.Burst;
            _buckets.Set(principal, new Bucket(tokens >= 1 ? tokens - 1 : tokens, now));
            return tokens >= 1 ? null : TimeSpan.FromSeconds((1 - tokens) / rate.PerSecond);
        }
    }

    private sealed record Bucket(double Tokens, long At);
}
