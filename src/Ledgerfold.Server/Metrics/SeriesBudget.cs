namespace Ledgerfold.Server.Metrics;

/// <summary>How many series there may be; what would be more is counted. Any thread.</summary>
internal sealed class SeriesBudget(int seriesMax)
{
    private int _series;
    private long _dropped;

    /// <summary>Measurements that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _series) <= seriesMax)
            return true;
        Interlocked.Decrement(ref _series);
        Interlocked.Increment(ref _dropped);
        return false;
    }

    public void Return(int series) => Interlocked.Add(ref _series, -series);
}
