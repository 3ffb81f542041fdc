using System.Runtime.InteropServices;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Upkeep;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// A log read from disk: its segments with their indexes (from runs where these agree with the log, else rebuilt), its cursors, and what
/// stands at its end. Reading decides nothing: what to do about the end is the caller's.
/// </summary>
internal sealed class LoadedLog
{
    private readonly IDisk _disk;
    private readonly EmbeddedLedgerOptions _options;
    private readonly bool _readOnly;

    private LoadedLog(EmbeddedLedgerOptions options, Survey survey, Log log, bool readOnly)
    {
        _disk = options.Disk;
        _options = options;
        _readOnly = readOnly;
        Survey = survey;
        Log = log;
    }

    public Survey Survey { get; }

    public Log Log { get; }

    /// <summary>The walk through the last segment.</summary>
    public SegmentReplay Tail { get; private set; } = null!;

    /// <summary>Where every cursor stands.</summary>
    public CursorTable Cursors => Tail is null ? CursorTable.Empty : Tail.Cursors;

    /// <summary>What stands behind the last sound batch.</summary>
    public TailKind TailKind { get; private set; }

    /// <summary>How many bytes stand there, up to the last that is not zero.</summary>
    public long TailBytes { get; private set; }

    /// <summary>Ranges found damaged on the way.</summary>
    public List<DamagedRange> Damage { get; } = [];

    /// <summary>Why the log takes no writes as it stands; null when it may.</summary>
    public LedgerTrouble? Trouble { get; private set; }

