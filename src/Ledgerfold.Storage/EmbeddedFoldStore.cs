using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Folds;
using Ledgerfold.Storage.Upkeep;

namespace Ledgerfold.Storage;

/// <summary>
/// The fold store in one directory of this machine: one process at a time, nothing to install. A batch is acknowledged when it is on disk,
/// its rows and the fold's position together.
/// </summary>
public sealed class EmbeddedFoldStore : IFoldStore
{
    private readonly FoldStoreParts _parts;
    private readonly FoldWriter _writer;
    private readonly FoldUpkeep _upkeep;
    private readonly IDisposable _directory;
    private readonly List<Pump> _pumps = [];
    private int _closed;

    private EmbeddedFoldStore(FoldStoreParts parts, FoldWriter writer, IDisposable directory, long droppedBytes)
    {
        _parts = parts;
        _writer = writer;
        _upkeep = new FoldUpkeep(parts);
        _directory = directory;
        DroppedBytes = droppedBytes;
    }

    /// <summary>Whether the store takes writes, and what an operator should know.</summary>
    public LedgerHealth Health => _parts.Health;

    /// <summary>How many bytes of a commit that a crash cut short were dropped when the store was opened; nobody was told of it.</summary>
    public long DroppedBytes { get; }

    /// <summary>Names this store until it is reset, wherever its files are copied.</summary>
    public Guid StoreId => _parts.StoreId;

    internal FoldState State => _parts.Head.Current;

    /// <summary>Opens the store with threads of its own, or a new one in a directory that holds nothing.</summary>
    /// <exception cref="FoldsDamagedException">It cannot be opened as it is: <see cref="Reset"/> empties it, to be computed
    /// again.</exception>
    /// <exception cref="LedgerUnavailableException">Another process has it, something else is there, or its format is newer.</exception>
    /// <exception cref="DiskFullException">There is no space to recover in; opening works again when there is.</exception>
    public static EmbeddedFoldStore Open(EmbeddedFoldStoreOptions options)
    {
        var store = OpenStepped(options);
        store.StartPumps();
        return store;
    }

    /// <summary>Deletes everything that a store left in the directory, damaged or not: what it held can be computed again.</summary>
    /// <exception cref="LedgerUnavailableException">Another process has it.</exception>
    public static void Reset(EmbeddedFoldStoreOptions options)
    {
        if (!options.Disk.DirectoryExists)
            return;
        using var directory = options.Disk.TryLock() ?? throw Damage.Locked(options.Disk.Location);
        FoldFiles.DeleteAll(options.Disk);
    }

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Write(FoldBatch batch, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (Limits.Check(batch) is { } refused)
            return new(refused);
        return Submit(batch.Fold, batch, cancel);
    }

    /// <inheritdoc />
    public ValueTask<FoldOutcome> Drop(FoldName fold, CancellationToken cancel = default) =>
        Limits.Check(fold) is { } refused ? new(refused) : Submit(fold, null, cancel);

    /// <inheritdoc />
    public ValueTask<IFoldView> OpenView(CancellationToken cancel = default) => new(new FoldView(Acquire(cancel)));

    /// <inheritdoc />
    public ValueTask<FoldRow?> Get(FoldName fold, string tenant, string key, CancellationToken cancel = default)
    {
        var state = Acquire(cancel);
        try
        {
            return new(FoldLookup.Get(state, fold, tenant, key));
        }
        finally
        {
            state.Version.Release();
        }
    }

    /// <inheritdoc />
    public ValueTask<FoldPage> Read(FoldRead request, CancellationToken cancel = default)
    {
        var state = Acquire(cancel);
        try
        {
            return new(FoldLookup.Read(state, request));
        }
        finally
        {
            state.Version.Release();
        }
    }

