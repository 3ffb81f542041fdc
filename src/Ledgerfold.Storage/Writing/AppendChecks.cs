using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// Every check of an append, made in the order of writing: event ids, stream lifecycle, versions, condition, cursors. The sealed part was
/// looked up by the caller; here it is joined with what is in memory, staged events of this batch included. Writer only.
/// </summary>
internal sealed class AppendChecks(Log log, Func<long, StoredEvent> load)
{
    private MemoryIndex[] _unsealed = [];
    private Precheck _precheck = null!;
    private StreamEntry[] _streams = new StreamEntry[16];
    private int _writes;

    /// <summary>The streams of the request just passed, in the order of its writes, as they stand before it.</summary>
    public ReadOnlySpan<StreamEntry> Streams => _streams.AsSpan(0, _writes);

    /// <summary>The outcome that stops the append, or null when it may be staged.</summary>
    public AppendOutcome? Decide(PendingAppend pending, CursorTable cursors, long head)
    {
        Join(pending);
        return CheckIds(pending)
            ?? CheckLifecycle(pending.Request)
            ?? CheckVersions(pending.Request)
            ?? CheckCondition(pending.Request)
            ?? CheckCursors(pending, cursors, head);
    }

    private void Join(PendingAppend pending)
    {
        _precheck = pending.Precheck;
        _unsealed = log.UnsealedIndexes;
        if (_unsealed[0].FirstPosition > _precheck.SealedThrough + 1)
            _precheck.Run(pending.Request, pending.Encoded, log); // a segment was sealed meanwhile: look again, which is rare
        _writes = pending.Request.Writes.Length;
        if (_streams.Length < _writes)
            _streams = new StreamEntry[_writes];
        for (var w = 0; w < _writes; w++)
            _streams[w] = FindStream(w);
    }

    private StreamEntry FindStream(int write)
    {
#if ZOO
        if (Zoo.Bug("version-checked-outside-the-write-order"))
            return _precheck.Streams[write];
#endif
        for (var m = _unsealed.Length - 1; m >= 0; m--)
        {
            if (_unsealed[m].TryFindStream(_precheck.StreamKeys[write], out var entry))
                return entry;
        }

#if ZOO
        if (Zoo.Bug("closed-stream-takes-events"))
            return _precheck.Streams[write] with { Closed = false };
#endif
        return _precheck.Streams[write];
    }

    private AppendOutcome? CheckIds(PendingAppend pending)
    {
        var records = pending.Encoded.Records;
        long[]? known = null;
        for (var e = 0; e < pending.Encoded.EventCount; e++)
        {
            var position = FindId(e, records[e].Id);
            if (position != 0)
                (known ??= new long[pending.Encoded.EventCount])[e] = position;
        }

        return known is null ? null : RepeatJudge.Judge(pending.Request, known, load);
    }

    private long FindId(int index, in IndexKey id)
    {
#if ZOO
        if (Zoo.Bug("repeat-checked-outside-the-write-order"))
            return _precheck.KnownId(index);
#endif
        for (var m = _unsealed.Length - 1; m >= 0; m--)
        {
            if (_unsealed[m].TryFindId(id, out var position))
                return position;
        }

        return _precheck.KnownId(index);
    }

    private AppendOutcome.StreamClosed? CheckLifecycle(AppendRequest request)
    {
        for (var w = 0; w < _writes; w++)
        {
            if (_streams[w].Closed && request.Writes[w].Events.Length > 0)
                return new(request.Writes[w].Stream);
        }

        return null;
    }

    private AppendOutcome.WrongVersion? CheckVersions(AppendRequest request)
    {
        for (var w = 0; w < _writes; w++)
        {
            if (!request.Writes[w].Expect.IsMetBy(_streams[w].LastVersion))
                return new(request.Writes[w].Stream, request.Writes[w].Expect, _streams[w].LastVersion);
        }

        return null;
    }

    private AppendOutcome? CheckCondition(AppendRequest request)
    {
        if (request.Condition is not { } condition)
            return null;
        if (condition.After > log.Head)
            return new AppendOutcome.Refused("condition.after", $"at most the head, which is {log.Head}");
        if (_precheck.ConditionMatch != 0)
            return new AppendOutcome.ConditionFailed(_precheck.ConditionMatch);
        foreach (var index in _unsealed)
        {
            if (!index.TryFindMatchAfter(_precheck.Condition!, Math.Max(condition.After, _precheck.SealedThrough), out var position))
                continue;
#if ZOO
            if (position > log.Head && Zoo.Bug("condition-ignores-what-is-staged"))
                continue;
#endif
            return new AppendOutcome.ConditionFailed(position);
        }

        return null;
    }

    private static AppendOutcome? CheckCursors(PendingAppend pending, CursorTable cursors, long head)
    {
        var request = pending.Request;
        var headAfter = head + pending.Encoded.EventCount;
        for (var m = 0; m < request.CursorMoves.Length; m++)
        {
            var move = request.CursorMoves[m];
            if (move.Next > headAfter)
                return new AppendOutcome.Refused($"cursorMoves[{m}].next", $"at most the head that this append leaves, {headAfter}");
            var actual = cursors[new CursorName(request.Tenant, move.Consumer, move.Partition)].Position;
            if (actual != move.Expected)
                return new AppendOutcome.CursorMoved(move.Consumer, move.Partition, actual);
        }

        return null;
    }
}
