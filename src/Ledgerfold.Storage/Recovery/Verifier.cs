using System.Security.Cryptography;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// The definition of "not corrupt", in code. Reads every byte that belongs to the ledger and checks:
/// <list type="bullet">
/// <item>manifests: one is sound, and none names a position or segment beyond the end;</item>
/// <item>segments: each header is sound and names the one before it, its length and its chain hash;</item>
/// <item>batches: header, records, trailer; each follows the one before; epochs and recorded times never go back;</item>
/// <item>records: checksum, payload digest; positions are dense; versions of a stream count up from 1; nothing follows a close;</item>
/// <item>the chain: recomputed from the leaves of every record; the Merkle root of each sealed segment likewise;</item>
/// <item>the index: holds the keys of exactly the events of its segments, and the last version of each stream;</item>
/// <item>cursors: each move starts where the one before ended, none stands beyond the head.</item>
/// </list>
/// </summary>
internal sealed class Verifier : IDisposable
{
    private readonly IDisk _disk;
    private readonly LoadedLog _loaded;
    private readonly List<VerifyProblem> _problems = [];
    private readonly List<PositionRange> _readable = [];
    private readonly EventLedger _facts;
    private readonly IndexComparison _index;
    private CursorTable _cursors = CursorTable.Empty;
    private long _events;
    private long _recordedAt;

    private Verifier(IDisk disk, LoadedLog loaded)
    {
        _disk = disk;
        _loaded = loaded;
        _facts = new EventLedger(loaded.Log.Hasher);
        _index = new IndexComparison(loaded.Log.Index, _facts);
    }

    private Log Log => _loaded.Log;

