namespace Ledgerfold.Testing;

/// <summary>
/// Runs tasks on the thread that asks, one at a time, in an order that the seed chooses among all that are ready. Whatever is
/// awaited inside comes back here, so that one seed is one interleaving. Work that reaches it from another thread makes runs
/// differ, and is counted.
/// </summary>
public sealed class SeededScheduler : TaskScheduler
{
    private readonly Lock _gate = new();
    private readonly List<Task> _ready = [];
    private readonly SeededRandom _random;
    private readonly int _home = Environment.CurrentManagedThreadId;
    private int _strays;

    /// <summary>A scheduler for the calling thread.</summary>
    public SeededScheduler(ulong seed) => _random = new SeededRandom(seed);

    /// <inheritdoc />
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>How many tasks are ready to run.</summary>
    public int Ready
    {
        get
        {
            lock (_gate)
                return _ready.Count;
        }
    }

    /// <summary>How many tasks came from another thread; anything but 0 means that the run cannot be repeated from its seed.</summary>
    public int Strays => Volatile.Read(ref _strays);

    /// <summary>Makes this work ready; it runs when the seed says so.</summary>
    public Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Makes this work ready; it runs when the seed says so.</summary>
    public Task<T> Start<T>(Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Runs one ready task up to where it waits or ends; false when none is ready.</summary>
    public bool RunOne()
    {
        Task chosen;
        lock (_gate)
        {
            if (_ready.Count == 0)
                return false;
            var index = _random.Below(_ready.Count);
            chosen = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }

        // An await looks at the synchronization context first, and a test runner's would take the rest of the task elsewhere.
        var ambient = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            TryExecuteTask(chosen);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(ambient);
        }

        return true;
    }

    /// <summary>Runs until nothing is ready, and answers how many tasks that were.</summary>
    /// <exception cref="InvalidOperationException">There was no end to it.</exception>
    public int RunAll(int limit = 1_000_000)
    {
        var count = 0;
        while (RunOne())
        {
            if (++count >= limit)
                throw new InvalidOperationException($"{limit} tasks ran and more are ready");
        }

        return count;
    }

    /// <summary>Runs until the task has ended or nothing is ready, and answers whether it has ended.</summary>
    public bool RunUntil(Task ended)
    {
        while (!ended.IsCompleted && RunOne())
        {
        }

        return ended.IsCompleted;
    }

    /// <inheritdoc />
    protected override void QueueTask(Task task)
    {
        if (Environment.CurrentManagedThreadId != _home)
            Interlocked.Increment(ref _strays);
        lock (_gate)
            _ready.Add(task);
    }

    /// <summary>Never: a task that ran in place would run in an order that is not the seed's.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc />
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
            return [.. _ready];
    }
}
