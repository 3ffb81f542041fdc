namespace Ledgerfold.Storage.Writing;

/// <summary>
/// The room before a writer. It is taken before something is encoded and given back when it is answered, so that what waits in memory is
/// bounded; who finds none waits in line. What is queued is each queue's own. Any thread enters, the writer drains.
/// </summary>
internal abstract class BoundedQueue(long weightMax, TimeProvider clock)
{
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(30);

    // under the gate
    private readonly Queue<(long Weight, TaskCompletionSource<bool> Entered)> _line = new();
    private long _weight;

    /// <summary>Called, outside the gate, when something was queued.</summary>
    public Action Queued { get; set; } = static () => { };

    protected Lock Gate { get; } = new();

    /// <summary>Whether it takes no more. Under the gate.</summary>
    protected bool HasEnded { get; private set; }

    /// <summary>Takes room at once, if there is some and nobody waits for it.</summary>
    public bool TryEnter(long weight)
    {
        lock (Gate)
        {
            if (HasEnded || _line.Count > 0 || !Fits(weight))
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
        lock (Gate)
        {
            if (HasEnded)
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
        lock (Gate)
            GiveBack(weight);
    }

    /// <summary>Takes no more; those in line are turned away.</summary>
    public void End()
    {
        lock (Gate)
        {
            HasEnded = true;
            while (_line.TryDequeue(out var first))
                first.Entered.TrySetResult(false);
        }
    }

    /// <summary>Gives room back, under the gate.</summary>
    protected void GiveBack(long weight)
    {
        _weight -= weight;
        LetIn();
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
