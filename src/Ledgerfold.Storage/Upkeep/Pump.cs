namespace Ledgerfold.Storage.Upkeep;

/// <summary>
/// A thread that calls a step as long as there is work, and else waits to be woken or for a while. The only place where the engine blocks
/// on anything but the disk; simulation has none and calls the steps itself.
/// </summary>
internal sealed class Pump : IDisposable
{
    private readonly Func<bool> _step;
    private readonly Func<bool> _hasWork;
    private readonly Action<Exception> _failed;
    private readonly TimeSpan _idle;
    private readonly int _spins;
    private readonly AutoResetEvent _woken = new(initialState: false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _sleeping;
    private int _wanted;

    /// <summary>A pump that is not started yet.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="step">Does a round of work and answers whether there was any.</param>
    /// <param name="hasWork">Whether a step would find work; asked while spinning.</param>
    /// <param name="idle">The longest sleep.</param>
    /// <param name="spins">How often to look again before sleeping, which spares a fast caller the cost of waking the thread.</param>
    /// <param name="failed">Told when a step threw, which ends the pump.</param>
    public Pump(string name, Func<bool> step, Func<bool> hasWork, TimeSpan idle, int spins, Action<Exception> failed)
    {
        _step = step;
        _hasWork = hasWork;
        _idle = idle;
        _spins = spins;
        _failed = failed;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public void Start() => _thread.Start();

    /// <summary>Asks for another step, and wakes the thread if it sleeps. Any thread.</summary>
    public void Wake()
    {
        Volatile.Write(ref _wanted, 1);
        Interlocked.MemoryBarrier();
        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
            _woken.Set();
    }

    /// <summary>Ends the thread after the step it is in.</summary>
    public void Dispose()
    {
        _stopping = true;
        _woken.Set();
        if (_thread.IsAlive)
            _thread.Join();
        _woken.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                Volatile.Write(ref _wanted, 0);
                if (!_step() && !SpinForWork())
                    Sleep();
            }
        }
        catch (Exception failure) // whatever it is, callers must not wait for ever for a thread that is gone
        {
            _failed(failure);
        }
    }

    private bool SpinForWork()
    {
        for (var spin = 0; spin < _spins; spin++)
        {
            if (_hasWork())
                return true;
            Thread.SpinWait(20);
        }

        return false;
    }

    private void Sleep()
    {
        Volatile.Write(ref _sleeping, 1);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _wanted) == 0 && !_hasWork() && !_stopping)
            _woken.WaitOne(_idle);
        Volatile.Write(ref _sleeping, 0);
    }
}
