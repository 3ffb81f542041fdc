using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>
/// Keeps policies in memory by following the ledger, and takes access from whoever holds a lease as soon as it sees that they lost it.
/// </summary>
internal sealed class PolicyWatch(ILedger ledger, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Under the lock.
    private readonly HashSet<AccessLease> _leases = [];
    private readonly List<(long Position, TaskCompletionSource Told)> _waiting = [];
    private long _seenTo;

    private volatile Policies _current = Policies.Empty;
    private volatile AccessCache _accesses = new(Policies.Empty);
    private Task _following = Task.CompletedTask;

    /// <summary>Who may do what, as far as the ledger was followed. Any thread.</summary>
    public Policies Current => _current;

    /// <summary>Why it stood still last; null while it never did.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>Reads what there is, and follows from there until it is disposed of.</summary>
    /// <exception cref="InvalidDataException">Something cannot be read: nobody is let in.</exception>
    public async Task Start(CancellationToken cancel = default)
    {
        var request = new ReadRequest { Tenant = Platform.Tenant, Query = PolicyRecords.Query };
        await foreach (var page in ledger.Read(request, cancel))
            Take(page);
        _following = Follow();
    }

    /// <summary>Waits until everything up to a position has been seen.</summary>
    public async Task Reach(long position, CancellationToken cancel)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_seenTo >= position)
                return;
            _waiting.Add((position, told));
        }

        await using var giveUp = cancel.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), told);
        await told.Task;
    }

    /// <summary>What a caller may do now. Any thread.</summary>
    public Access AccessOf(Caller caller)
    {
        var known = _accesses;
        var current = Current;
        if (!ReferenceEquals(known.Policies, current))
            _accesses = known = new AccessCache(current);
        return known.Of(caller, clock.GetUtcNow());
    }

    /// <summary>
    /// Access that lasts: to be asked for before something goes on for long, such as an open follow, and disposed of after it.
    /// </summary>
    /// <param name="caller">Whose.</param>
    /// <param name="rule">What must be allowed all the time.</param>
    public AccessLease Lease(Caller caller, Func<Access, Ruling> rule)
    {
        var lease = new AccessLease(this, caller, rule, clock);
        lock (_lock)
            _leases.Add(lease);
        lease.Look(); // what changed before it was known here
        return lease;
    }

    /// <summary>Follows no more; leases that are out end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        foreach (var lease in Leases())
            lease.End();
        lock (_lock)
            _waiting.ForEach(static one => one.Told.TrySetCanceled());
        _stop.Dispose();
    }

    internal void Forget(AccessLease lease)
    {
        lock (_lock)
            _leases.Remove(lease);
    }

    private async Task Follow()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var request = new ReadRequest { Tenant = Platform.Tenant, Query = PolicyRecords.Query, After = _seenTo, Follow = true };
                await foreach (var page in ledger.Read(request, _stop.Token))
                    Take(page);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                LastError = failure;
                await Pause();
            }
        }
    }

    private async Task Pause()
    {
        try
        {
            await Task.Delay(PauseAfterFailure, clock, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // the loop sees it
        }
    }

    private void Take(EventPage page)
    {
        _current = page.Events.Aggregate(_current, PolicyRecords.Apply);
        lock (_lock)
        {
            _seenTo = Math.Max(_seenTo, page.ScannedTo);
            for (var w = _waiting.Count - 1; w >= 0; w--)
            {
                if (_waiting[w].Position > _seenTo)
                    continue;
                _waiting[w].Told.TrySetResult();
                _waiting.RemoveAt(w);
            }
        }

        if (page.Events.IsEmpty)
            return;
        foreach (var lease in Leases())
            lease.Look();
    }

    private AccessLease[] Leases()
    {
        lock (_lock)
            return [.. _leases];
    }
}
