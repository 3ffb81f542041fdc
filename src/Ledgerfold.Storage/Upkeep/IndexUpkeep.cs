using System.Security.Cryptography;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Upkeep;

/// <summary>
/// Rebuilds damaged runs, writes the run of each sealed segment, oldest first, and merges runs in tiers, in small steps. Appends never wait
/// for it; what it has not done yet is still in memory, and after a crash it is done again from the log.
/// </summary>
internal sealed class IndexUpkeep(Log log, LedgerHealth health)
{
    private const int CollectFrom = 50_000;

    private readonly List<RunFile> _beyondRepair = [];
    private RunRepair? _repair;
    private bool _pausedByFullDisk;
    private bool _stoppedByDamage;

    /// <summary>Whether a sealed segment or a damaged run waits for it, and it can do something about that now.</summary>
    public bool HasWork => !_pausedByFullDisk && (FindDamaged() is not null || (!_stoppedByDamage && FindUncovered() is not null));

    /// <summary>Does a bounded piece of work, and answers whether there was any.</summary>
    public bool Step()
    {
        try
        {
            log.Last.Index?.CatchUp();
            var worked = RepairNext() || CoverNext() || MergeNext();
            _pausedByFullDisk = false;
            return worked;
        }
        catch (DiskFullException)
        {
            if (!_pausedByFullDisk)
                health.Warn("The disk is full: indexes of sealed segments wait in memory.");
            _pausedByFullDisk = true;
            return false;
        }
    }

    /// <summary>
    /// Until it is done, who meets the damage is told so. Where the log itself is damaged there is nothing to build from: what is sound of
    /// the run stays in use.
    /// </summary>
    private bool RepairNext()
    {
        if (FindDamaged() is not { } damaged)
            return false;
        if (_repair?.Damaged != damaged)
        {
            health.Warn($"The index file {damaged.FileName} is damaged; it is rebuilt from the log.");
            log.Index.ForgetRebuilt();
            _repair = new RunRepair(log, damaged);
        }

        try
        {
            if (!_repair.Step())
                _repair = null;
        }
        catch (LedgerDamagedException damage) when (FindDamaged() == damaged) // else the run before is damaged too, and comes first
        {
            health.Warn($"The index file {damaged.FileName} cannot be rebuilt: {damage.Message}");
            log.Index.ForgetRebuilt();
            _beyondRepair.Add(damaged);
            _repair = null;
        }
        catch (LedgerDamagedException)
        {
            // the next step begins with it
        }

        return true;
    }

    private RunFile? FindDamaged()
    {
        foreach (var run in log.Index.Damaged)
        {
            if (!_beyondRepair.Contains(run))
                return run;
        }

        return null;
    }

    private bool MergeNext()
    {
        try
        {
            return log.Index.MergeStep();
        }
        catch (LedgerDamagedException)
        {
            return true; // the run knows that it is damaged now
        }
    }

    private bool CoverNext()
    {
        if (_stoppedByDamage || FindUncovered() is not { } segment)
            return false;
        byte[] root;
        try
        {
            root = segment.Leaves is { } leaves && leaves.Count == segment.LastPosition - segment.FirstPosition + 1
                ? RootOf(leaves)
                : RootOf(log, segment);
        }
        catch (LedgerDamagedException damage)
        {
            // A run behind a segment that has none would answer before the newer index in memory.
            health.Warn($"A sealed segment is damaged; its index and those of newer ones stay in memory: {damage.Message}");
            _stoppedByDamage = true;
            return false;
        }

        var summary = new SegmentSummary(
            segment.Number, segment.Header.Epoch, segment.FirstPosition, segment.LastPosition - segment.FirstPosition + 1, segment.End,
            segment.SealedChain!, root);
        log.Index.Add(segment.Index!, summary, segment.SealedCursors!.ToBytes());
        segment.Leaves = null;
        log.DropIndexOf(segment);
        if (summary.Count >= CollectFrom)
            GC.Collect(2, GCCollectionMode.Forced, blocking: false); // tens of megabytes, which would lie there until memory is short
        return true;
    }

    private Segment? FindUncovered()
    {
        foreach (var segment in log.Segments)
        {
            if (segment.IsSealed && segment.Index is not null)
                return segment;
        }

        return null;
    }

    private static byte[] RootOf(LeafList leaves)
    {
        var tree = new MerkleTree();
        leaves.AddTo(tree);
        return tree.ToRoot();
    }

    private static byte[] RootOf(Log log, Segment segment)
    {
        var tree = new MerkleTree();
        if (segment.LastPosition >= segment.FirstPosition)
        {
            Span<byte> leaf = stackalloc byte[RecordFormat.HashBytes];
            using var file = log.Files.Borrow(segment.Name);
            using var scan = new RecordScan(file.File, segment.Name, SegmentHeader.Bytes, segment.End, segment.FirstPosition);
            while (scan.TryNext(out var record))
            {
                SHA256.HashData(record.LeafInput, leaf);
                tree.Add(leaf);
            }

            if (scan.NextPosition <= segment.LastPosition)
                throw new LedgerDamagedException("The segment ends before its last event", segment.Name, segment.End, scan.NextPosition);
        }

        return tree.ToRoot();
    }
}
