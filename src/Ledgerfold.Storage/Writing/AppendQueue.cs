namespace Ledgerfold.Storage.Writing;

/// <summary>The appends before the writer: what waits for it, and what is not answered yet.</summary>
internal sealed class AppendQueue(long weightMax, TimeProvider clock) : BoundedQueue(weightMax, clock)
{
    private readonly TimeProvider _clock = clock;

    // under the gate
    private readonly List<PendingAppend> _unanswered = [];
    private readonly Queue<PendingAppend> _queued = new();
    private int _count;

    /// <summary>How many wait for the writer.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Queues an append that has its room; false when the queue has ended.</summary>
    public bool TryAdd(PendingAppend pending)
    {
        lock (Gate)
        {
            if (HasEnded)
                return false;
            _queued.Enqueue(pending);
            _unanswered.Add(pending);
            _count++;
        }

        Queued();
        return true;
    }

    /// <summary>Moves what waits into the list, up to so many encoded bytes but at least one. Writer only.</summary>
    public void Drain(List<PendingAppend> into, long bytesMax)
    {
        lock (Gate)
        {
            var bytes = 0L;
            while (_queued.TryPeek(out var next))
            {
                bytes += next.Encoded.Length;
                if (bytes > bytesMax && into.Count > 0)
                    break;
                into.Add(_queued.Dequeue());
                _count--;
            }
        }
    }

    /// <summary>Moves what fits into the list, and answers whether there was any.</summary>
    public bool DrainWhatFits(List<PendingAppend> into, long bytes, long events, int appends)
    {
        var before = into.Count;
        lock (Gate)
        {
            while (appends-- > 0 && _queued.TryPeek(out var next))
            {
                bytes -= next.Encoded.Length;
                events -= next.Encoded.EventCount;
                if (bytes < 0 || events < 0)
                    break;
                into.Add(_queued.Dequeue());
                _count--;
            }
        }

        return into.Count > before;
    }

    /// <summary>Forgets answered appends and gives their room back. Writer only.</summary>
    public void Settle(List<PendingAppend> answered)
    {
        var weight = 0L;
        foreach (var pending in answered)
            weight += pending.Weight;
        lock (Gate)
        {
            if (_unanswered.Count == answered.Count)
                _unanswered.Clear();
            else
                _unanswered.RemoveRange(0, answered.Count); // drained in the order they were added
            GiveBack(weight);
        }
    }

    /// <summary>Ends the waits whose deadline has passed.</summary>
    public void TimeOutLate()
    {
        var now = _clock.GetTimestamp();
        lock (Gate)
        {
            foreach (var pending in _unanswered)
            {
                if (pending.Deadline <= now)
                    pending.TimeOut();
            }
        }
    }

    /// <summary>Answers all that are not answered: the writer is gone.</summary>
    public void AnswerAll(AppendOutcome outcome)
    {
        lock (Gate)
        {
            foreach (var pending in _unanswered)
                pending.Answer(outcome);
        }
    }
}
