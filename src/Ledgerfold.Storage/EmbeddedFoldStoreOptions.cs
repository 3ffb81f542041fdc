using Ledgerfold.Seams;

namespace Ledgerfold.Storage;

/// <summary>How an embedded fold store works; the defaults suit a server with one disk.</summary>
public sealed record EmbeddedFoldStoreOptions
{
    private const int PageBytes = 4096;

    /// <summary>Where the store lives: one directory of its own.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where ids come from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>
    /// Memory for rows that are not in tables yet and for what is kept of tables, however large they are. One batch may go beyond it, and
    /// so may a view that is not let go of.
    /// </summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>What may wait before the writer, in bytes, until callers wait themselves.</summary>
    public long QueueBytesMax { get; init; } = 16L * 1024 * 1024;

    /// <summary>Space that is reserved ahead in the log.</summary>
    public long LogStepBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>A memory table is full at so many bytes: one is written to while another is written out.</summary>
    internal long MemoryTableBytes => Math.Max(1024, MemoryBytes / 4);

    internal long KeptPages => MemoryBytes / 4 / PageBytes;
}
