using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage;

/// <summary>
/// The ledger in one directory of this machine: one writer at a time, any number of readers, nothing to install. An append is acknowledged
/// when it is on disk; what the disk does not confirm is never told to anybody.
/// </summary>
public sealed class EmbeddedLedger : ILedger
{
    private static readonly TimeSpan TryAgainForSpace = TimeSpan.FromSeconds(1);

    private readonly EmbeddedLedgerOptions _options;
    private readonly ReadPlan _plan;
    private readonly IDisposable? _directory;
    private readonly bool _withPumps;
    private readonly Meter? _meter;

    // changed under the lock, read by any thread
    private readonly Lock _lock = new();
    private readonly List<Engine> _retired = [];
    private Engine _engine;
    private long _spaceTriedAt;
    private bool _disposed;
    private ITimer? _beginning;

    private EmbeddedLedger(
        EmbeddedLedgerOptions options, ReadPlan plan, LedgerHealth health, Engine engine, IDisposable? directory, bool withPumps)
    {
        _options = options;
        _plan = plan;
        _directory = directory;
        _withPumps = withPumps;
        _engine = engine;
        _spaceTriedAt = options.Clock.GetTimestamp();
        Health = health;
        if (!withPumps)
            return;
        engine.StartPumps();
        _meter = Telemetry.ShowWaiting(() => Current.Queue.Count);
        if (engine.WaitsForSpace)
            _beginning = options.Clock.CreateTimer(_ => BeginWhenThereIsSpace(), null, TryAgainForSpace, TryAgainForSpace);
    }

    /// <summary>Whether the ledger takes writes, and what an operator should know.</summary>
    public LedgerHealth Health { get; }

    /// <summary>What opening met at the end of the log.</summary>
    public RecoveryReport Recovery => Current.Recovery;

    /// <summary>Names this store for ever, wherever its files are copied.</summary>
    public Guid StoreId => Log.StoreId;

    internal Log Log => Current.Log;

    internal AppendQueue Queue => Current.Queue;

    private Engine Current => Volatile.Read(ref _engine);

    /// <summary>Creates an empty ledger in a directory that holds nothing.</summary>
    /// <exception cref="ArgumentException">An option cannot work.</exception>
    /// <exception cref="LedgerUnavailableException">The directory is not empty, or another process is in it.</exception>
    public static void Create(EmbeddedLedgerOptions options) => LedgerCreator.Create(options.Checked());

    /// <summary>
    /// Opens the ledger for writing, with threads of its own. It recovers first; where that ends in doubt it opens for reading only.
    /// </summary>
    /// <exception cref="ArgumentException">An option cannot work.</exception>
    /// <exception cref="LedgerUnavailableException">There is no ledger, another process writes to it, or its format is newer.</exception>
    public static EmbeddedLedger Open(EmbeddedLedgerOptions options) => Open(options, ReadPlan.Free);

    /// <summary>Opens the ledger for reading, also while another process writes to it. Changes nothing in the directory.</summary>
    /// <exception cref="ArgumentException">An option cannot work.</exception>
    /// <exception cref="LedgerUnavailableException">There is no ledger, or its format is newer.</exception>
    public static EmbeddedLedger OpenReadOnly(EmbeddedLedgerOptions options) => OpenReadOnly(options, ReadPlan.Free);

