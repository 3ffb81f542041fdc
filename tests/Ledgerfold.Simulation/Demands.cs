using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>What a run of a few thousand seeds must have met, or it tests less than it seems.</summary>
internal static class Demands
{
    public static readonly IReadOnlyList<string> Marks = [];

    /// <summary>The calls that recovery makes.</summary>
    public static readonly IReadOnlyList<DiskCallKind> InRecovery =
    [
        DiskCallKind.List, DiskCallKind.Open, DiskCallKind.Create, DiskCallKind.Rename, DiskCallKind.Delete, DiskCallKind.SyncDirectory,
        DiskCallKind.Lock, DiskCallKind.Read, DiskCallKind.Write, DiskCallKind.Reserve, DiskCallKind.Sync, DiskCallKind.Exists,
    ];
}
