namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The bounded queue before the writer. Room is taken before rows are encoded and given back when they are answered; who finds none waits
/// in line. Any thread enters, the writer drains.
/// </summary>
internal sealed class FoldQueue(long weightMax)
{
    private readonly Lock _lock = new();

    // under the lock
    private readonly Queue<(long Weight, TaskCompletionSource<bool> Entered)> _line = new();
    private readonly LinkedList<PendingFold> _queued = new();
    private int _count;
    private long _weight;
    private bool _ended;

    /// <summary>Called, outside the lock, when something was queued.</summary>
    public Action Queued { get; set; } = static () => { };

    /// <summary>How many wait for the writer.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool TryEnter(long weight)
    {
        lock (_lock)
        {
            if (_ended || _line.Count > 0 || !Fits(weight))
                return false;
            _weight += weight;
            return true;
        }
    }

    /// <summary>Waits in line for room; false when the queue has ended.</summary>
    public async ValueTask<bool> Enter(long weight, CancellationToken cancel)
    {
        var entered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended)
                return false;
            _line.Enqueue((weight, entered));
            LetIn();
        }

        await using var cancellation = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), entered);
        return await entered.Task;
    }

    /// <summary>Gives room back.</summary>
    public void Leave(long weight)
    {
        lock (_lock)
        {
            _weight -= weight;
            LetIn();
        }
    }

    /// <summary>Queues what has its room; false when the queue has ended.</summary>
    public bool TryAdd(PendingFold pending)
    {
        lock (_lock)
        {
            if (_ended)
                return false;
            _queued.AddLast(pending);
            _count++;
        }

        Queued();
        return true;
    }

    /// <summary>Moves what waits into the list, up to so many encoded bytes but at least one. Writer only.</summary>
    public void Drain(List<PendingFold> into, long bytesMax)
    {
        lock (_lock)
        {
            var bytes = 0L;
            while (_queued.First is { } next)
            {
                bytes += next.Value.Rows.Length;
                if (bytes > bytesMax && into.Count > 0)
                    break;
                into.Add(next.Value);
                _queued.RemoveFirst();
                _count--;
            }
        }
    }

    /// <summary>Puts back what was drained, in front and in its order. Writer only.</summary>
    public void PutBack(List<PendingFold> drained)
    {
        lock (_lock)
        {
            for (var d = drained.Count - 1; d >= 0; d--)
                _queued.AddFirst(drained[d]);
            _count += drained.Count;
        }
    }

    /// <summary>Answers all that wait: the writer is gone.</summary>
    public void AnswerAll(FoldOutcome outcome)
    {
        lock (_lock)
        {
            foreach (var pending in _queued)
                pending.Answer(outcome);
        }
    }

    /// <summary>Takes no more; those in line are turned away.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            while (_line.TryDequeue(out var first))
                first.Entered.TrySetResult(false);
        }
    }

    private void LetIn()
    {
        while (_line.TryPeek(out var first) && (first.Entered.Task.IsCompleted || Fits(first.Weight)))
        {
            _line.Dequeue();
            if (first.Entered.TrySetResult(true))
                _weight += first.Weight;
        }
    }

    private bool Fits(long weight) => _weight == 0 || _weight + weight <= weightMax;
}
