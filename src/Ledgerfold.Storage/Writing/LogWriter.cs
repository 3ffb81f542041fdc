using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// The one writer: has the queue decided and staged, writes the batch, syncs, checks its epoch, acknowledges. It has no thread and never
/// waits but for the disk: a pump calls <see cref="Step"/> in production, a seed does in simulation. While it syncs, another thread may
/// stage what comes meanwhile by <see cref="StageAhead"/>, so that the disk does not wait for the processor. Nothing is told to anybody
/// before the sync has answered and no newer writer has claimed the store. A failed write or sync ends it for good.
/// </summary>
internal sealed class LogWriter
{
    private const int BacklogEvents = 2_000;
    private const int StagedAtOnce = 32;

    // after start
    private readonly Log _log;
    private readonly EmbeddedLedgerOptions _options;
    private readonly EpochClaim _claim;
    private readonly AppendQueue _queue;
    private readonly AppendDrafts _drafts;
    private readonly LedgerHealth _health;

    // under the lock, which the writer lets go of while it syncs
    private readonly Lock _staging = new();
    private readonly Stager _stager;

    // writer only
    private readonly byte[] _chain;
    private long _head;
    private bool _vouched = true;
    private long _lastPublished;
    private long _lastRecordedAt;

    // written by the writer, read by any thread
    private SegmentAppender _segment;
    private CursorTable _cursors;
    private volatile bool _isSyncing;

    public LogWriter(
        WriterStart start, EmbeddedLedgerOptions options, LedgerHealth health, AppendQueue queue, AppendDrafts drafts,
        Func<long, StoredEvent> load)
    {
        _log = start.Log;
        _options = options;
        _claim = start.Claim;
        _queue = queue;
        _drafts = drafts;
        _health = health;
        _stager = new Stager(start, options, queue, load);
        _segment = start.Segment;
        _chain = start.Chain.ToArray();
        _head = start.Log.Head;
        _lastRecordedAt = start.LastRecordedAt;
        _cursors = start.Cursors;
        WriteMarker(BatchKind.Open);
        _log.Publish(_head);
    }

    /// <summary>Where every cursor stands, durably. Any thread.</summary>
    public CursorTable Cursors => Volatile.Read(ref _cursors);

    /// <summary>The epoch it writes in. Any thread.</summary>
    public long Epoch => _claim.Epoch;

    /// <summary>The file being appended to. Any thread.</summary>
    public SegmentAppender Segment => Volatile.Read(ref _segment);

    /// <summary>Mean size of recent batches, which tells space upkeep whether zeroing ahead pays. Any thread.</summary>
    public int RecentBatchBytes { get; private set; }

    /// <summary>Called when a segment was sealed, or many staged events wait to be filed.</summary>
    public Action IndexWanted { get; set; } = static () => { };

    /// <summary>Called when little zeroed space is left ahead.</summary>
    public Action SpaceLow { get; set; } = static () => { };

    /// <summary>Whether a sync of appends is under way, so that others can be staged meanwhile. Any thread.</summary>
    public bool MayStageAhead => _isSyncing;

    /// <summary>Does one round of work, and answers whether there was any.</summary>
    public bool Step()
    {
        if (!TryTake(out var batch))
            return VouchWhenIdle();
        if (batch is null)
            return true;
        try
        {
            Commit(batch);
        }
        catch (IOException failure)
        {
            Fail(failure, batch);
        }

        Settle(batch); // not where something unforeseen was thrown: who stops the writer answers all that were not
        return true;
    }

    /// <summary>Stages some of what waits while the writer syncs, and answers whether there was any. Any thread.</summary>
    public bool StageAhead()
    {
        if (!MayStageAhead)
            return false;
        lock (_staging)
        {
            try
            {
                return MayStageAhead && _health.Trouble is null && _stager.StageMore(StagedAtOnce);
            }
            catch (IOException failure)
            {
                Stop(failure); // the writer answers those that are staged, which nobody writes any more
                return true;
            }
        }
    }

    /// <summary>
    /// Ends in good order: a close marker, then a manifest that says where. The pump has ended and the queue takes no more.
    /// </summary>
    public void Close()
    {
        while (Step())
        {
        }

        if (_health.Trouble is { Passing: false })
            return;
        try
        {
            var marked = TryWriteCloseMarker(out var isCurrent);
            if (!isCurrent)
                return;
            _claim.Write(manifest => manifest with
            {
                Closed = marked,
                Head = _head,
                Segment = _segment.Segment.Number,
                SegmentEpoch = _segment.Segment.Header.Epoch,
                SegmentLength = _segment.End,
            });
        }
        catch (IOException failure)
        {
            Stop(failure);
        }
    }

