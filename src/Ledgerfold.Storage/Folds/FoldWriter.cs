using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Commits what waits: decide, make room, write, sync, ask for newer writers, publish, answer. One step is one commit; nothing is visible,
/// and nobody is told, before the sync has answered. After a failed write or sync nothing more is taken. One thread.
/// </summary>
internal sealed class FoldWriter(FoldStoreParts parts, FoldLog log, long sequence)
{
    private const long CommitBytesMax = 8L * 1024 * 1024;

    private readonly CommitBuffer _buffer = new();
    private readonly List<PendingFold> _drained = [];
    private readonly List<PendingFold> _postponed = [];
    private FoldLog _log = log;
    private long _sequence = sequence;
    private CommitPlan? _plan;

    /// <summary>Called when a memory table waits to be written out.</summary>
    public Action FlushWanted { get; set; } = static () => { };

    private CommitPlan Plan => _plan ??= new CommitPlan(_buffer, parts.Condemned);

    /// <summary>Commits once, and answers whether there was anything to do.</summary>
    public bool Step()
    {
        if (parts.Queue.Count == 0)
            return false;
        if (parts.Health.Trouble is not { Passing: false } && IsBehind())
        {
            if (parts.Health.Trouble is not { Passing: true })
                return false; // upkeep is at it
            parts.Queue.Drain(_drained, long.MaxValue);
            AnswerAll(new FoldOutcome.ReadOnly("the disk is full"));
            Settle();
            return true;
        }

        parts.Queue.Drain(_drained, CommitBytesMax);
        try
        {
            if (parts.Health.Trouble is { Passing: false } trouble)
                AnswerAll(new FoldOutcome.ReadOnly(trouble.Reason));
            else
                Commit();
        }
        catch (IOException failure)
        {
            Fail(failure);
        }
        catch (Exception failure) // whatever it is, callers must not wait for ever
        {
            parts.Health.Stop("failed", $"An error that nobody foresaw ({failure.GetType().Name}: {failure.Message}); restart to recover.");
            AnswerAll(new FoldOutcome.Indeterminate("the writer failed"));
            throw;
        }
        finally
        {
            Settle();
        }

        return true;
    }

    public void Close() => _log.Dispose();

    private bool IsBehind()
    {
        var memory = parts.Head.Current.Version.Memory;
        return memory.Length > FoldStoreParts.WaitingMax && memory[0].Bytes >= parts.Options.MemoryTableBytes;
    }

    private void Commit()
    {
        if (parts.Head.TryAcquire() is not { } state)
            return;
        try
        {
            Decide(state);
            if (!TryMakeRoom())
                return;
            if (_buffer.Length > 0)
            {
#if ZOO
                if (Zoo.Bug("fold-acknowledge-before-sync"))
                    AnswerDecided();
#endif
                _log.Append(_buffer.Bytes, _buffer.Length);
                if (!CheckClaim())
                    return;
                parts.Claim.Synced = new SyncedLog(_log.Nonce, _log.Frames);
                Publish();
            }
        }
        finally
        {
            state.Version.Release();
        }

        AnswerDecided();
        if (_buffer.Length > 0)
            _log.Vouch();
    }

    private void Decide(FoldState state)
    {
        Plan.Begin(state);
        for (var d = 0; d < _drained.Count; d++)
        {
            var pending = _drained[d];
            if (!pending.TryStage())
                continue;
            try
            {
                if (Plan.TryDecide(pending))
                    continue;
                pending.Unstage();
                _postponed.AddRange(_drained[d..]);
                _drained.RemoveRange(d, _drained.Count - d);
            }
            catch (IOException failure) // deciding only reads: what it meets is its caller's alone
            {
                pending.Fail(failure);
            }
        }
    }

    private bool TryMakeRoom()
    {
        if (_buffer.Length == 0)
            return true;
        try
        {
            var memory = parts.Head.Current.Version.Memory[0];
            if (memory.Bytes >= parts.Options.MemoryTableBytes)
                Roll();
            _log.MakeRoom(_buffer.Length);
            parts.Health.Resume();
            return true;
        }
        catch (DiskFullException)
        {
            parts.Health.Pause("disk-full", "The disk is full; the fold store takes writes again when there is space.");
            AnswerAll(new FoldOutcome.ReadOnly("the disk is full"));
            return false;
        }
    }

    /// <summary>Goes on in a new log and a new memory table; the full one is written out by upkeep.</summary>
    private void Roll()
    {
        var next = FoldLog.Create(parts.Disk, parts.StoreId, parts.DrawNonce(), parts.Options.LogStepBytes);
        try
        {
            parts.Claim.Write(manifest => manifest with { Logs = manifest.Logs.Add(next.Nonce) });
        }
        catch (DiskFullException)
        {
            next.Dispose();
            parts.Disk.Delete(next.Name);
            throw;
        }

        _log.Dispose();
        _log = next;
        var table = new MemTable(parts.Options.MemoryTableBytes);
        parts.Head.Exchange(version => version.With(version.Memory.Insert(0, table), version.Tables));
        FlushWanted();
    }

    private bool CheckClaim()
    {
#if ZOO
        if (Zoo.Bug("fold-epoch-not-checked"))
            return true;
#endif
        if (parts.Claim.IsCurrent())
            return true;
        parts.Health.Stop("fenced", "Another writer has taken over the fold store.");
        AnswerAll(new FoldOutcome.Indeterminate("another writer took over before this was acknowledged"));
        return false;
    }

    private void Publish()
    {
        _sequence++;
        var table = parts.Head.Current.Version.Memory[0];
        var body = _buffer.Body;
        for (var at = 0; at < body.Length;)
        {
            var entry = FoldLogFormat.ReadEntry(body, ref at);
            table.Add(entry.Key, entry.Value, entry.IsRemoval, _sequence);
        }

        parts.Head.Publish(_sequence, Plan.Folds);
    }

    private void AnswerDecided()
    {
        foreach (var pending in _drained)
        {
            if (pending.Decision is { } decision)
                pending.Answer(decision);
        }
    }

    private void Fail(IOException failure)
    {
        parts.Health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
        AnswerAll(new FoldOutcome.Indeterminate($"the disk failed: {failure.Message}"));
    }

    private void AnswerAll(FoldOutcome outcome)
    {
        foreach (var pending in _drained)
            pending.Answer(outcome);
    }

    private void Settle()
    {
        var weight = 0L;
        foreach (var pending in _drained)
        {
            pending.Rows.Release();
            weight += pending.Weight;
        }

        _drained.Clear();
        if (_postponed.Count > 0)
            parts.Queue.PutBack(_postponed);
        _postponed.Clear();
        parts.Queue.Leave(weight);
    }
}
