using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Folds;

/// <summary>The batches before the fold store's writer, which may put back what it cannot write yet.</summary>
internal sealed class FoldQueue(long weightMax, TimeProvider clock) : BoundedQueue(weightMax, clock)
{
    // under the gate
    private readonly LinkedList<PendingFold> _queued = new();
    private int _count;

    /// <summary>How many wait for the writer.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Queues what has its room; false when the queue has ended.</summary>
    public bool TryAdd(PendingFold pending)
    {
        lock (Gate)
        {
            if (HasEnded)
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
        lock (Gate)
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
        lock (Gate)
        {
            for (var d = drained.Count - 1; d >= 0; d--)
                _queued.AddFirst(drained[d]);
            _count += drained.Count;
        }
    }

    /// <summary>Answers all that wait: the writer is gone.</summary>
    public void AnswerAll(FoldOutcome outcome)
    {
        lock (Gate)
        {
            foreach (var pending in _queued)
                pending.Answer(outcome);
        }
    }
}