    /// <summary>On a full disk none fits: the manifest, whose space it has, then vouches for the last batch all the same.</summary>
    private bool TryWriteCloseMarker(out bool isCurrent)
    {
        try
        {
            return isCurrent = WriteMarker(BatchKind.Close);
        }
        catch (DiskFullException)
        {
            isCurrent = CheckEpoch();
            return false;
        }
    }

    /// <summary>The next batch to commit, if anybody waits; null where those who waited were refused.</summary>
    private bool TryTake(out StagedBatch? batch)
    {
        batch = null;
        lock (_staging)
        {
            var open = _stager.Open;
            var isNew = open.IsEmpty;
            if (isNew)
                _queue.Drain(open.Appends, _options.BatchBytesMax);
            if (open.IsEmpty)
                return false;
            try
            {
                if (_health.Trouble is { Passing: false } trouble)
                    open.AnswerAll(new AppendOutcome.ReadOnly(trouble.Reason));
                else if (isNew ? TryStageNew(open) : StageRest())
                    batch = _stager.Take();
            }
            catch (IOException failure)
            {
                Fail(failure, open);
            }

            if (batch is null)
                Settle(open);
            return true;
        }
    }

    private bool TryStageNew(StagedBatch batch)
    {
        if (!MakeRoom(batch))
            return false;
        _stager.Begin();
        _stager.Decide(from: 0);
        return true;
    }

    private bool StageRest()
    {
        _stager.StageMore(int.MaxValue);
        return true;
    }

    private void Commit(StagedBatch batch)
    {
        var buffer = batch.Buffer;
        if (buffer.Records > 0)
        {
#if ZOO
            _isSyncing = Zoo.Bug("staged-ahead-of-the-write");
#endif
            WriteBatch(BatchKind.Data, batch);
            Sync();
        }

        if (!CheckEpoch()) // also where nothing was written: what a check or a repeat found may be history
        {
            batch.AnswerAll(new AppendOutcome.Indeterminate("another writer took over before this was acknowledged"));
            return;
        }

        if (buffer.Records > 0)
            Publish(batch);
        batch.AnswerAsDecided();
    }

    private void WriteBatch(BatchKind kind, StagedBatch batch)
    {
        var (buffer, time) = (batch.Buffer, batch.Time);
        if (time.Jumped)
            _health.Warn($"The wall clock jumped ahead to {Times.FromMicros(time.RawTime):O}, before position {_head + 1}.");
        var bytes = buffer.Finish(
            kind, time.Jumped ? BatchFormat.FlagClockJumped : (byte)0, _log.StoreId, _claim.Epoch, time.RawTime, _segment.End, _chain);
#if ZOO
        if (Zoo.Bug("acknowledge-before-sync"))
            batch.Appends.ForEach(static pending => pending.Answer(pending.Decision ?? new AppendOutcome.Overloaded("")));
        if (Zoo.Bug("epoch-checked-before-the-sync") && !_claim.IsCurrent())
            throw new IOException("fenced");
#endif
        _segment.Append(bytes);
        _lastRecordedAt = time.RecordedAt;
        if (_segment.Segment.Leaves is { } leaves)
            buffer.AddLeavesTo(leaves);
        if (kind == BatchKind.Data)
            RecentBatchBytes = ((RecentBatchBytes * 7) + bytes.Length) / 8;
    }

    private void Sync()
    {
        _isSyncing = true;
        var began = _options.Clock.GetTimestamp();
        try
        {
            SyncBatch();
        }
        finally
        {
            _isSyncing = false;
        }

        Telemetry.SyncDuration.Record(_options.Clock.GetElapsedTime(began).TotalSeconds);
    }

    private void SyncBatch()
    {
#if ZOO
        if (Zoo.Bug("no-sync"))
            return;
        if (Zoo.Bug("sync-result-ignored"))
        {
            try
            {
                _segment.Sync();
            }
            catch (IOException)
            {
                return;
            }
        }

        if (Zoo.Bug("retry-after-failed-sync"))
        {
            try
            {
                _segment.Sync();
            }
            catch (IOException)
            {
                _segment.Sync();
                return;
            }
        }
#endif
        _segment.Sync();
    }

    private bool CheckEpoch()
    {
#if ZOO
        if (Zoo.Bug("epoch-not-checked") || Zoo.Bug("epoch-checked-before-the-sync"))
            return true;
#endif
        if (_claim.IsCurrent())
            return true;
        _health.Stop("fenced", "Another writer has taken over the ledger.");
        return false;
    }