    /// <summary>Reads the log of the directory.</summary>
    public static LoadedLog From(IDisk disk, Survey survey, EmbeddedLedgerOptions options, bool readOnly)
    {
        var manifest = survey.Manifest;
        var hasher = new KeyHasher(manifest.Secret.ToByteArray(bigEndian: true));
        var index = IndexSet.Open(
            disk, new IndexOptions { FilterBytesMax = options.FilterBytesMax }, manifest.StoreId, options.Chance, readOnly);
        var log = new Log(disk, manifest.StoreId, hasher, index, manifest.First);
        var loaded = new LoadedLog(options, survey, log, readOnly);
        try
        {
            loaded.Load();
            return loaded;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Lets the last batch count where something stands behind it, be it of a batch that was cut short, or a manifest names its end: the
    /// writer did either after the sync of that batch. With nothing behind it, it may be one whose sync failed, and only a writer that
    /// writes it again can make it last. Where the chain is broken the end may be one that was fenced off.
    /// </summary>
    public void ShowWhatIsVouchedFor()
    {
        if (Log.Segments.Length == 0)
            return;
#if ZOO
        if (Zoo.Bug("reader-shows-what-is-in-doubt"))
            Tail.Settle();
#endif
        if (Survey.Break is null && (TailKind is TailKind.Torn or TailKind.Suspect || IsNamed(Tail.Offset)))
            Tail.Settle();
        Log.Publish(Log.Last.LastPosition);
    }

    private void Load()
    {
        var segments = Describe(Survey.Chain);
        if (segments.Count == 0)
        {
            Trouble = new LedgerTrouble("damaged", $"The ledger is damaged: {Survey.Break}.", Passing: false);
            return;
        }

        var longestRun = LongestRunBeyond(segments[^1]);
        Log.Index.Keep(summary => Agrees(summary, CollectionsMarshal.AsSpan(segments)));
        var (covered, cursors) = TakeCovered(segments);
        var upkeep = new IndexUpkeep(Log, new LedgerHealth());
        for (var s = 0; s < segments.Count; s++)
        {
            if (s >= covered)
                segments[s].Index = new MemoryIndex(segments[s].FirstPosition);
            Log.Add(segments[s]);
#if ZOO
            if (s == segments.Count - 2 && Zoo.Bug("last-but-one-segment-skipped"))
                continue;
#endif
            if (s >= covered)
                cursors = Replay(segments[s], cursors);
            if (s >= covered && s < segments.Count - 2 && !_readOnly && Damage.Count == 0)
                upkeep.Step(); // many segments without a run: write them as they come, or they would all be in memory at once
            _options.LoadProgress?.Invoke(s + 1, segments.Count);
        }

        Log.Holes = [.. MissingStart(segments[0]), .. Damage];
        Judge(longestRun);
    }

    /// <summary>What stood in segments that are missing from the chain: all before the oldest that is left.</summary>
    private IEnumerable<DamagedRange> MissingStart(Segment oldest) => Survey.Break is { } broken && oldest.FirstPosition > Log.First
        ? [new DamagedRange(oldest.Name, 0, Log.First, oldest.FirstPosition - 1, broken)]
        : [];

    /// <summary>A run of the last segment or of one behind it speaks of events that were acknowledged.</summary>
    private long LongestRunBeyond(Segment last) => Log.Index.Segments
        .Where(summary => summary.Segment >= last.Number)
        .Select(summary => summary.LastPosition)
        .DefaultIfEmpty(0)
        .Max();

    /// <summary>How many segments from the first one on have a run, without a gap.</summary>
    private int CountCovered(List<Segment> segments)
    {
        var covered = Log.Index.Segments.Select(summary => summary.Segment).ToHashSet();
        var count = 0;
        while (count < segments.Count && covered.Contains(segments[count].Number))
            count++;
        return count;
    }

    /// <summary>
    /// Keeps the runs of those segments, and takes the cursors from the newest one; a run that cannot tell them is built again.
    /// </summary>
    private (int Covered, CursorTable Cursors) TakeCovered(List<Segment> segments)
    {
        while (true)
        {
            var covered = CountCovered(segments);
            Log.Index.Keep(summary => summary.Segment < segments[0].Number + covered);
            using var snapshot = Log.Index.Acquire();
            try
            {
                return (covered, CursorTable.FromBytes(snapshot.ReadTail()));
            }
            catch (LedgerDamagedException)
            {
                var damaged = snapshot.Runs[^1].Name.FirstSegment;
                Log.Index.Keep(summary => summary.Segment < damaged);
            }
        }
    }

    private CursorTable Replay(Segment segment, CursorTable cursors)
    {
        using var file = _disk.Open(segment.Name, writable: false);
        var frames = new FrameReader(file, Log.StoreId);
        var chain = segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(Log.StoreId) : [.. segment.Header.PreviousChain];
        var replay = new SegmentReplay(Log, segment, chain, cursors);
        if (segment.IsSealed)
        {
            replay.Walk(frames, segment.End);
            replay.Settle();
            segment.SealedCursors = replay.Cursors;
        }
        else
        {
            WalkTail(replay, frames, file);
        }

        Damage.AddRange(replay.Damage);
        return replay.Cursors;
    }

    private void WalkTail(SegmentReplay replay, FrameReader frames, IDiskFile file)
    {
        Tail = replay;
        long walkedTo;
        do
        {
            replay.Walk(frames);
            walkedTo = replay.Offset;
            TailKind = TornTail.Judge(frames, file, Log.StoreId, replay.Offset, replay.ExpectedPosition, out _);
            frames = new FrameReader(file, Log.StoreId);
        }
        while (TailKind != TailKind.Clean && WalksOn(replay, frames, walkedTo));
        TailBytes = TailKind == TailKind.Clean ? 0 : TornTail.MeasureTail(frames, replay.Offset, file.Length);
        if (TailKind != TailKind.Clean && _readOnly && HasGrown(replay, file))
            WalkTail(replay, new FrameReader(file, Log.StoreId), file);
        else if (TailKind == TailKind.Damaged)
            replay.WalkDamaged(frames, file.Length);
    }

    /// <summary>Beside a writer the bytes that were judged may have been a batch on its way, which is there by now.</summary>
    private bool WalksOn(SegmentReplay replay, FrameReader frames, long from)
    {
        if (_readOnly)
            replay.Walk(frames);
        return replay.Offset > from;
    }

    /// <summary>Beside a writer the end moves between a look at it and the judgement.</summary>
    private bool HasGrown(SegmentReplay replay, IDiskFile file)
    {
        var before = replay.Offset;
        replay.Walk(new FrameReader(file, Log.StoreId));
        return replay.Offset > before;
    }

    private void Judge(long longestRun)
    {
        var head = Math.Max(Tail.ExpectedPosition - 1, Log.Last.LastPosition);
        if (Survey.Break is { } broken)
            Stop("damaged", $"The ledger is damaged: {broken}.");
        else if (Damage.Count > 0)
            Stop("damaged", $"The ledger is damaged: {Damage[0]}.");
        else if (TailKind == TailKind.Suspect)
            Stop("suspect-tail", $"Behind position {head} stand bytes that are no batch, nor one that was cut short: {SuspectTail}.");
        else if (IsShort(longestRun, head) && !HasMovedOn())
            Stop("shorter-than-acknowledged", $"The ledger is shorter than what it acknowledged: {Shortfall(head, longestRun)}.");
    }

    private bool IsShort(long longestRun, long head) =>
        Math.Max(Survey.AcknowledgedHead, longestRun) > head || Survey.NamesBehind(Log.Last.Header) || IsShorterThanNamed();

    /// <summary>The newest writer says up to where its segment was durable: also what has no position, as cursor moves.</summary>
    private bool IsShorterThanNamed() => IsNamed(Tail.Offset + 1);

    private bool IsNamed(long end) =>
        Survey.Manifest is var said && said.Segment == Log.Last.Number && said.SegmentEpoch == Log.Last.Header.Epoch
        && said.SegmentLength >= end;

    /// <summary>Beside a writer the index may speak already of segments that were not there when the directory was surveyed.</summary>
    private bool HasMovedOn() => _readOnly && Survey.Of(_disk).Chain is [.., var last] && last.Segment > Log.Last.Number;

    private string SuspectTail =>
        $"{Log.Last.Name}, offset {Tail.Offset}: {Tail.Reason}; repair the ledger explicitly if their loss is acceptable";

    private string Shortfall(long head, long longestRun) =>
        $"it ends at position {head} in segment {Log.Last.Number}, and knew of position {Math.Max(Survey.AcknowledgedHead, longestRun)} "
        + $"and of {SegmentHeader.NameOf(Survey.NamedSegment.Number, Survey.NamedSegment.Epoch)}";

    private void Stop(string code, string reason) => Trouble = new LedgerTrouble(code, reason, Passing: false);

    private static List<Segment> Describe(IReadOnlyList<SegmentHeader> chain)
    {
        var segments = new List<Segment>(chain.Count);
        for (var s = 0; s < chain.Count; s++)
        {
            var segment = new Segment(chain[s]);
            if (s + 1 < chain.Count)
            {
                segment.SealedChain = chain[s + 1].PreviousChain;
                segment.End = chain[s + 1].PreviousLength;
                segment.LastPosition = chain[s + 1].FirstPosition - 1;
            }

            segments.Add(segment);
        }

        return segments;
    }

    /// <summary>Whether a run's word on a segment is that of the log.</summary>
    public static bool Agrees(SegmentSummary summary, ReadOnlySpan<Segment> segments)
    {
#if ZOO
        if (Zoo.Bug("index-trusted-ahead-of-the-log"))
            return true;
#endif
        var at = summary.Segment - segments[0].Number;
        return at >= 0 && at < segments.Length && segments[at] is { IsSealed: true } segment
            && segment.Header.Epoch == summary.Epoch
            && segment.FirstPosition == summary.FirstPosition
            && segment.LastPosition == summary.FirstPosition + summary.Count - 1
            && segment.End == summary.Bytes
            && summary.Chain.Span.SequenceEqual(segment.SealedChain);
    }
}