    /// <inheritdoc />
    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Telemetry.IsTraced ? AppendTraced(request, cancel) : Take(request, cancel);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) =>
        Read(request, acrossTenants: false, cancel);

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        Read(request, acrossTenants: true, cancel);

    /// <inheritdoc />
    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default)
    {
        var engine = Fresh(cancel);
        if (engine.Reader.TryFindId(engine.Log.Hasher.OfId(tenant, id), out var position))
            return new(engine.Reader.Load(position));
        return engine.Log.Holes is [var hole, ..] ? throw hole.ToException(hole.From) : default(ValueTask<RecordedEvent?>);
    }

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) =>
        new(Fresh(cancel).Reader.HeadOf(tenant, stream));

    /// <inheritdoc />
    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default)
    {
        var engine = Fresh(cancel);
        if (engine.Log.Holes is [.., var hole]) // a move may have stood there
            throw hole.ToException(hole.From);
        return new(engine.Cursors[new CursorName(tenant, consumer, partition)]);
    }

    /// <inheritdoc />
    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default)
    {
        var log = Fresh(cancel).Log;
        return new(new LedgerRange(log.First, log.Head));
    }

    /// <inheritdoc />
    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default)
    {
        var engine = Fresh(cancel);
        var micros = Times.ToMicros(time);
        long low = engine.Log.First - 1, high = engine.Log.Head;
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (engine.Reader.RecordedAt(middle) <= micros)
                low = middle;
            else
                high = middle - 1;
        }

        return new(low);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) =>
        BatchReader.Read(Fresh(cancel).Log, after, cancel);

    /// <summary>Refuses new appends, answers those that wait, writes a close marker, and lets go of the directory.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>The same as <see cref="Open(EmbeddedLedgerOptions)"/> without threads: the caller calls the steps.</summary>
    internal static EmbeddedLedger OpenStepped(EmbeddedLedgerOptions options, ReadPlan plan = ReadPlan.Free) =>
        Open(options, plan, withPumps: false);

    internal static EmbeddedLedger Open(EmbeddedLedgerOptions options, ReadPlan plan, bool withPumps = true)
    {
        if (!options.Checked().Disk.DirectoryExists)
            throw Unavailable.NotALedger(options.Disk.Location);
        var directory = TakeDirectory(options);
        try
        {
            var health = new LedgerHealth();
            return new EmbeddedLedger(options, plan, health, Engine.OpenForWriting(options, health, plan), directory, withPumps);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    internal static EmbeddedLedger OpenReadOnly(EmbeddedLedgerOptions options, ReadPlan plan)
    {
        var health = new LedgerHealth();
        var engine = Engine.OpenForReading(options.Checked(), health, plan);
        return new EmbeddedLedger(options, plan, health, engine, directory: null, withPumps: false);
    }

    internal bool StepWriter() => Current.StepWriter();

    internal bool StepStaging() => Current.StepStaging();

    internal bool StepIndex() => Current.StepIndex();

    internal bool StepSpace()
    {
        if (!Current.WaitsForSpace)
            return Current.StepSpace();
        TryToBegin();
        return false;
    }

    internal void Failed(Exception failure) => Current.Failed(failure);

    internal void Close()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        _beginning?.Dispose();
        _meter?.Dispose();
        Current.Close();
        foreach (var retired in _retired)
            retired.Close();
        Health.Stop("closed", "The ledger is closed.");
        _directory?.Dispose();
    }

    private static IDisposable TakeDirectory(EmbeddedLedgerOptions options)
    {
#if ZOO
        if (Zoo.Bug("no-lock"))
            return new MemoryStream();
#endif
        return options.Disk.TryLock() ?? throw Unavailable.Locked(options.Disk.Location);
    }

    private Engine Fresh(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this); // what is let go of already would look empty
        var engine = Current;
        engine.View?.Refresh();
        return engine;
    }

    /// <summary>
    /// The disk was full when the ledger was opened: opens it again, at most once in a while, and keeps it if there is a writer now.
    /// </summary>
    private void TryToBegin()
    {
        lock (_lock)
        {
            if (_disposed || !_engine.WaitsForSpace || _options.Clock.GetElapsedTime(_spaceTriedAt) < TryAgainForSpace)
                return;
            _spaceTriedAt = _options.Clock.GetTimestamp();
            var next = Engine.OpenForWriting(_options, Health, _plan);
            if (next.WaitsForSpace)
            {
                next.Close();
                return;
            }

            Health.Resume();
            if (_withPumps)
                next.StartPumps();
            var before = _engine;
            _retired.Add(before); // reads that began on it may end on it
            Volatile.Write(ref _engine, next);
            before.Log.HeadMoved.End();
            _beginning?.Dispose();
        }
    }

    private void BeginWhenThereIsSpace()
    {
        try
        {
            TryToBegin();
        }
        catch (Exception failure) when (failure is IOException or LedgerUnavailableException or LedgerDamagedException)
        {
            Health.Warn($"The ledger could not begin to take writes: {failure.Message}"); // the next append meets it, and tells its caller
        }
    }

    private async ValueTask<AppendOutcome> AppendTraced(AppendRequest request, CancellationToken cancel)
    {
        using var activity = Telemetry.Begin(request);
        var outcome = await Take(request, cancel);
        Telemetry.Say(activity, outcome);
        return outcome;
    }

    private ValueTask<AppendOutcome> Take(AppendRequest request, CancellationToken cancel)
    {
        var began = _options.Clock.GetTimestamp();
        if (Limits.Check(request) is { } refused)
            return Tell(refused, began);
        cancel.ThrowIfCancellationRequested();
        if (_disposed)
            return Tell(new AppendOutcome.ReadOnly("the ledger is closed"), began);
        if (Current.WaitsForSpace)
            TryToBegin();
        var engine = Current;
        if (Health.Trouble is { Passing: false } trouble)
            return Tell(new AppendOutcome.ReadOnly(trouble.Reason), began);
        if (engine.Writer is null)
        {
            var reason = Health.Trouble?.Reason ?? "The ledger is only now beginning to take writes.";
            return Tell(new AppendOutcome.ReadOnly(reason), began);
        }

        request = Canonical.Of(request);
        var weight = Canonical.WeightOf(request);
        return engine.Queue.TryEnter(weight)
            ? Enqueue(engine, request, weight, began, cancel)
            : EnterAndEnqueue(engine, request, weight, began, cancel);
    }

    private async ValueTask<AppendOutcome> EnterAndEnqueue(
        Engine engine, AppendRequest request, long weight, long began, CancellationToken cancel)
    {
        if (await engine.Queue.Enter(weight, request.Timeout ?? _options.AppendTimeout, cancel))
            return await Enqueue(engine, request, weight, began, cancel);
        if (_disposed)
            return await Tell(new AppendOutcome.ReadOnly("the ledger is closed"), began);
        return await Tell(
            Health.Trouble is { Passing: false } trouble
                ? new AppendOutcome.ReadOnly(trouble.Reason)
                : new AppendOutcome.Overloaded("the queue was full until the time was up; nothing was staged"),
            began);
    }

    private ValueTask<AppendOutcome> Tell(AppendOutcome outcome, long began)
    {
        Telemetry.Note(outcome, _options.Clock, began);
        return new(outcome);
    }

    private ValueTask<AppendOutcome> Enqueue(Engine engine, AppendRequest request, long weight, long began, CancellationToken cancel)
    {
        var draft = engine.Drafts.Take(weight);
        try
        {
            draft.Encoded.Encode(request, weight, engine.Log.Hasher, engine.Salts);
            draft.Precheck.Run(request, draft.Encoded, engine.Log);
            if (draft.Encoded.EventCount > 0 && TryAnswerRepeat(engine, request, draft) is { } repeat)
            {
                engine.Drafts.Return(draft);
                engine.Queue.Leave(weight);
                return Tell(repeat, began);
            }

            var pending = new PendingAppend(request, draft, weight)
            {
                Clock = _options.Clock,
                Began = began,
                Deadline = DeadlineAfter(request.Timeout ?? _options.AppendTimeout),
            };
            var answer = pending.Task;
            pending.CancelBy(cancel);
            if (engine.Queue.TryAdd(pending))
                return answer;
            engine.Drafts.Return(draft);
            engine.Queue.Leave(weight);
            pending.Answer(new AppendOutcome.ReadOnly("the ledger is closed"));
            return answer;
        }
        catch
        {
            engine.Queue.Leave(weight);
            throw;
        }
    }

    private long DeadlineAfter(TimeSpan timeout)
    {
        var now = _options.Clock.GetTimestamp();
        var ticks = timeout.TotalSeconds * _options.Clock.TimestampFrequency;
        return timeout == Timeout.InfiniteTimeSpan || ticks >= long.MaxValue - now ? long.MaxValue : now + (long)ticks;
    }

    /// <summary>
    /// Answers on the caller's thread when every event stands in the ledger durably: that never changes again, so the writer need not be
    /// asked.
    /// </summary>
    private static AppendOutcome? TryAnswerRepeat(Engine engine, AppendRequest request, AppendDraft draft)
    {
        var (encoded, precheck) = (draft.Encoded, draft.Precheck);
        if (!precheck.AnyIdKnown && !engine.Reader.TryFindUnsealed(encoded.Records[0].Id, out _))
            return null;
        var knownAt = new long[encoded.EventCount];
        for (var e = 0; e < knownAt.Length; e++)
        {
            knownAt[e] = precheck.KnownId(e);
            if (knownAt[e] == 0 && !engine.Reader.TryFindUnsealed(encoded.Records[e].Id, out knownAt[e]))
                return null;
        }

        return RepeatJudge.Judge(request, knownAt, engine.Reader.LoadStored);
    }

    private async IAsyncEnumerable<EventPage> Read(
        ReadRequest request, bool acrossTenants, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Limits.Check(request) is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (true)
        {
            var engine = Fresh(cancel);
            await foreach (var page in engine.Reader.Read(request, acrossTenants ? null : request.Tenant, cancel))
            {
                request = request with
                {
                    After = request.Backward ? request.After : Math.Max(request.After, page.ScannedTo),
                    Limit = request.Limit - page.Events.Length,
                };
                yield return page;
            }

            if (!request.Follow || request.Limit == 0 || _disposed || engine == Current)
                yield break;
        }
    }
}
