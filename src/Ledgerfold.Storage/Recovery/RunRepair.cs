using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Recovery;

/// <summary>
/// Builds the runs of a damaged run's segments again from the log, one segment a step, and then puts all of them in its place at once. What
/// the damaged run says of its segments was checked when it was opened, and the log is held against it. One thread.
/// </summary>
internal sealed class RunRepair(Log log, RunFile damaged)
{
    private CursorTable? _cursors;
    private int _next;

    public RunFile Damaged => damaged;

    /// <summary>Rebuilds the next segment; false once all are and the damaged run is gone.</summary>
    /// <exception cref="LedgerDamagedException">The log is damaged as well, or the run before, which says where cursors stood.</exception>
    public bool Step()
    {
        if (_next == damaged.Segments.Count)
        {
            log.Index.Replace(damaged);
            return false;
        }

        _cursors ??= CursorsBefore();
        var summary = damaged.Segments[_next];
        var replay = Replay(log.Segments[summary.Segment - log.Segments[0].Number], out var index);
        log.Index.Rebuild(new SealedSegment(index, summary, replay.Cursors.ToBytes()));
        _cursors = replay.Cursors;
        _next++;
        return true;
    }

    private CursorTable CursorsBefore()
    {
        using var snapshot = log.Index.Acquire();
        var before = snapshot.Runs.LastOrDefault(run => run.LastPosition < damaged.FirstPosition);
        return before is null ? CursorTable.Empty : CursorTable.FromBytes(before.CopyTail());
    }

    /// <summary>Walks a copy of the segment, because readers use the one in the log.</summary>
    private SegmentReplay Replay(Segment segment, out MemoryIndex index)
    {
        var copy = new Segment(segment.Header)
        {
            Index = index = new MemoryIndex(segment.FirstPosition),
            End = segment.End,
            LastPosition = segment.LastPosition,
            SealedChain = segment.SealedChain,
        };
        var chain = segment.Header.PreviousSegment == 0 ? BatchFormat.Genesis(log.StoreId) : [.. segment.Header.PreviousChain];
        var replay = new SegmentReplay(log, copy, chain, _cursors!);
        using var file = log.Files.Borrow(segment.Name);
        replay.Walk(new FrameReader(file.File, log.StoreId), segment.End);
        replay.Settle();
        if (replay.Damage is [var hole, ..])
            throw hole.ToException(hole.From);
        if (!replay.Chain.AsSpan().SequenceEqual(segment.SealedChain))
        {
            throw new LedgerDamagedException(
                "The chain hash is not the one the next segment names", segment.Name, segment.End, replay.Head);
        }

        return replay;
    }
}