    private void Publish(StagedBatch batch)
    {
        _head += batch.Buffer.Events;
        _vouched = false;
        _lastPublished = _options.Clock.GetTimestamp();
        Volatile.Write(ref _cursors, batch.Cursors);
        _segment.Segment.LastPosition = _head;
        _segment.Segment.End = _segment.End;
        _log.Publish(_head);
        if (_segment.ZeroedAhead < _options.ZeroAheadBytes / 2)
            SpaceLow();
        if (_segment.Segment.Index!.Backlog > BacklogEvents)
            IndexWanted();
    }

    private bool MakeRoom(StagedBatch batch)
    {
        var bytes = (long)BatchFormat.HeaderBytes + BatchFormat.TrailerBytes;
        var events = 0;
        foreach (var pending in batch.Appends)
        {
            bytes += pending.Encoded.Length;
            events += pending.Encoded.EventCount;
        }

        try
        {
            if (_segment.End > SegmentHeader.Bytes && IsFull(bytes, events))
                Roll();
            _segment.Reserve(bytes + BatchFormat.HeaderBytes + BatchFormat.TrailerBytes);
            _health.Resume();
            return true;
        }
        catch (DiskFullException)
        {
            _health.Pause("disk-full", "The disk is full; the ledger takes writes again when there is space.");
            batch.AnswerAll(new AppendOutcome.ReadOnly("the disk is full"));
            return false;
        }
    }

    private bool IsFull(long bytes, int events) =>
        _segment.End + bytes > _options.SegmentBytes
        || (_head - _segment.Segment.FirstPosition + 1 + events > _options.SegmentEventsMax && _head >= _segment.Segment.FirstPosition);

    private void Roll()
    {
        var full = _segment;
        var header = new SegmentHeader
        {
            Segment = full.Segment.Number + 1,
            StoreId = _log.StoreId,
            Epoch = _claim.Epoch,
            FirstPosition = _head + 1,
            CreatedAt = _lastRecordedAt,
            PreviousSegment = full.Segment.Number,
            PreviousEpoch = full.Segment.Header.Epoch,
            PreviousLength = full.End,
            PreviousChain = _chain.ToArray(),
        };
        var next = SegmentAppender.Create(_log.Disk, header, _options.FirstZeroedBytes);
        full.Segment.End = full.End;
        full.Segment.SealedCursors = _cursors;
        full.Segment.SealedChain = header.PreviousChain;
        next.Segment.Index = new MemoryIndex(header.FirstPosition, full.Segment.Index);
        next.Segment.Leaves = new LeafList();
        Volatile.Write(ref _segment, next);
        _stager.Segment = next;
        _log.Add(next.Segment);
        _vouched = true; // the header of the new segment vouches for all of the old one
        full.Dispose();
        IndexWanted();
    }

    private bool VouchWhenIdle()
    {
        if (_vouched || _health.Trouble is not null || _options.Clock.GetElapsedTime(_lastPublished) < _options.VouchAfterIdle)
            return false;
        try
        {
            WriteMarker(BatchKind.Vouch);
        }
        catch (DiskFullException)
        {
            _vouched = true; // the next batch vouches; there is nothing to tell anybody
        }
        catch (IOException failure)
        {
            Stop(failure);
        }

        return true;
    }

    private bool WriteMarker(BatchKind kind)
    {
        _segment.Reserve(BatchFormat.HeaderBytes + BatchFormat.TrailerBytes);
        StagedBatch batch;
        lock (_staging)
        {
            _stager.Begin();
            batch = _stager.Take();
        }

        WriteBatch(kind, batch);
        SyncBatch();
        if (!CheckEpoch())
            return false;
        _segment.Segment.End = _segment.End;
        _vouched = true;
        return true;
    }

    private void Fail(IOException failure, StagedBatch batch)
    {
#if ZOO
        if (Zoo.Bug("carries-on-after-a-failed-write"))
        {
            batch.AnswerAll(new AppendOutcome.Overloaded(""));
            return;
        }
#endif
        Stop(failure);
        batch.AnswerAll(new AppendOutcome.Indeterminate($"the disk failed: {failure.Message}"));
    }

    private void Stop(IOException failure)
    {
#if ZOO
        if (Zoo.Bug("carries-on-after-a-failed-write"))
            return;
#endif
        _health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
    }

    private void Settle(StagedBatch batch)
    {
        _drafts.Return(batch.Appends);
        _queue.Settle(batch.Appends);
        batch.Appends.Clear();
    }
}
