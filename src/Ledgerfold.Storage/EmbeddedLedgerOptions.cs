using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage;

/// <summary>How an embedded ledger works; the defaults suit a server with one disk.</summary>
public sealed record EmbeddedLedgerOptions
{
    // A header and a little more; and offsets in a segment are 32 bits wide.
    private const long SegmentBytesLeast = SegmentHeader.Bytes + 1024;
    private const long SegmentBytesMost = 4L * 1024 * 1024 * 1024;

    // A batch is longer than its records by its header and its trailer.
    private const long BatchBytesMost = BatchFormat.BatchBytesMax - BatchFormat.HeaderBytes - BatchFormat.TrailerBytes;

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

    /// <summary>The same, once every value is one that can work.</summary>
    /// <exception cref="ArgumentException">A value is not; the message names it and the rule.</exception>
    internal EmbeddedLedgerOptions Checked()
    {
        Require(Disk is not null, nameof(Disk), "must be given");
        Require(Clock is not null, nameof(Clock), "must be given");
        Require(Chance is not null, nameof(Chance), "must be given");
        Require(
            SegmentBytes is >= SegmentBytesLeast and <= SegmentBytesMost,
            nameof(SegmentBytes),
            $"must be between {SegmentBytesLeast} and {SegmentBytesMost}");
        Require(SegmentEventsMax > 0, nameof(SegmentEventsMax), "must be at least 1");
        Require(ZeroAheadBytes > 0, nameof(ZeroAheadBytes), "must be at least 1");
        Require(
            BatchBytesMax is > 0 and <= BatchBytesMost, nameof(BatchBytesMax), $"must be between 1 and {BatchBytesMost}");
        Require(QueueBytesMax > 0, nameof(QueueBytesMax), "must be at least 1");
        Require(FilterBytesMax >= 0, nameof(FilterBytesMax), "must not be negative");
        Require(VouchAfterIdle >= TimeSpan.Zero, nameof(VouchAfterIdle), "must not be negative");
        Require(
            AppendTimeout > TimeSpan.Zero || AppendTimeout == Timeout.InfiniteTimeSpan,
            nameof(AppendTimeout),
            "must be positive, or infinite");
        return this;
    }

    private static void Require(bool isMet, string option, string rule)
    {
        if (!isMet)
            throw new ArgumentException($"{option} {rule}.", option);
    }

    internal long FirstZeroedBytes => Math.Min(ZeroAheadBytes, SegmentBytes) / 2;
}
