using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Reads a segment's batches in order and rebuilds what is derived from them: the index in memory, the cursors, the chain. Always one batch
/// behind: a batch counts once the next one vouches for it, and <see cref="InDoubt"/> is left for the caller to judge.
/// </summary>
internal sealed class SegmentReplay
{
    private readonly Log _log;
    private readonly Segment _segment;
    private readonly long _sealedThrough;
    private readonly IndexKey[] _others = new IndexKey[EventKeys.OthersMax];
    private byte[] _doubt = [];
    private int _doubtLength;

    public SegmentReplay(Log log, Segment segment, byte[] chain, CursorTable cursors)
    {
        _log = log;
        _segment = segment;
        Chain = chain;
        Cursors = cursors;
        Offset = SegmentHeader.Bytes;
        DoubtOffset = Offset;
        Head = segment.FirstPosition - 1;
        LastRecordedAt = segment.Header.CreatedAt;
        _sealedThrough = segment.IsSealed ? segment.LastPosition : 0;
    }

    /// <summary>The chain hash after the batches that count.</summary>
    public byte[] Chain { get; private set; }

    public CursorTable Cursors { get; private set; }

    /// <summary>The end of the last sound batch.</summary>
    public long Offset { get; private set; }

    /// <summary>Where the batch in doubt begins; the end of those that count.</summary>
    public long DoubtOffset { get; private set; }

    /// <summary>The last position of the batches that count.</summary>
    public long Head { get; private set; }

    public long LastRecordedAt { get; private set; }

    public long LastEpoch { get; private set; }

    /// <summary>The last sound batch, which none vouches for yet; empty where there is none.</summary>
    public ReadOnlySpan<byte> InDoubt => _doubt.AsSpan(0, _doubtLength);

    /// <summary>The position that comes next, the batch in doubt counted.</summary>
    public long ExpectedPosition => Expected().Position;

    public List<DamagedRange> Damage { get; } = [];

    /// <summary>Why the walk ended before the end it was given.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>
    /// Walks on from where the last walk ended. A sealed segment has an end, and damage before it becomes a hole; else the walk ends
    /// where no sound batch follows.
    /// </summary>
    public void Walk(FrameReader frames, long end = long.MaxValue)
    {
        while (Offset < end)
        {
            var (chain, position) = Expected();
            var kind = frames.Read(Offset, chain, position, LastEpoch, end);
            if (kind == FrameKind.Batch)
            {
                Settle();
                Take(frames.Batch, frames.Header);
                continue;
            }

            Reason = frames.Reason;
            if (end == long.MaxValue)
                return;
            LeaveHole(frames, end);
        }
    }

    /// <summary>Walks on over damage in a segment that has no known end, for all that is sound behind it.</summary>
    public void WalkDamaged(FrameReader frames, long length)
    {
        while (true)
        {
            var hole = Offset;
            if (TornTail.FindSoundBatch(frames, _log.StoreId, Offset + 1, ExpectedPosition, length) == 0)
                return;
            LeaveHole(frames, length);
            Walk(frames);
            if (Offset == hole)
                return;
        }
    }

    /// <summary>Lets the batch in doubt count.</summary>
    public void Settle()
    {
        if (_doubtLength == 0)
            return;
        var batch = InDoubt;
        Apply(batch, _segment.Index!, DoubtOffset);
        BatchHeader.TryRead(batch, out var header);
        Head += header.Events;
        BatchHeader.ChainOf(batch).CopyTo(Chain);
        DoubtOffset += header.Length;
        _doubtLength = 0;
        if (_segment.IsSealed)
            return;
        _segment.LastPosition = Head;
        _segment.End = DoubtOffset;
    }

    /// <summary>Puts the events of a sound batch, if there is one, into an index and its cursor moves into the table.</summary>
    public void Apply(ReadOnlySpan<byte> batch, MemoryIndex index, long batchOffset)
    {
        if (!BatchHeader.TryRead(batch, out var header))
            return;
        using var staging = index.BeginStaging();
        var at = BatchFormat.HeaderBytes;
        for (var r = 0; r < header.Records; r++)
        {
            if (!RecordView.TryRead(batch.Slice(at, RecordFormat.LengthOf(batch[at..])), out var record))
                throw new InvalidOperationException("a checked record cannot be read");
            if (record.Kind == RecordFormat.KindEvent)
            {
                var names = record.Names;
                var others = EventKeys.Others(_log.Hasher, names, _others);
                staging.Add(
                    _log.Hasher.OfId(names.Tenant, record.Id), _log.Hasher.OfStream(names.Tenant, names.Stream), record.Version,
                    record.ClosesStream, (uint)(batchOffset + at), _others.AsSpan(0, others));
            }
            else
            {
#if ZOO
                if (!Zoo.Bug("cursors-from-the-index-only"))
                {
#endif
                var (tenant, move) = EventDecoder.DecodeCursor(record);
                Cursors = Cursors.With(new CursorName(tenant, move.Consumer, move.Partition), move);
#if ZOO
                }
#endif
            }

            at += record.Length;
        }
    }

    /// <summary>Fills positions that cannot be read, so that those behind them keep their place.</summary>
    public static void Fill(MemoryIndex index, KeyHasher hasher, long through)
    {
        Span<byte> id = stackalloc byte[16];
        while (index.LastPosition < through)
        {
            BitConverter.TryWriteBytes(id, index.LastPosition + 1);
            var key = hasher.OfId("\0"u8, new Guid(id));
            index.Stage(key, key, 0, closes: false, uint.MaxValue, []);
        }
    }

    private (byte[] Chain, long Position) Expected()
    {
        if (_doubtLength == 0)
            return (Chain, Head + 1);
        BatchHeader.TryRead(InDoubt, out var header);
        return (BatchHeader.ChainOf(InDoubt).ToArray(), Head + header.Events + 1);
    }

    private void Take(ReadOnlySpan<byte> batch, in BatchHeader header)
    {
        if (_doubt.Length < batch.Length)
            _doubt = new byte[Math.Max(batch.Length, 64 * 1024)];
        batch.CopyTo(_doubt);
        _doubtLength = batch.Length;
        DoubtOffset = Offset;
        Offset += batch.Length;
        LastEpoch = header.Epoch;
        LastRecordedAt = Math.Max(LastRecordedAt, header.RecordedAt);
#if ZOO
        if (Zoo.Bug("recorded-time-forgotten-at-restart"))
            LastRecordedAt = 0;
#endif
    }

    private void LeaveHole(FrameReader frames, long end)
    {
        Settle();
        var from = Head + 1;
        var hole = Offset;
        var next = TornTail.FindSoundBatch(frames, _log.StoreId, Offset + 1, from, end);
        var through = next == 0 ? _sealedThrough : frames.Header.FirstPosition - 1;
        if (next != 0)
            Chain = BatchHeader.PreviousOf(frames.Batch).ToArray();
        Damage.Add(new DamagedRange(_segment.Name, hole, from, through, Reason));
        Fill(_segment.Index!, _log.Hasher, through);
        Head = through;
        Offset = next == 0 ? end : next;
        DoubtOffset = Offset;
    }
}
