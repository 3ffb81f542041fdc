using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Upkeep;

/// <summary>
/// Keeps zeroed space ahead of the writer, in small steps, and the next segment's file ready. Small batches gain from it (a sync on zeroed
/// space moves no metadata); large ones do not, and for them the writer reserves space itself.
/// </summary>
internal sealed class SpaceUpkeep(Log log, LogWriter writer, EmbeddedLedgerOptions options, LedgerHealth health)
{
    private const long StepBytes = 512 * 1024;
    private const int BulkBatchBytes = 64 * 1024;

    /// <summary>Does a bounded piece of work, and answers whether there was any.</summary>
    public bool Step()
    {
        if (health.Trouble is { Passing: false })
            return false;
        try
        {
            if (health.Trouble is not null)
            {
                LookForSpace();
                return false;
            }

            var segment = writer.Segment;
            if (writer.RecentBatchBytes < BulkBatchBytes
                && segment.ZeroStep(Math.Min(StepBytes, options.ZeroAheadBytes), options.ZeroAheadBytes, options.SegmentBytes))
            {
                return true;
            }

            if (segment.Segment.End > options.SegmentBytes / 4 * 3)
                SegmentAppender.Prepare(log.Disk, writer.Epoch, options.FirstZeroedBytes);
        }
        catch (DiskFullException)
        {
            // the writer meets it itself when it needs the space, and tells its callers
        }
        catch (IOException failure)
        {
            health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
        }

        return false;
    }

    /// <summary>
    /// The disk was full. Health says that it no longer is before somebody appends: once a segment and a batch would fit again.
    /// </summary>
    private void LookForSpace()
    {
        var name = $"segment-probe-{writer.Epoch:D8}.tmp";
        log.Disk.Delete(name);
        try
        {
            using var probe = log.Disk.Create(name);
            probe.Reserve(SegmentHeader.Bytes + options.FirstZeroedBytes + options.BatchBytesMax);
        }
        finally
        {
            log.Disk.Delete(name);
        }

        health.Resume();
    }
}