    /// <summary>Verifies the ledger; changes nothing.</summary>
    /// <param name="options">The ledger.</param>
    /// <param name="progress">Told of each segment that is done, and of how many there are.</param>
    public static VerifyReport Run(EmbeddedLedgerOptions options, Action<int, int>? progress)
    {
        var loaded = LoadedLog.From(options.Disk, Survey.Of(options.Disk), options, readOnly: true);
        using (loaded.Log)
        {
            using var verifier = new Verifier(options.Disk, loaded);
            return verifier.Run(progress);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _index.Dispose();

    private VerifyReport Run(Action<int, int>? progress)
    {
        _loaded.Tail?.Settle(); // a batch in doubt is verified too, with its cursor moves
        var done = 0;
        var segments = Log.Segments.ToArray();
        foreach (var segment in segments)
        {
            Verify(segment);
            progress?.Invoke(++done, segments.Length);
        }

        if (_loaded.Trouble is { } trouble && (_problems.Count == 0 || trouble.Code == "shorter-than-acknowledged"))
        {
            var (name, tail) = (segments.Length == 0 ? "" : Log.Last.Name, _loaded.Tail);
            Report(name, tail?.Offset ?? 0, tail?.ExpectedPosition ?? 0, trouble.Reason);
        }

        foreach (var problem in Log.Index.Problems)
            Report(problem.File, 0, 0, $"the index file is not used: {problem.Kind}");
        CheckCursors();
        return new VerifyReport
        {
            Head = segments.Length == 0 ? 0 : Log.Last.LastPosition,
            Events = _events,
            Streams = _facts.Streams,
            Segments = segments.Length,
            TornBytes = _loaded.TailKind == TailKind.Torn ? _loaded.TailBytes : 0,
            Problems = _problems,
            Readable = _readable,
            Strays = _loaded.Survey.Strays,
        };
    }

    private void Verify(Segment segment)
    {
        using var file = _disk.Open(segment.Name, writable: false);
        var frames = new FrameReader(file, Log.StoreId);
        var walk = new Walk(segment, segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(Log.StoreId) : segment.Header.PreviousChain);
        var end = segment.IsSealed ? segment.End : _loaded.Tail.Offset;
        _recordedAt = Math.Max(_recordedAt, 0);
        while (walk.Offset < end)
        {
            if (frames.Read(walk.Offset, walk.Chain, walk.Position, walk.Epoch, end) == FrameKind.Batch)
            {
                VerifyBatch(segment, frames.Batch, frames.Header, walk);
                continue;
            }

            var reason = frames.Reason.Length > 0 ? frames.Reason : "there are zeros where a batch must be";
            Report(segment.Name, walk.Offset, walk.Position, reason);
            if (!SkipDamage(frames, segment, walk, end))
                break;
        }

        if (segment.IsSealed && walk.Position != segment.LastPosition + 1)
            Report(segment.Name, walk.Offset, walk.Position, $"the segment ends before position {segment.LastPosition}");
        else if (segment.IsSealed && !walk.Damaged && !walk.Chain.AsSpan().SequenceEqual(segment.SealedChain))
            Report(segment.Name, walk.Offset, walk.Position, "the chain hash is not the one the next segment names");
        CompareWithRun(segment, walk);
    }

    private void VerifyBatch(Segment segment, ReadOnlySpan<byte> batch, in BatchHeader header, Walk walk)
    {
        if (header.RecordedAt < _recordedAt)
            Report(segment.Name, walk.Offset, walk.Position, "recorded time goes back");
        _recordedAt = Math.Max(_recordedAt, header.RecordedAt);
        using var chain = new ChainHash(walk.Chain, header);
        Span<byte> leaf = stackalloc byte[RecordFormat.HashBytes];
        var at = BatchFormat.HeaderBytes;
        for (var r = 0; r < header.Records; r++)
        {
            RecordView.TryRead(batch.Slice(at, RecordFormat.LengthOf(batch[at..])), out var record);
            SHA256.HashData(record.LeafInput, leaf);
            chain.Add(record.Version, leaf);
            if (record.Kind == RecordFormat.KindEvent)
                VerifyEvent(segment, record, header, walk.Offset + at, leaf, walk);
            else
                VerifyCursorMove(segment, record, walk.Offset + at, header.FirstPosition + header.Events - 1);
            at += record.Length;
        }

        var expected = chain.Finish(header.Records);
        if (!expected.AsSpan().SequenceEqual(BatchHeader.ChainOf(batch)))
            Report(segment.Name, walk.Offset, walk.Position, "the chain hash is not that of the batch's records");
        if (header.Events > 0)
            AddReadable(header.FirstPosition, header.FirstPosition + header.Events - 1);
        walk.Pass(header, BatchHeader.ChainOf(batch));
    }

    private void VerifyEvent(Segment segment, in RecordView record, in BatchHeader header, long offset, ReadOnlySpan<byte> leaf, Walk walk)
    {
        _events++;
        walk.Tree.Add(leaf);
        if (record.RecordedAt != header.RecordedAt)
            Report(segment.Name, offset, record.Position, "the event's recorded time is not its batch's");
        if (!record.PayloadAgrees())
            Report(segment.Name, offset, record.Position, "the payload is not the one whose digest the header holds");
        if (_facts.Add(record) is { } problem)
            Report(segment.Name, offset, record.Position, problem);
        _index.Scanned(record, offset);
    }

    private void VerifyCursorMove(Segment segment, in RecordView record, long offset, long head)
    {
        var (tenant, move) = EventDecoder.DecodeCursor(record);
        var name = new CursorName(tenant, move.Consumer, move.Partition);
        var cursor = $"the cursor {move.Consumer}/{move.Partition}";
        if (_cursors[name].Position != move.Expected)
            Report(segment.Name, offset, record.Position, $"{cursor} moves from {move.Expected}, but stands at {_cursors[name].Position}");
        if (move.Next > head)
            Report(segment.Name, offset, record.Position, $"{cursor} moves to {move.Next}, beyond the head");
        _cursors = _cursors.With(name, move);
    }

    private bool SkipDamage(FrameReader frames, Segment segment, Walk walk, long end)
    {
        var next = TornTail.FindSoundBatch(frames, Log.StoreId, walk.Offset + 1, walk.Position, end);
        walk.Damaged = true;
        _index.Damaged();
        if (next == 0)
            return false;
        walk.Jump(next, frames.Header.FirstPosition, BatchHeader.PreviousOf(frames.Batch));
        _facts.Forget();
        return true;
    }

    private void CompareWithRun(Segment segment, Walk walk)
    {
        foreach (var problem in _index.EndOf(segment, walk.Damaged ? null : walk.Tree.ToRoot()))
            Report(problem.File, problem.Offset, problem.Position, problem.Problem);
    }

    private void CheckCursors()
    {
        if (_loaded.Damage.Count > 0)
            return;
        foreach (var (name, cursor) in _loaded.Cursors.All)
        {
            if (_cursors[name].Position is var moved && moved != cursor.Position)
                Report("", 0, 0, $"the cursor {name.Consumer}/{name.Partition} is kept at {cursor.Position}, its moves lead to {moved}");
        }
    }

    private void AddReadable(long from, long through)
    {
        if (_readable.Count > 0 && _readable[^1].Through == from - 1)
            _readable[^1] = new PositionRange(_readable[^1].From, through);
        else
            _readable.Add(new PositionRange(from, through));
    }

    private void Report(string file, long offset, long position, string problem)
    {
        if (_problems.Count < 1000)
            _problems.Add(new VerifyProblem(file, offset, position, problem));
    }

    /// <summary>How far a segment has been walked.</summary>
    private sealed class Walk(Segment segment, byte[] chain)
    {
        public long Offset { get; private set; } = SegmentHeader.Bytes;

        public long Position { get; private set; } = segment.FirstPosition;

        public long Epoch { get; private set; }

        public byte[] Chain { get; private set; } = chain;

        public MerkleTree Tree { get; } = new();

        public bool Damaged { get; set; }

        public void Pass(in BatchHeader header, ReadOnlySpan<byte> chain)
        {
            Offset += header.Length;
            Position += header.Events;
            Epoch = header.Epoch;
            Chain = chain.ToArray();
        }

        public void Jump(long offset, long position, ReadOnlySpan<byte> chain)
        {
            Offset = offset;
            Position = position;
            Chain = chain.ToArray();
        }
    }
}
