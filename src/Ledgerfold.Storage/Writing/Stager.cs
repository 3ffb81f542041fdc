using System.Runtime.InteropServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// Decides appends in the order of the queue and puts them into the open batch, behind the one that is on its way to disk. What is staged
/// is known to later appends at once, and told to nobody. One thread at a time: the writer, or who stages ahead while the writer syncs.
/// </summary>
internal sealed class Stager
{
    private const int Framing = BatchFormat.HeaderBytes + BatchFormat.TrailerBytes;

    private readonly EmbeddedLedgerOptions _options;
    private readonly AppendQueue _queue;
    private readonly AppendChecks _checks;
    private readonly RecordedClock _clock;
    private readonly Func<long, StoredEvent> _load;
    private StagedBatch _taken;
    private long _head;
    private bool _isDeciding;

    public Stager(WriterStart start, EmbeddedLedgerOptions options, AppendQueue queue, Func<long, StoredEvent> load)
    {
        _options = options;
        _queue = queue;
        _load = load;
        _clock = new RecordedClock(options.Clock, start.LastRecordedAt);
        _checks = new AppendChecks(start.Log, LoadStored);
        _head = start.Log.Head;
        _taken = new StagedBatch { Cursors = start.Cursors };
        Open = new StagedBatch();
        Segment = start.Segment;
    }

    /// <summary>The batch that takes appends now.</summary>
    public StagedBatch Open { get; private set; }

    /// <summary>Where the open batch goes.</summary>
    public SegmentAppender Segment { get; set; }

    /// <summary>The open batch begins, behind all that was taken.</summary>
    public void Begin() => Open.Begin(_head, _clock.Read(), _taken.Cursors);

    /// <summary>Decides what was drained into the open batch from the n-th append on.</summary>
    public void Decide(int from)
    {
        _isDeciding = true;
        foreach (var pending in CollectionsMarshal.AsSpan(Open.Appends)[from..])
            Decide(pending);
        _isDeciding = false;
    }

    /// <summary>
    /// Stages what waits, as far as it goes into the open batch and the space that is ready for it, and answers whether there was any.
    /// </summary>
    public bool StageMore(int appendsMax)
    {
        var isNew = Open.IsEmpty;
        var used = isNew ? BatchFormat.HeaderBytes : Open.Buffer.Length;
        var space = Math.Min(_options.SegmentBytes - Segment.End, Segment.ZeroedAhead) - (2 * Framing) - used;
        var events = Segment.Segment.FirstPosition + _options.SegmentEventsMax - 1 - _head - (isNew ? 0 : Open.Buffer.Events);
        var from = Open.Appends.Count;
        if (!_queue.DrainWhatFits(Open.Appends, Math.Min(space, _options.BatchBytesMax - used), events, appendsMax))
            return false;
        if (isNew)
            Begin();
        Decide(from);
        Open.Buffer.PlaceRecords();
#if ZOO
        if (Zoo.Bug("told-what-was-staged-ahead"))
        {
            foreach (var pending in Open.Appends[from..])
            {
                if (pending.Decision is { } decision and not AppendOutcome.Appended { Repeated: false })
                    pending.Answer(decision);
            }
        }
#endif
        return true;
    }

    /// <summary>Closes the open batch, for the writer to write, and opens the next.</summary>
    /// <exception cref="InvalidOperationException">Deciding ended halfway, perhaps in an append: nothing of it may be written.</exception>
    public StagedBatch Take()
    {
        if (_isDeciding)
            throw new InvalidOperationException("an append was left half staged");
        var batch = Open;
        Open = _taken;
        _taken = batch;
        _head += batch.Buffer.Events;
        return batch;
    }

    private void Decide(PendingAppend pending)
    {
        if (!pending.TryStage())
            return;
        var head = _head + Open.Buffer.Events;
        var cursors = Open.Cursors;
#if ZOO
        if (Zoo.Bug("cursor-fence-ignores-what-is-staged"))
            cursors = _taken.Cursors;
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
        using var staging = Segment.Segment.Index!.BeginStaging();
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
            var offset = Open.Buffer.AddEvent(encoded, r, version);
            staging.Add(record.Id, record.Stream, version, record.Closes, (uint)(Segment.End + offset), encoded.OthersOf(in record));
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
        Open.Buffer.AddCursorMove(encoded, record);
        Open.Cursors = Open.Cursors.With(new CursorName(request.Tenant, move.Consumer, move.Partition), move);
    }

    private StoredEvent LoadStored(long position)
    {
        var buffer = Open.Buffer.Holds(position) ? Open.Buffer : _taken.Buffer;
        if (!buffer.Holds(position))
            return _load(position);
        if (!RecordView.TryRead(buffer.RecordAt(position), out var record))
            throw new InvalidOperationException("a staged record cannot be read");
        return new StoredEvent(EventDecoder.Decode(record, TextCache.OfThread), record.AppendIndex);
    }
}
