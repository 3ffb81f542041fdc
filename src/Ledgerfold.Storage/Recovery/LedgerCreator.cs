using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Creates a ledger: the first segment, then the first manifest, which is what makes the directory a ledger. A creation that was cut short
/// leaves no manifest, and is simply done again.
/// </summary>
internal static class LedgerCreator
{
    private const string ManifestName = "manifest.tmp";

    /// <summary>Creates an empty ledger in a directory that holds nothing.</summary>
    public static void Create(EmbeddedLedgerOptions options)
    {
        var disk = options.Disk;
        disk.CreateDirectory();
        using var taken = disk.TryLock() ?? throw Unavailable.Locked(disk.Location);
        RemoveUnfinished(disk);
        var ids = new byte[32];
        options.Chance.Fill(ids);
        var now = Times.ToMicros(options.Clock.GetUtcNow());
        var manifest = new Manifest
        {
            StoreId = new Guid(ids.AsSpan(0, 16)),
            Secret = new Guid(ids.AsSpan(16)),
            Epoch = 1,
            CreatedAt = now,
            Segment = 1,
            SegmentEpoch = 1,
            SegmentLength = SegmentHeader.Bytes,
            Closed = true,
        };
        var header = new SegmentHeader
        {
            Segment = 1,
            StoreId = manifest.StoreId,
            Epoch = 1,
            FirstPosition = 1,
            CreatedAt = now,
            PreviousChain = new byte[RecordFormat.HashBytes],
        };
        SegmentAppender.Create(disk, header, options.FirstZeroedBytes).Dispose();
        WriteFirstManifest(disk, manifest);
    }

    private static void WriteFirstManifest(IDisk disk, Manifest manifest)
    {
        using var file = disk.Create(ManifestName);
        var slot = new byte[Manifest.SlotBytes];
        manifest.Write(slot);
        file.Write(slot, 0);
        file.Sync();
        disk.Rename(ManifestName, Manifest.NameOf(manifest.Epoch));
        disk.SyncDirectory();
    }

    private static void RemoveUnfinished(IDisk disk)
    {
        var names = disk.List();
        if (!names.All(name => IsUnfinished(disk, name)))
            throw Unavailable.NotEmpty(disk.Location);
        foreach (var name in names)
            disk.Delete(name);
    }

    /// <summary>What a creation leaves when it is cut short: temporary files, and a first segment that holds nothing.</summary>
    private static bool IsUnfinished(IDisk disk, string name)
    {
        if (name == ManifestName || SegmentAppender.IsTemporary(name))
            return true;
        if (name != SegmentHeader.NameOf(1, 1))
            return false;
        using var file = disk.Open(name, writable: false);
        return new FrameReader(file, Guid.Empty).IsZero(SegmentHeader.Bytes, file.Length);
    }
}
