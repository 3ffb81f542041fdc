namespace Ledgerfold.Storage.Folds;

/// <summary>How many more pages may be kept in memory, over all tables. Any thread.</summary>
internal sealed class PageBudget(long pages)
{
    private long _left = pages;

    public bool TryTake()
    {
        if (Volatile.Read(ref _left) <= 0)
            return false;
        if (Interlocked.Decrement(ref _left) >= 0)
            return true;
        Interlocked.Increment(ref _left);
        return false;
    }

    public void Return(long pages) => Interlocked.Add(ref _left, pages);
}
