using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Folds;

namespace Ledgerfold.Storage;

/// <summary>
/// The fold store in one directory of this machine: one process at a time, nothing to install. A batch is acknowledged when it is on disk,
/// its rows and the fold's position together.
/// </summary>
public sealed class EmbeddedFoldStore : IFoldStore
{
    private static readonly TimeSpan TryAgainForSpace = TimeSpan.FromSeconds(1);

    private readonly EmbeddedFoldStoreOptions _options;
    private readonly IDisposable _directory;
    private readonly bool _withPumps;

    // changed under the lock, read by any thread
    private readonly Lock _lock = new();
    private FoldHead _head;
    private FoldEngine? _engine; // null while there is no space to recover in
    private bool _closed;
    private long _spaceTriedAt;
    private ITimer? _beginning;

    private EmbeddedFoldStore(EmbeddedFoldStoreOptions options, IDisposable directory, bool withPumps)
    {
        (_options, _directory, _withPumps) = (options, directory, withPumps);
        _engine = Begin();
        if (_engine is { } engine)
        {
            (_head, StoreId) = (engine.Parts.Head, engine.Parts.StoreId);
            return;
        }

        (_head, StoreId) = new FoldOpener(options, Health).OpenForReading();
        Health.Pause("disk-full", "The disk is full; the fold store begins to take writes when there is space.");
        _spaceTriedAt = options.Clock.GetTimestamp();
        if (withPumps)
            _beginning = options.Clock.CreateTimer(_ => TryToBegin(), null, TryAgainForSpace, TryAgainForSpace);
    }

    /// <summary>Whether the store takes writes, and what an operator should know.</summary>
    public LedgerHealth Health { get; } = new();

    /// <summary>How many bytes of a commit that a crash cut short were dropped when the store was opened; nobody was told of it.</summary>
    public long DroppedBytes { get; private set; }

    /// <summary>Names this store until it is reset, wherever its files are copied.</summary>
    public Guid StoreId { get; private set; }

    internal FoldState State => Volatile.Read(ref _head).Current;

    /// <summary>
    /// Opens the store with threads of its own, or a new one in a directory that holds nothing. On a full disk it opens for reading,
    /// perhaps without the last commit, and takes writes once there is space.
    /// </summary>
    /// <exception cref="FoldsDamagedException">It cannot be opened as it is: <see cref="Reset"/> empties it, to be computed
    /// again.</exception>
    /// <exception cref="LedgerUnavailableException">Another process has it, something else is there, or its format is newer.</exception>
    /// <exception cref="DiskFullException">There is no space for the directory itself.</exception>
    public static EmbeddedFoldStore Open(EmbeddedFoldStoreOptions options) => Open(options, withPumps: true);

    /// <summary>Deletes everything that a store left in the directory, damaged or not: what it held can be computed again.</summary>
    /// <exception cref="LedgerUnavailableException">Another process has it.</exception>
    public static void Reset(EmbeddedFoldStoreOptions options)
    {
        if (!options.Disk.DirectoryExists)
            return;
        using var directory = TakeDirectory(options);
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
    public ValueTask<long> ReadPosition(FoldName fold, CancellationToken cancel = default) =>
        new(Now(cancel).Current.Folds.PositionOf(fold));

    /// <inheritdoc />
    public ValueTask<ImmutableArray<FoldName>> List(CancellationToken cancel = default) => new(Now(cancel).Current.Folds.List());

    /// <inheritdoc />
    public ValueTask<ImmutableArray<string>> ListTenants(FoldName fold, string after = "", CancellationToken cancel = default)
    {
        var state = Acquire(cancel);
        try
        {
            return new(FoldLookup.ListTenants(state, fold, after));
        }
        finally
        {
            state.Version.Release();
        }
    }

    /// <summary>Refuses new batches, answers those that wait, and lets go of the directory. Open views can still be read.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>The same as <see cref="Open(EmbeddedFoldStoreOptions)"/> without threads: the caller calls the steps.</summary>
    internal static EmbeddedFoldStore OpenStepped(EmbeddedFoldStoreOptions options) => Open(options, withPumps: false);

    internal bool StepWriter() => Volatile.Read(ref _engine) is { } engine && engine.StepWriter();

    internal bool StepUpkeep()
    {
        if (Volatile.Read(ref _engine) is { } engine)
            return engine.StepUpkeep();
        TryToBegin();
        return false;
    }

    internal void Close()
    {
        lock (_lock)
        {
            if (_closed)
                return;
            Volatile.Write(ref _closed, true);
        }

        _beginning?.Dispose();
        _engine?.Dispose();
        Health.Stop("closed", "The fold store is closed.");
        _head.Current.Version.Release();
        _directory.Dispose();
    }

    private static EmbeddedFoldStore Open(EmbeddedFoldStoreOptions options, bool withPumps)
    {
        options.Disk.CreateDirectory();
        var directory = TakeDirectory(options);
        try
        {
            return new EmbeddedFoldStore(options, directory, withPumps);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static IDisposable TakeDirectory(EmbeddedFoldStoreOptions options) =>
        options.Disk.TryLock() ?? throw Damage.Locked(options.Disk.Location);

    /// <summary>Recovers and begins to take writes; null where the disk has no space for it.</summary>
    private FoldEngine? Begin()
    {
        try
        {
            var opener = new FoldOpener(_options, Health);
            var (parts, writer) = opener.Open();
            DroppedBytes = opener.DroppedBytes;
            var engine = new FoldEngine(parts, writer);
            if (_withPumps)
                engine.StartPumps();
            return engine;
        }
        catch (DiskFullException)
        {
            return null;
        }
    }

    /// <summary>The disk was full when the store was opened: tries again, at most once in a while.</summary>
    private void TryToBegin()
    {
        lock (_lock)
        {
            if (_closed || _engine is not null || Health.Trouble is { Passing: false }
                || _options.Clock.GetElapsedTime(_spaceTriedAt) < TryAgainForSpace)
            {
                return;
            }

            _spaceTriedAt = _options.Clock.GetTimestamp();
            try
            {
                if (Begin() is not { } engine)
                    return;
                Health.Resume();
                var before = _head;
                StoreId = engine.Parts.StoreId;
                Volatile.Write(ref _head, engine.Parts.Head);
                Volatile.Write(ref _engine, engine);
                before.Current.Version.Release(); // reads that began on it may end on it
            }
            catch (Exception failure) when (failure is IOException or LedgerUnavailableException)
            {
                var code = failure is FoldsDamagedException ? "damaged" : "disk-failed";
                Health.Stop(code, $"The fold store could not begin to take writes: {failure.Message}");
            }

            _beginning?.Dispose();
        }
    }

    private ValueTask<FoldOutcome> Submit(FoldName fold, FoldBatch? batch, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Volatile.Read(ref _engine) is null)
            TryToBegin();
        if (Health.Trouble is { Passing: false } trouble)
            return new(new FoldOutcome.ReadOnly(trouble.Reason));
        return Volatile.Read(ref _engine) is { } engine
            ? engine.Submit(fold, batch, cancel)
            : new(new FoldOutcome.ReadOnly(Health.Trouble?.Reason ?? "The fold store is only now beginning to take writes."));
    }

    private FoldHead Now(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
        return Volatile.Read(ref _head);
    }

    private FoldState Acquire(CancellationToken cancel)
    {
        while (true)
        {
            var head = Now(cancel);
            if (head.TryAcquire() is { } state)
                return state;
            ObjectDisposedException.ThrowIf(ReferenceEquals(head, Volatile.Read(ref _head)), this); // let go of, not exchanged for another
        }
    }
}
