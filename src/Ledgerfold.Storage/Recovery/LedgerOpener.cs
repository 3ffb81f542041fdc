using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Opens a ledger for writing, in this order: claim an epoch durably, then read the log, then make its end this writer's own. A segment is
/// continued only where the writer before ended in good order and said so; else it is sealed at the last batch that is vouched for, and the
/// one batch in doubt is written again into a new segment, because what the page cache shows of it may not be on disk.
/// </summary>
internal sealed class LedgerOpener(IDisk disk, EmbeddedLedgerOptions options, LedgerHealth health)
{
    private const int MarkerBytes = BatchFormat.HeaderBytes + BatchFormat.TrailerBytes;

    /// <summary>What recovery met at the end of the log.</summary>
    public RecoveryReport Report { get; private set; } = new();

    /// <summary>Whether an operator accepts that the bytes at a suspect end are lost.</summary>
    public bool AcceptSuspectTail { get; init; }

    /// <summary>Opens the log; the start is null where it may only be read, and health says why.</summary>
    public (LoadedLog Loaded, WriterStart? Start) Open()
    {
        var before = Survey.Of(disk);
        DeleteLeftovers();
#if ZOO
        if (Zoo.Bug("epoch-claimed-after-reading"))
        {
            var early = LoadedLog.From(disk, before, options, readOnly: false);
            return (early, Start(early, EpochClaim.Take(disk, before.Manifest, before.EpochMax + 1)));
        }
#endif
        var claim = EpochClaim.Take(disk, before.Manifest, before.EpochMax + 1);
        try
        {
            var survey = Survey.Of(disk) with { Manifest = before.Manifest };
            var loaded = LoadedLog.From(disk, survey, options, readOnly: false);
            try
            {
                return (loaded, Start(loaded, claim));
            }
            catch
            {
                loaded.Log.Dispose();
                throw;
            }
        }
        catch (DiskFullException)
        {
            claim.Withdraw();
            throw;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    private WriterStart? Start(LoadedLog loaded, EpochClaim claim)
    {
        if (loaded.Trouble is { } trouble && !(AcceptSuspectTail && trouble.Code == "suspect-tail"))
        {
            health.Stop(trouble.Code, trouble.Reason);
            loaded.ShowWhatIsVouchedFor();
            claim.Withdraw();
            return null;
        }

        Report = new RecoveryReport
        {
            DroppedBytes = loaded.TailKind == TailKind.Torn ? loaded.TailBytes : 0,
            WasClosed = EndedInGoodOrder(loaded, claim.Epoch),
        };
        var start = Report.WasClosed ? Continue(loaded, claim) : StartSegment(loaded, claim);
        claim.Write(manifest => manifest with
        {
            Head = start.Log.Head,
            Segment = start.Segment.Segment.Number,
            SegmentEpoch = start.Segment.Segment.Header.Epoch,
            SegmentLength = start.Segment.End,
        });
        claim.DeleteOlder();
        return start;
    }

    private bool EndedInGoodOrder(LoadedLog loaded, long epoch)
    {
#if ZOO
        if (Zoo.Bug("page-cache-trusted-after-a-crash"))
            return loaded.TailKind == TailKind.Clean;
#endif
        var manifest = loaded.Survey.Manifest;
        return manifest.Closed
            && manifest.Epoch == epoch - 1
            && loaded.TailKind == TailKind.Clean
            && manifest.Segment == loaded.Log.Last.Number
            && manifest.SegmentEpoch == loaded.Log.Last.Header.Epoch
            && manifest.SegmentLength == loaded.Tail.Offset;
    }

    private WriterStart Continue(LoadedLog loaded, EpochClaim claim)
    {
        loaded.Tail.Settle();
        loaded.Log.Publish(loaded.Tail.Head);
        var appender = SegmentAppender.Continue(disk, loaded.Log.Last);
        try
        {
            appender.Reserve(MarkerBytes); // before anything says that this writer began
        }
        catch
        {
            appender.Dispose();
            throw;
        }

        return new WriterStart(
            loaded.Log, claim, appender, loaded.Tail.Chain, loaded.Tail.Cursors, loaded.Tail.LastRecordedAt);
    }

    private WriterStart StartSegment(LoadedLog loaded, EpochClaim claim)
    {
        var log = loaded.Log;
        var tail = loaded.Tail;
        var old = log.Last;
        var header = new SegmentHeader
        {
            Segment = old.Number + 1,
            StoreId = log.StoreId,
            Epoch = claim.Epoch,
            FirstPosition = tail.Head + 1,
            CreatedAt = tail.LastRecordedAt,
            PreviousSegment = old.Number,
            PreviousEpoch = old.Header.Epoch,
            PreviousLength = tail.DoubtOffset,
            PreviousChain = tail.Chain.ToArray(),
        };
        var chain = tail.Chain.ToArray();
        var again = WriteAgain(tail, claim.Epoch, chain);
        var appender = SegmentAppender.Create(disk, header, Math.Max(options.FirstZeroedBytes, again.Length + MarkerBytes), again);
        old.End = tail.DoubtOffset;
        old.SealedCursors = tail.Cursors;
        old.SealedChain = header.PreviousChain;
        appender.Segment.Index = new MemoryIndex(header.FirstPosition);
        log.Add(appender.Segment);
        tail.Apply(again, appender.Segment.Index, SegmentHeader.Bytes);
        appender.Segment.End = appender.End;
        appender.Segment.LastPosition = tail.Head + Report.RewrittenEvents;
        log.Publish(appender.Segment.LastPosition);
        return new WriterStart(log, claim, appender, chain, tail.Cursors, tail.LastRecordedAt);
    }

    /// <summary>
    /// The batch in doubt as the first one of the new segment, and the chain behind it; empty where there is nothing in doubt.
    /// </summary>
    private byte[] WriteAgain(SegmentReplay tail, long epoch, byte[] chain)
    {
        if (!BatchHeader.TryRead(tail.InDoubt, out var doubt) || doubt.Records == 0)
            return [];
#if ZOO
        if (Zoo.Bug("doubt-not-written-again"))
            return [];
#endif
        var batch = tail.InDoubt.ToArray();
        BatchFormat.Readdress(batch, doubt, epoch, SegmentHeader.Bytes);
        BatchHeader.ChainOf(batch).CopyTo(chain);
        Report = Report with { RewrittenEvents = doubt.Events };
        return batch;
    }

    private void DeleteLeftovers()
    {
        foreach (var name in disk.List())
        {
            if (name.EndsWith(".tmp", StringComparison.Ordinal))
                disk.Delete(name);
        }
    }
}
