using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;

namespace Ledgerfold.Storage;

/// <summary>What an operator does to a ledger as a whole. Progress is told as (done, of how many) segments.</summary>
public static class LedgerMaintenance
{
    /// <summary>Reads everything and checks it, also while a writer is at work; changes nothing.</summary>
    public static VerifyReport Verify(EmbeddedLedgerOptions options, Action<int, int>? progress = null) =>
        Verifier.Run(options.Checked(), progress);

    /// <summary>What the ledger holds, in numbers; changes nothing.</summary>
    public static LedgerStat Stat(EmbeddedLedgerOptions options) => StatReader.Read(options.Checked());

    /// <summary>
    /// Accepts that the bytes at a suspect end are lost: copies them aside, records who asked and why beside them, and seals the log
    /// before them. Does nothing to any other damage.
    /// </summary>
    public static RepairReport Repair(EmbeddedLedgerOptions options, string reason)
    {
        using var taken = options.Checked().Disk.TryLock() ?? throw Unavailable.Locked(options.Disk.Location);
        return TailRepair.Run(options, reason);
    }

    /// <summary>Throws the index away and builds it again from the log.</summary>
    public static int RebuildIndex(EmbeddedLedgerOptions options, Action<int, int>? progress = null) =>
        IndexRebuild.Run(options.Checked(), progress);

    /// <summary>
    /// Copies the ledger as it is now, durably, into an empty directory, also while a writer is at work. The copy is the same store up to
    /// the position in the report.
    /// </summary>
    public static BackupReport Backup(EmbeddedLedgerOptions options, IDisk target, Action<int, int>? progress = null) =>
        LedgerBackup.Run(options.Checked(), target, progress);
}

/// <summary>A ledger in numbers.</summary>
public sealed record LedgerStat
{
    /// <summary>Names the store for ever.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>The format of its files.</summary>
    public required int Format { get; init; }

    /// <summary>The epoch of the last writer.</summary>
    public required long Epoch { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The first readable position.</summary>
    public required long First { get; init; }

    /// <summary>The last position.</summary>
    public required long Head { get; init; }

    /// <summary>How many streams it holds.</summary>
    public required long Streams { get; init; }

    /// <summary>How many segment files make it up.</summary>
    public required int Segments { get; init; }

    /// <summary>How many index files cover the sealed ones.</summary>
    public required int IndexRuns { get; init; }

    /// <summary>How many cursors it holds.</summary>
    public required int Cursors { get; init; }

    /// <summary>Bytes of batches.</summary>
    public required long LogBytes { get; init; }

    /// <summary>Bytes kept ready for batches to come.</summary>
    public required long ReservedBytes { get; init; }

    /// <summary>Bytes of index files.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>Why it takes no writes as it stands; null when it may.</summary>
    public LedgerTrouble? Trouble { get; init; }
}

/// <summary>What a repair did.</summary>
/// <param name="Repaired">Whether there was a suspect end to repair.</param>
/// <param name="Head">The last position that is left.</param>
/// <param name="QuarantinedBytes">How many bytes were set aside.</param>
/// <param name="QuarantineFile">Where they are now; empty where there were none.</param>
public sealed record RepairReport(bool Repaired, long Head, long QuarantinedBytes, string QuarantineFile);

/// <summary>What a backup holds.</summary>
/// <param name="StoreId">The store it is a copy of.</param>
/// <param name="Head">The last position in it.</param>
/// <param name="Bytes">How many bytes were copied.</param>
public sealed record BackupReport(Guid StoreId, long Head, long Bytes);
