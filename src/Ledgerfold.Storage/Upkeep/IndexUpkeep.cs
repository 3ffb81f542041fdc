using System.Security.Cryptography;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Upkeep;

/// <summary>
/// Writes the run of each sealed segment, oldest first, and merges runs in tiers, in small steps. Appends never wait for it; what it has
/// not done yet is still in memory, and after a crash it is done again from the log.
/// </summary>
internal sealed class IndexUpkeep(Log log, LedgerHealth health)
{
    private const int CollectFrom = 50_000;

    private bool _pausedByFullDisk;

    /// <summary>Called with a sealed segment after its run is durable.</summary>
    public Action<Segment> Covered { get; set; } = static _ => { };

    /// <summary>Whether a sealed segment waits for its run.</summary>
    public bool HasUncovered => FindUncovered() is not null;

    /// <summary>Does a bounded piece of work, and answers whether there was any.</summary>
    public bool Step()
    {
        try
        {
            log.Last.Index?.CatchUp();
            return CoverNext() || log.Index.MergeStep();
        }
        catch (DiskFullException)
        {
            if (!_pausedByFullDisk)
                health.Warn("The disk is full: indexes of sealed segments wait in memory.");
            _pausedByFullDisk = true;
            return false;
        }
        catch (RunDamagedException damage)
        {
            health.Warn($"An index file is damaged and will be rebuilt from the log at the next start: {damage.Message}");
            return false;
        }
    }

    private bool CoverNext()
    {
        if (FindUncovered() is not { } segment)
            return false;
        var root = segment.Leaves is { } leaves && leaves.Count == segment.LastPosition - segment.FirstPosition + 1
            ? RootOf(leaves)
            : RootOf(log, segment);
        var summary = new SegmentSummary(
            segment.Number, segment.Header.Epoch, segment.FirstPosition, segment.LastPosition - segment.FirstPosition + 1, segment.End,
            segment.SealedChain!, root);
        log.Index.Add(segment.Index!, summary, segment.SealedCursors!.ToBytes());
        segment.Leaves = null;
        log.DropIndexOf(segment);
        _pausedByFullDisk = false;
        Covered(segment);
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
        }

        return tree.ToRoot();
    }
}
