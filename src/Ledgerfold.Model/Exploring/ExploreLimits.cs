namespace Ledgerfold.Model.Exploring;

/// <summary>How much one question about the ledger may cost. Whatever is cut short says so, and where to go on.</summary>
public sealed record ExploreLimits
{
    /// <summary>The most items of a page.</summary>
    public int ItemsMax { get; init; } = 1_000;

    /// <summary>How many positions a page may pass over where an index cannot say which of them match.</summary>
    public long ScannedMax { get; init; } = 200_000;

    /// <summary>A page ends behind the event whose data brings it to so many bytes.</summary>
    public long BytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>The most nodes of a tree of causes.</summary>
    public int NodesMax { get; init; } = 1_000;

    /// <summary>How many events of a stream are counted by their types.</summary>
    public int CountedMax { get; init; } = 10_000;

    /// <summary>How many events a stream may have for the question who set each field, which reads all of them.</summary>
    public int BlamedMax { get; init; } = 100_000;

    internal ExploreLimits Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ItemsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ScannedMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NodesMax, 3); // an event, its command, and what led to that
        ArgumentOutOfRangeException.ThrowIfLessThan(CountedMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BlamedMax, 1);
        return this;
    }
}
