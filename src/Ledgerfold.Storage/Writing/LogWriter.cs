using System.Runtime.InteropServices;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// The one writer: drains the queue, decides each append in order, writes the batch, syncs, checks its epoch, acknowledges. It has no
/// thread and never waits: a pump calls <see cref="Step"/> in production, a seed does in simulation. Nothing is told to anybody before
/// the sync has answered and no newer writer has claimed the store. A failed write or sync ends it for good.
/// </summary>
internal sealed class LogWriter
{
    private const int BacklogEvents = 2_000;

    // after start
    private readonly Log _log;
    private readonly EmbeddedLedgerOptions _options;
    private readonly EpochClaim _claim;
    private readonly AppendQueue _queue;
    private readonly AppendDrafts _drafts;
    private readonly LedgerHealth _health;
    private readonly AppendChecks _checks;
    private readonly RecordedClock _clock;

    // writer only
    private readonly BatchBuffer _batch = new();
    private readonly List<PendingAppend> _drained = [];
    private readonly byte[] _chain;
    private CursorTable _staged;
    private long _head;
    private bool _vouched = true;
    private long _lastStaged;
    private SegmentAppender _segment;

    // written by the writer, read by any thread
    private CursorTable _cursors;

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
        _segment = start.Segment;
        _chain = start.Chain.ToArray();
        _head = start.Log.Head;
        _staged = start.Cursors;
        _cursors = start.Cursors;
        _clock = new RecordedClock(options.Clock, start.LastRecordedAt);
        _checks = new AppendChecks(_log, position => LoadStored(position, load));
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

    /// <summary>Does one round of work, and answers whether there was any.</summary>
    public bool Step()
    {
        _queue.Drain(_drained, _options.BatchBytesMax);
        if (_drained.Count == 0)
            return VouchWhenIdle();
        try
        {
            if (_health.Trouble is { Passing: false } trouble)
                AnswerAll(new AppendOutcome.ReadOnly(trouble.Reason));
            else if (MakeRoom())
                Commit();
        }
        catch (IOException failure)
        {
            Fail(failure);
        }

        Settle(); // not where something unforeseen was thrown: who stops the writer answers all that were not
        return true;
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
            Fail(failure);
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

    private void Commit()
    {
        var reading = _clock.Read();
        _batch.Begin(_head + 1, reading.RecordedAt);
        foreach (var pending in _drained)
            Decide(pending);
        if (_batch.Records > 0)
        {
            WriteBatch(BatchKind.Data, reading);
            SyncBatch();
        }

        if (!CheckEpoch()) // also where nothing was written: what a check or a repeat found may be history
            return;
        if (_batch.Records > 0)
            Publish();

        foreach (var pending in _drained)
        {
            if (pending.Decision is { } decision)
                pending.Answer(decision);
        }
    }

    private void Decide(PendingAppend pending)
    {
        if (!pending.TryStage())
            return;
        var head = _head + _batch.Events;
        var cursors = _staged;
#if ZOO
        if (Zoo.Bug("cursor-fence-ignores-what-is-staged"))
            cursors = _cursors;
#endif
        try
        {
            pending.Decision = _checks.Decide(pending, cursors, head);
        }
        catch (LedgerDamagedException damage)
        {
            pending.Fail(damage); // a stored event that it must be compared with; nothing was staged, and others do not suffer
            return;
        }

        pending.Decision ??= Stage(pending, head);
    }

    private AppendOutcome.Appended Stage(PendingAppend pending, long head)
    {
        var request = pending.Request;
        var encoded = pending.Encoded;
        var versions = encoded.EventCount == 0 ? [] : new StreamVersion[CountWritten(request)];
        var streams = 0;
        using var staging = _segment.Segment.Index!.BeginStaging();
        var write = -1;
        var version = 0L;
        for (var r = 0; r < encoded.RecordCount; r++)
        {
            ref readonly var record = ref encoded.Records[r];
            if (r >= encoded.EventCount)
            {
                StageCursorMove(request, request.CursorMoves[r - encoded.EventCount], encoded, r);
                continue;
            }

            if (record.Write != write)
            {
                write = record.Write;
                version = _checks.Streams[write].LastVersion;
                versions[streams++] = new StreamVersion(request.Writes[write].Stream, version + request.Writes[write].Events.Length);
            }

            version++;
            var offset = _batch.AddEvent(encoded, r, version);
            staging.Add(record.Id, record.Stream, version, record.Closes, (uint)(_segment.End + offset), encoded.OthersOf(in record));
        }

        if (encoded.EventCount == 0)
            return new AppendOutcome.Appended(0, head, [], Repeated: false);
        return new AppendOutcome.Appended(
            head + 1, head + encoded.EventCount, ImmutableCollectionsMarshal.AsImmutableArray(versions), Repeated: false);
    }

    private static int CountWritten(AppendRequest request)
    {
        var written = 0;
        foreach (var write in request.Writes)
            written += write.Events.Length > 0 ? 1 : 0;
        return written;
    }

    private void StageCursorMove(AppendRequest request, CursorMove move, EncodedAppend encoded, int record)
    {
        _batch.AddCursorMove(encoded, record);
        _staged = _staged.With(new CursorName(request.Tenant, move.Consumer, move.Partition), move);
    }

    private void WriteBatch(BatchKind kind, RecordedClock.Reading reading)
    {
        if (reading.Jumped)
            _health.Warn($"The wall clock jumped ahead to {Times.FromMicros(reading.RawTime):O}, before position {_head + 1}.");
        var bytes = _batch.Finish(
            kind,
            reading.Jumped ? BatchFormat.FlagClockJumped : (byte)0,
            _log.StoreId,
            _claim.Epoch,
            reading.RawTime,
            _segment.End,
            _chain);
#if ZOO
        if (Zoo.Bug("acknowledge-before-sync"))
            _drained.ForEach(static pending => pending.Answer(pending.Decision ?? new AppendOutcome.Overloaded("")));
#endif
#if ZOO
        if (Zoo.Bug("epoch-checked-before-the-sync") && !_claim.IsCurrent())
            throw new IOException("fenced");
#endif
        _segment.Append(bytes);
        if (_segment.Segment.Leaves is { } leaves)
            _batch.AddLeavesTo(leaves);
        if (kind == BatchKind.Data)
            RecentBatchBytes = ((RecentBatchBytes * 7) + bytes.Length) / 8;
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
        AnswerAll(new AppendOutcome.Indeterminate("another writer took over before this was acknowledged"));
        return false;
    }

    private void Publish()
    {
        _head += _batch.Events;
        _vouched = false;
        _lastStaged = _options.Clock.GetTimestamp();
        Volatile.Write(ref _cursors, _staged);
        _segment.Segment.LastPosition = _head;
        _segment.Segment.End = _segment.End;
        _log.Publish(_head);
        if (_segment.ZeroedAhead < _options.ZeroAheadBytes / 2)
            SpaceLow();
        if (_segment.Segment.Index!.Backlog > BacklogEvents)
            IndexWanted();
    }

    private bool MakeRoom()
    {
        var bytes = (long)BatchFormat.HeaderBytes + BatchFormat.TrailerBytes;
        var events = 0;
        foreach (var pending in _drained)
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
            AnswerAll(new AppendOutcome.ReadOnly("the disk is full"));
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
            CreatedAt = _batch.RecordedAt,
            PreviousSegment = full.Segment.Number,
            PreviousEpoch = full.Segment.Header.Epoch,
            PreviousLength = full.End,
            PreviousChain = _chain.ToArray(),
        };
        var next = SegmentAppender.Create(_log.Disk, header, _options.FirstZeroedBytes);
        full.Segment.End = full.End;
        full.Segment.SealedCursors = _staged;
        full.Segment.SealedChain = header.PreviousChain;
        next.Segment.Index = new MemoryIndex(header.FirstPosition, full.Segment.Index);
        next.Segment.Leaves = new LeafList();
        Volatile.Write(ref _segment, next);
        _log.Add(next.Segment);
        _vouched = true; // the header of the new segment vouches for all of the old one
        full.Dispose();
        IndexWanted();
    }

