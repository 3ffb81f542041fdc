using Ledgerfold.Seams;

namespace Ledgerfold.Storage;

/// <summary>How an embedded ledger works; the defaults suit a server with one disk.</summary>
public sealed record EmbeddedLedgerOptions
{
    /// <summary>Where the ledger lives: one directory of its own.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where salts and ids come from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>A segment file is full at so many bytes; one larger append still fits into a file of its own.</summary>
    public long SegmentBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>A segment is full at so many events, which bounds its index in memory and the time to open.</summary>
    public int SegmentEventsMax { get; init; } = 400_000;

    /// <summary>Space that is kept zeroed ahead of the writer.</summary>
    public long ZeroAheadBytes { get; init; } = 4L * 1024 * 1024;

    /// <summary>One batch takes at most so many bytes, or one append.</summary>
    public long BatchBytesMax { get; init; } = 4L * 1024 * 1024;

    /// <summary>What may wait before the writer, in bytes, until callers wait themselves.</summary>
    public long QueueBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Memory for the filters of sealed segments; beyond it they are read from disk.</summary>
    public long FilterBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>An idle writer vouches for its last batch after this long.</summary>
    public TimeSpan VouchAfterIdle { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an append waits for its answer where it does not say so itself.</summary>
    public TimeSpan AppendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal Action<int, int>? LoadProgress { get; init; }

    internal long FirstZeroedBytes => Math.Min(ZeroAheadBytes, SegmentBytes) / 2;
}