    /// <inheritdoc />
    public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) => new(Now(cancel).Folds.PositionOf(fold));

    /// <inheritdoc />
    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => new(Now(cancel).Folds.List());

    /// <summary>Refuses new batches, answers those that wait, and lets go of the directory. Open views can still be read.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>The same as <see cref="Open"/> without threads: the caller calls the steps.</summary>
    internal static EmbeddedFoldStore OpenStepped(EmbeddedFoldStoreOptions options)
    {
        options.Disk.CreateDirectory();
        var directory = TakeDirectory(options);
        try
        {
            var opener = new FoldOpener(options, new LedgerHealth());
            var (parts, writer) = opener.Open();
            return new EmbeddedFoldStore(parts, writer, directory, opener.DroppedBytes);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    internal bool StepWriter() => _writer.Step();

    internal bool StepUpkeep() => _upkeep.Step();

    internal void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        _parts.Queue.End();
        foreach (var pump in _pumps)
            pump.Dispose();
        Drain();
        _parts.Health.Stop("closed", "The fold store is closed.");
        _upkeep.Dispose();
        _writer.Close();
        _parts.Head.Current.Version.Release();
        _directory.Dispose();
    }

    private static IDisposable TakeDirectory(EmbeddedFoldStoreOptions options) =>
        options.Disk.TryLock() ?? throw Damage.Locked(options.Disk.Location);

    private void StartPumps()
    {
        var writing = new Pump("ledgerfold folds", StepWriter, CanCommit, TimeSpan.FromMilliseconds(50), 200, Failed);
        var upkeep = new Pump("ledgerfold folds upkeep", StepUpkeep, () => _upkeep.HasWaiting, TimeSpan.FromSeconds(1), 0, Failed);
        _parts.Queue.Queued = writing.Wake;
        _writer.FlushWanted = upkeep.Wake;
        _upkeep.Flushed = writing.Wake;
        _pumps.AddRange([writing, upkeep]);
        foreach (var pump in _pumps)
            pump.Start();
    }

    private bool CanCommit() => _parts.Queue.Count > 0 && _parts.Head.Current.Version.Memory.Length <= FoldStoreParts.WaitingMax;

    /// <summary>Commits what still waits; upkeep helps where the writer waits for it.</summary>
    private void Drain()
    {
        while (_parts.Queue.Count > 0)
        {
            if (!_writer.Step() && !_upkeep.Step())
                _parts.Health.Stop("closed", "The fold store is closed."); // answers what cannot be committed
        }
    }

    private void Failed(Exception failure)
    {
        _parts.Health.Stop("failed", $"An error that nobody foresaw ({failure.GetType().Name}: {failure.Message}); restart to recover.");
        _parts.Queue.End();
        _parts.Queue.AnswerAll(new FoldOutcome.Indeterminate("the writer failed"));
    }

    private ValueTask<FoldOutcome> Submit(FoldName fold, FoldBatch? batch, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (_parts.Health.Trouble is { Passing: false } trouble)
            return new(new FoldOutcome.ReadOnly(trouble.Reason));
        var weight = WeightOf(batch);
        return _parts.Queue.TryEnter(weight) ? Enqueue(fold, batch, weight, cancel) : EnterAndEnqueue(fold, batch, weight, cancel);
    }

    private async ValueTask<FoldOutcome> EnterAndEnqueue(FoldName fold, FoldBatch? batch, long weight, CancellationToken cancel)
    {
        if (await _parts.Queue.Enter(weight, cancel))
            return await Enqueue(fold, batch, weight, cancel);
        return new FoldOutcome.ReadOnly(_parts.Health.Trouble?.Reason ?? "the fold store is closed");
    }

    private ValueTask<FoldOutcome> Enqueue(FoldName fold, FoldBatch? batch, long weight, CancellationToken cancel)
    {
        var pending = new PendingFold(fold, batch, batch is null ? EncodedRows.None : EncodedRows.Of(batch), weight);
        var answer = pending.Task;
        pending.CancelBy(cancel);
        if (_parts.Queue.TryAdd(pending))
            return answer;
        pending.Rows.Release();
        _parts.Queue.Leave(weight);
        pending.Answer(new FoldOutcome.ReadOnly("the fold store is closed"));
        return answer;
    }

    private static long WeightOf(FoldBatch? batch)
    {
        var weight = 256L;
        if (batch is null)
            return weight;
        foreach (var row in batch.Rows.IsDefault ? [] : batch.Rows)
            weight += Limits.SizeOf(row);
        foreach (var key in batch.Removed.IsDefault ? [] : batch.Removed)
            weight += 64 + key.Tenant.Length + key.Key.Length;
        return weight;
    }

    private FoldState Now(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) == 1, this);
        return _parts.Head.Current;
    }

    private FoldState Acquire(CancellationToken cancel)
    {
        Now(cancel);
        return _parts.Head.TryAcquire() ?? throw new ObjectDisposedException(nameof(EmbeddedFoldStore));
    }
}
