using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>What a run of a few thousand seeds must have met, or it tests less than it seems.</summary>
internal static class Demands
{
    public static readonly IReadOnlyList<string> Marks =
    [
        "a damaged index run was rebuilt",
        "a follower was given events",
        "a read met damage",
        "a second writer was refused",
        "a suspect end was repaired",
        "a torn tail was dropped",
        "an index run was written",
        "backed up beside the writer",
        "began when there was space",
        "cancelled before it was staged",
        "continued behind a close marker",
        "creation cut short",
        "cursor moved by an append",
        "fenced by its epoch",
        "folds: a batch in doubt was not there",
        "folds: a batch in doubt was there",
        "folds: a read met damage",
        "folds: a second writer took over",
        "folds: a table was written",
        "folds: a torn commit was dropped",
        "folds: a view was read again",
        "folds: opening reported damage",
        "folds: outcome fold-moved",
        "folds: outcome indeterminate",
        "folds: outcome not-unique",
        "folds: outcome read-only",
        "folds: outcome written",
        "folds: refused because the disk is full",
        "folds: tables were merged",
        "indeterminate",
        "index runs were merged",
        "opened with trouble: damaged",
        "opened with trouble: shorter-than-acknowledged",
        "opened with trouble: suspect-tail",
        "opening met an error of the disk",
        "opening reported damage",
        "outcome appended",
        "outcome condition-failed",
        "outcome cursor-moved",
        "outcome id-conflict",
        "outcome mixed-repeat",
        "outcome refused",
        "outcome stream-closed",
        "outcome wrong-version",
        "ran twice alike",
        "read-only view opened",
        "read-only view saw a new segment",
        "refused because the disk is full",
        "repeated append",
        "rolled to a new segment",
        "staged ahead during a sync",
        "taken again after the disk was full",
        "the batch in doubt was written again",
        "timed out before it was staged",
        "verification found damage",
        "verified",
        "vouched while idle",
    ];

    /// <summary>The calls that recovery makes.</summary>
    public static readonly IReadOnlyList<DiskCallKind> InRecovery =
    [
        DiskCallKind.List, DiskCallKind.Open, DiskCallKind.Create, DiskCallKind.Rename, DiskCallKind.Delete, DiskCallKind.SyncDirectory,
        DiskCallKind.Lock, DiskCallKind.Read, DiskCallKind.Write, DiskCallKind.Reserve, DiskCallKind.Sync, DiskCallKind.Exists,
    ];
}
