namespace Ledgerfold.Testing.Disk;

/// <summary>What is asked of a disk. A crash is possible before and after each.</summary>
public enum DiskCallKind
{
    /// <summary>The directory is created.</summary>
    CreateDirectory,

    /// <summary>The entries are listed.</summary>
    List,

    /// <summary>An entry is looked for.</summary>
    Exists,

    /// <summary>A file is opened.</summary>
    Open,

    /// <summary>A file is created.</summary>
    Create,

    /// <summary>An entry is renamed.</summary>
    Rename,

    /// <summary>An entry is removed.</summary>
    Delete,

    /// <summary>The entries are made durable.</summary>
    SyncDirectory,

    /// <summary>The directory is locked.</summary>
    Lock,

    /// <summary>Bytes are read.</summary>
    Read,

    /// <summary>Bytes are written.</summary>
    Write,

    /// <summary>Space is reserved.</summary>
    Reserve,

    /// <summary>The bytes of a file are made durable.</summary>
    Sync,

    /// <summary>A read is announced.</summary>
    Prefetch,
}

/// <summary>One call to a simulated disk.</summary>
/// <param name="Number">Where it stands among all calls to the disk, from 1.</param>
/// <param name="Process">The number of the process that makes it, from 1.</param>
/// <param name="Kind">What is asked.</param>
/// <param name="File">The file or entry, as it was called when it was opened; empty for the directory.</param>
/// <param name="Offset">Where in the file.</param>
/// <param name="Length">How many bytes; of a reservation, the length asked for.</param>
public readonly record struct DiskCall(long Number, int Process, DiskCallKind Kind, string File, long Offset, long Length)
{
    /// <inheritdoc />
    public override string ToString() => $"#{Number} process {Process}: {Kind} {File} {Offset}+{Length}";
}
