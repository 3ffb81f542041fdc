namespace Ledgerfold.Storage.Index;

/// <summary>The sizes that an index works with.</summary>
internal sealed record IndexOptions
{
    /// <summary>Filters take at most so much memory; those beyond it are read page by page.</summary>
    public long FilterBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>So many adjacent runs of one size are merged into one.</summary>
    public int FanOut { get; init; } = 4;

    /// <summary>One step of a merge writes about so many pages, which takes a millisecond.</summary>
    public int MergeStepPages { get; init; } = 64;

    /// <summary>A run under construction is synced each time so many bytes were written.</summary>
    public long SyncEveryBytes { get; init; } = 4L * 1024 * 1024;
}
