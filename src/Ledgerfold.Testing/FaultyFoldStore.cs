using System.Collections.Immutable;

namespace Ledgerfold.Testing;

/// <summary>
/// A fold store that does what a test says it should: answers writes otherwise, loses an answer, throws, or waits until it is let go. What
/// is not asked of it goes to the store behind it, which it does not own. Any thread.
/// </summary>
public sealed class FaultyFoldStore(IFoldStore inner) : IFoldStore
{
    private readonly Lock _lock = new();
    private readonly Queue<Func<FoldBatch, CancellationToken, ValueTask<FoldOutcome>>> _writes = new();
    private readonly Queue<Exception> _reads = new();
    private int _written;

    /// <summary>How many batches the store behind it took.</summary>
    public int Written => Volatile.Read(ref _written);

    /// <summary>The next writes are answered so, and change nothing.</summary>
    public void Answer(FoldOutcome outcome, int times = 1)
    {
        for (var time = 0; time < times; time++)
            Next((_, _) => new(outcome));
    }

    /// <summary>The next write is answered as being in doubt: <paramref name="happened"/> says whether it really happened.</summary>
    public void LoseAnswer(bool happened) => Next(async (batch, cancel) =>
    {
        var really = happened ? await inner.Write(batch, cancel) : new FoldOutcome.Written();
        return really is FoldOutcome.Written ? new FoldOutcome.Indeterminate("the test lost the answer") : really;
    });

    /// <summary>The next write is refused, if it holds this row, as if another row had a value that must be unique.</summary>
    public void RefuseRow(string tenant, string key) => Next((batch, cancel) =>
        batch.Rows.Any(row => row.Tenant == tenant && row.Key == key)
        ? new(new FoldOutcome.NotUnique(tenant, key, new FoldIndexEntry("test", "the test's", Unique: true), "the test"))
        : Really(batch, cancel));

    /// <summary>The next write throws this, and changes nothing.</summary>
    public void FailWrite(Exception failure) => Next((_, _) => ValueTask.FromException<FoldOutcome>(failure));

    /// <summary>The next row that is asked for, alone or in a page, throws this.</summary>
    public void FailRead(Exception failure)
    {
        lock (_lock)
            _reads.Enqueue(failure);
    }

    /// <summary>The next write waits until it is let go, and is carried out then.</summary>
    public HeldCall HoldWrite()
    {
        var held = new HeldCall();
        Next(async (batch, cancel) =>
        {
            await held.Wait(cancel);
            return await Really(batch, cancel);
        });
        return held;
    }

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Write(FoldBatch batch, CancellationToken cancel = default)
    {
        Func<FoldBatch, CancellationToken, ValueTask<FoldOutcome>>? fault;
        lock (_lock)
            _writes.TryDequeue(out fault);
        return fault is null ? Really(batch, cancel) : fault(batch, cancel);
    }

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Drop(FoldName fold, CancellationToken cancel = default) => inner.Drop(fold, cancel);

    /// <inheritdoc />
    public ValueTask<IFoldView> OpenView(CancellationToken cancel = default)
    {
        MeetRead();
        return inner.OpenView(cancel);
    }

    /// <inheritdoc />
    public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default)
    {
        MeetRead();
        return inner.Get(fold, tenant, key, cancel);
    }

    /// <inheritdoc />
    public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default)
    {
        MeetRead();
        return inner.Read(request, cancel);
    }

    /// <inheritdoc />
    public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => inner.ReadPosition(fold, cancel);

    /// <inheritdoc />
    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => inner.List(cancel);

    /// <inheritdoc />
    public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default) =>
        inner.ListTenants(fold, after, cancel);

    /// <summary>Leaves the store behind it as it is, which may outlive many of these.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<FoldOutcome> Really(FoldBatch batch, CancellationToken cancel)
    {
        var outcome = await inner.Write(batch, cancel);
        if (outcome is FoldOutcome.Written)
            Interlocked.Increment(ref _written);
        return outcome;
    }

    private void Next(Func<FoldBatch, CancellationToken, ValueTask<FoldOutcome>> fault)
    {
        lock (_lock)
            _writes.Enqueue(fault);
    }

    private void MeetRead()
    {
        Exception? failure;
        lock (_lock)
            _reads.TryDequeue(out failure);
        if (failure is not null)
            throw failure;
    }
}
