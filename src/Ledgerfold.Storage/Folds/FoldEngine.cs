using Ledgerfold.Storage.Upkeep;

namespace Ledgerfold.Storage.Folds;

/// <summary>A store that takes writes: its queue, its writer and its upkeep, with threads of their own or stepped by the caller.</summary>
internal sealed class FoldEngine(FoldStoreParts parts, FoldWriter writer) : IDisposable
{
    private readonly FoldUpkeep _upkeep = new(parts);
    private readonly List<Pump> _pumps = [];

    public FoldStoreParts Parts => parts;

    public void StartPumps()
    {
        var writing = new Pump("ledgerfold folds", StepWriter, CanCommit, TimeSpan.FromMilliseconds(50), 200, Failed);
        var upkeep = new Pump("ledgerfold folds upkeep", StepUpkeep, () => _upkeep.HasWaiting, TimeSpan.FromSeconds(1), 0, Failed);
        parts.Queue.Queued = writing.Wake;
        writer.FlushWanted = upkeep.Wake;
        _upkeep.Flushed = writing.Wake;
        _pumps.AddRange([writing, upkeep]);
        foreach (var pump in _pumps)
            pump.Start();
    }

    public bool StepWriter() => writer.Step();

    public bool StepUpkeep() => _upkeep.Step();

    /// <summary>Takes a batch, or the drop of a fold where there is none, and waits for room where there is none.</summary>
    public ValueTask<FoldOutcome> Submit(FoldName fold, FoldBatch? batch, CancellationToken cancel)
    {
        var weight = WeightOf(batch);
        return parts.Queue.TryEnter(weight) ? Enqueue(fold, batch, weight, cancel) : EnterAndEnqueue(fold, batch, weight, cancel);
    }

    /// <summary>Refuses new batches and answers those that wait.</summary>
    public void Dispose()
    {
        parts.Queue.End();
        foreach (var pump in _pumps)
            pump.Dispose();
        Drain();
        parts.Health.Stop("closed", "The fold store is closed.");
        _upkeep.Dispose();
        writer.Close();
    }

    private bool CanCommit() => parts.Queue.Count > 0 && parts.Head.Current.Version.Memory.Length <= FoldStoreParts.WaitingMax;

    /// <summary>Commits what still waits; upkeep helps where the writer waits for it.</summary>
    private void Drain()
    {
        while (parts.Queue.Count > 0)
        {
            if (!writer.Step() && !_upkeep.Step())
                parts.Health.Stop("closed", "The fold store is closed."); // answers what cannot be committed
        }
    }

    private void Failed(Exception failure)
    {
        parts.Health.Stop("failed", $"An error that nobody foresaw ({failure.GetType().Name}: {failure.Message}); restart to recover.");
        parts.Queue.End();
        parts.Queue.AnswerAll(new FoldOutcome.Indeterminate("the writer failed"));
    }

    private async ValueTask<FoldOutcome> EnterAndEnqueue(FoldName fold, FoldBatch? batch, long weight, CancellationToken cancel)
    {
        if (await parts.Queue.Enter(weight, Timeout.InfiniteTimeSpan, cancel))
            return await Enqueue(fold, batch, weight, cancel);
        return new FoldOutcome.ReadOnly(parts.Health.Trouble?.Reason ?? "the fold store is closed");
    }

    private ValueTask<FoldOutcome> Enqueue(FoldName fold, FoldBatch? batch, long weight, CancellationToken cancel)
    {
        var pending = new PendingFold(fold, batch, batch is null ? EncodedRows.None : EncodedRows.Of(batch), weight);
        var answer = pending.Task;
        pending.CancelBy(cancel);
        if (parts.Queue.TryAdd(pending))
            return answer;
        pending.Rows.Release();
        parts.Queue.Leave(weight);
        pending.Answer(new FoldOutcome.ReadOnly("the fold store is closed"));
        return answer;
    }

    private static long WeightOf(FoldBatch? batch)
    {
        var weight = 256L;
        if (batch is null)
            return weight;
        foreach (var row in batch.Rows.IsDefault ? [] : batch.Rows)
            weight += Limits.SizeOf(row);
        foreach (var key in batch.Removed.IsDefault ? [] : batch.Removed)
            weight += 64 + key.Tenant.Length + key.Key.Length;
        return weight;
    }
}
