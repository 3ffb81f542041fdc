using System.Runtime.CompilerServices;

namespace Ledgerfold.Testing;

/// <summary>What of a ledger can be made to fail.</summary>
public enum LedgerCall
{
    /// <summary>Appending.</summary>
    Append,

    /// <summary>A page of a read, over one tenant or all.</summary>
    Read,

    /// <summary>A look at one event, a stream's head, a cursor, the range or a time.</summary>
    LookUp,
}

/// <summary>
/// A ledger that does what a test says it should: fails, answers something else, loses an answer, or waits until it is let go. What is not
/// asked of it goes to the ledger behind it. Faults of a call are met in the order in which they were asked for, one for each call. Any
/// thread; nothing here waits for time, so that a test decides when things happen and no clock does.
/// </summary>
/// <param name="inner">The ledger behind it.</param>
/// <param name="leaveOpen">Whether that one outlives this, as what is on disk outlives an application.</param>
public sealed class FaultyLedger(ILedger inner, bool leaveOpen = false) : ILedger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LedgerCall, Queue<Fault>> _faults = new()
    {
        [LedgerCall.Append] = new(),
        [LedgerCall.Read] = new(),
        [LedgerCall.LookUp] = new(),
    };

    /// <summary>How many faults nobody has met yet.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _faults.Values.Sum(static faults => faults.Count);
        }
    }

    /// <summary>The next calls throw this, and change nothing.</summary>
    public void Fail(LedgerCall call, Exception failure, int times = 1) => Add(call, new Fault { Failure = failure }, times);

    /// <summary>The next calls are carried out: for what is to fail behind them.</summary>
    public void Pass(LedgerCall call, int times = 1) => Add(call, new Fault(), times);

    /// <summary>The next appends are answered so, and change nothing.</summary>
    public void Answer(AppendOutcome outcome, int times = 1) => Add(LedgerCall.Append, new Fault { Outcome = outcome }, times);

    /// <summary>
    /// The next appends are answered as being in doubt: <paramref name="happened"/> says whether they really did.
    /// </summary>
    public void LoseAnswer(bool happened, int times = 1) => Add(
        LedgerCall.Append,
        new Fault { Outcome = new AppendOutcome.Indeterminate("the test lost the answer"), HappensFirst = happened },
        times);

    /// <summary>The next call waits until it is let go, and is carried out then.</summary>
    public HeldCall Hold(LedgerCall call)
    {
        var held = new HeldCall();
        Add(call, new Fault { Held = held }, times: 1);
        return held;
    }

    /// <inheritdoc />
    public async ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        var fault = await Meet(LedgerCall.Append, cancel);
        if (fault?.Outcome is not { } outcome)
            return await inner.Append(request, cancel);
        if (!fault.HappensFirst)
            return outcome;
        var really = await inner.Append(request, cancel);
        return really is AppendOutcome.Appended ? outcome : really;
    }

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) =>
        Faulty(inner.Read(request, cancel), cancel);

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        Faulty(inner.ReadAcrossTenants(request, cancel), cancel);

    /// <inheritdoc />
    public async ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default)
    {
        await Meet(LedgerCall.LookUp, cancel);
        return await inner.ReadById(tenant, id, cancel);
    }

    /// <inheritdoc />
    public async ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default)
    {
        await Meet(LedgerCall.LookUp, cancel);
        return await inner.ReadStreamHead(tenant, stream, cancel);
    }

    /// <inheritdoc />
    public async ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default)
    {
        await Meet(LedgerCall.LookUp, cancel);
        return await inner.ReadCursor(tenant, consumer, partition, cancel);
    }

    /// <inheritdoc />
    public async ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default)
    {
        await Meet(LedgerCall.LookUp, cancel);
        return await inner.ReadRange(cancel);
    }

    /// <inheritdoc />
    public async ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default)
    {
        await Meet(LedgerCall.LookUp, cancel);
        return await inner.PositionAt(time, cancel);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) => inner.ReadBatches(after, cancel);

    /// <summary>Ends the ledger behind it, unless that is to be left open.</summary>
    public ValueTask DisposeAsync() => leaveOpen ? ValueTask.CompletedTask : inner.DisposeAsync();

    private async IAsyncEnumerable<EventPage> Faulty(IAsyncEnumerable<EventPage> pages, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Meet(LedgerCall.Read, cancel);
        await foreach (var page in pages.WithCancellation(cancel))
        {
            yield return page;
            await Meet(LedgerCall.Read, cancel);
        }
    }

    private void Add(LedgerCall call, Fault fault, int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (_lock)
        {
            for (var time = 0; time < times; time++)
                _faults[call].Enqueue(fault);
        }
    }

    private async ValueTask<Fault?> Meet(LedgerCall call, CancellationToken cancel)
    {
        Fault? fault;
        lock (_lock)
            _faults[call].TryDequeue(out fault);
        if (fault?.Held is { } held)
            await held.Wait(cancel);
        return fault?.Failure is { } failure ? throw failure : fault;
    }

    private sealed record Fault
    {
        public Exception? Failure { get; init; }

        public AppendOutcome? Outcome { get; init; }

        public bool HappensFirst { get; init; }

        public HeldCall? Held { get; init; }
    }
}

/// <summary>A call that waits for a test.</summary>
public sealed class HeldCall
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once the call has come this far.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>Lets it go on.</summary>
    public void Release() => _released.TrySetResult();

    internal async ValueTask Wait(CancellationToken cancel)
    {
        _arrived.TrySetResult();
        using var cancelling = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), _released);
        await _released.Task;
    }
}