    private bool VouchWhenIdle()
    {
        if (_vouched || _health.Trouble is not null || _options.Clock.GetElapsedTime(_lastStaged) < _options.VouchAfterIdle)
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
            Fail(failure);
        }

        return true;
    }

    private bool WriteMarker(BatchKind kind)
    {
        _segment.Reserve(BatchFormat.HeaderBytes + BatchFormat.TrailerBytes);
        var reading = _clock.Read();
        _batch.Begin(_head + 1, reading.RecordedAt);
        WriteBatch(kind, reading);
        SyncBatch();
        if (!CheckEpoch())
            return false;
        _segment.Segment.End = _segment.End;
        _vouched = true;
        return true;
    }

    private StoredEvent LoadStored(long position, Func<long, StoredEvent> load)
    {
        if (!_batch.Holds(position))
            return load(position);
        if (!RecordView.TryRead(_batch.RecordAt(position), out var record))
            throw new InvalidOperationException("a staged record cannot be read");
        return new StoredEvent(EventDecoder.Decode(record, TextCache.OfThread), record.AppendIndex);
    }

    private void Fail(IOException failure)
    {
#if ZOO
        if (Zoo.Bug("carries-on-after-a-failed-write"))
        {
            AnswerAll(new AppendOutcome.Overloaded(""));
            return;
        }
#endif
        _health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
        AnswerAll(new AppendOutcome.Indeterminate($"the disk failed: {failure.Message}"));
    }

    private void AnswerAll(AppendOutcome outcome)
    {
        foreach (var pending in _drained)
            pending.Answer(outcome);
    }

    private void Settle()
    {
        _drafts.Return(_drained);
        _queue.Settle(_drained);
        _drained.Clear();
    }
}
