namespace Ledgerfold.Storage.Writing;

/// <summary>
/// The bounded queue before the writer. Room is taken before an append is encoded and given back when it is answered, so that what waits in
/// memory is bounded; who finds none waits in line. Any thread enters, the writer drains.
/// </summary>
internal sealed class AppendQueue(long weightMax, TimeProvider clock)
{
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();

    // under the lock
    private readonly Queue<(long Weight, TaskCompletionSource<bool> Entered)> _line = new();
    private readonly List<PendingAppend> _unanswered = [];
    private readonly Queue<PendingAppend> _queued = new();
    private int _count;
    private long _weight;
    private bool _ended;

    /// <summary>Called, outside the lock, when something was queued.</summary>
    public Action Queued { get; set; } = static () => { };

    /// <summary>How many wait for the writer.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes room at once, if there is some and nobody waits for it.</summary>
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

    /// <summary>Waits in line for room; false when the time is up or the queue has ended.</summary>
    public async ValueTask<bool> Enter(long weight, TimeSpan timeout, CancellationToken cancel)
    {
        if (timeout > TimerMax)
            timeout = Timeout.InfiniteTimeSpan;
        var entered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended)
                return false;
            _line.Enqueue((weight, entered));
            LetIn();
        }

        using var timer = clock.CreateTimer(
            static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), entered, timeout, Timeout.InfiniteTimeSpan);
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

    /// <summary>Queues an append that has its room; false when the queue has ended.</summary>
    public bool TryAdd(PendingAppend pending)
    {
        lock (_lock)
        {
            if (_ended)
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
        lock (_lock)
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
        lock (_lock)
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
        lock (_lock)
        {
            if (_unanswered.Count == answered.Count)
                _unanswered.Clear();
            else
                _unanswered.RemoveRange(0, answered.Count); // drained in the order they were added
            _weight -= weight;
            LetIn();
        }
    }

    /// <summary>Ends the waits whose deadline has passed.</summary>
    public void TimeOutLate()
    {
        var now = clock.GetTimestamp();
        lock (_lock)
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
        lock (_lock)
        {
            foreach (var pending in _unanswered)
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
