using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Upkeep;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage;

/// <summary>
/// The ledger in one directory of this machine: one writer at a time, any number of readers, nothing to install. An append is acknowledged
/// when it is on disk; what the disk does not confirm is never told to anybody.
/// </summary>
public sealed class EmbeddedLedger : ILedger
{
    private readonly EmbeddedLedgerOptions _options;
    private readonly Log _log;
    private readonly EventReader _reader;
    private readonly AppendQueue _queue;
    private readonly LogWriter? _writer;
    private readonly LiveView? _view;
    private readonly IndexUpkeep? _indexUpkeep;
    private readonly SpaceUpkeep? _spaceUpkeep;
    private readonly List<IDisposable> _owned = [];
    private readonly List<Pump> _pumps = [];
    private bool _disposed;

    private EmbeddedLedger(EmbeddedLedgerOptions options, LoadedLog loaded, WriterStart? start, LedgerHealth health, ReadPlan plan)
    {
        _options = options;
        Health = health;
        _log = loaded.Log;
        _reader = new EventReader(_log, plan);
        _queue = new AppendQueue(options.QueueBytesMax, options.Clock);
        Cursors = loaded.Cursors;
        if (start is null)
            return;
        _writer = new LogWriter(start, options, health, _queue, _reader.LoadStored);
        _indexUpkeep = new IndexUpkeep(_log, health) { Covered = segment => RememberHead(start.Claim, segment) };
        _spaceUpkeep = new SpaceUpkeep(_log, _writer, options, health);
        _owned.Add(start.Claim);
    }

    private EmbeddedLedger(EmbeddedLedgerOptions options, LiveView view, LedgerHealth health, ReadPlan plan)
    {
        _options = options;
        Health = health;
        _view = view;
        _log = view.Log;
        _reader = new EventReader(_log, plan);
        _queue = new AppendQueue(0, options.Clock);
        Cursors = CursorTable.Empty;
    }

    /// <summary>Whether the ledger takes writes, and what an operator should know.</summary>
    public LedgerHealth Health { get; }

    /// <summary>What opening met at the end of the log.</summary>
    public RecoveryReport Recovery { get; private init; } = new();

    /// <summary>Names this store for ever, wherever its files are copied.</summary>
    public Guid StoreId => _log.StoreId;

    internal Log Log => _log;

    private CursorTable Cursors { get; }

    /// <summary>Creates an empty ledger in a directory that holds nothing.</summary>
    /// <exception cref="LedgerUnavailableException">The directory is not empty, or another process is in it.</exception>
    public static void Create(EmbeddedLedgerOptions options) => LedgerCreator.Create(options);

    /// <summary>Opens the ledger for writing, with threads of its own. It recovers first; where that ends in doubt it opens for reading only.</summary>
    /// <exception cref="LedgerUnavailableException">There is no ledger, another process writes to it, or its format is newer.</exception>
    public static EmbeddedLedger Open(EmbeddedLedgerOptions options) => Open(options, ReadPlan.Free);

    /// <summary>Opens the ledger for reading, also while another process writes to it. Changes nothing in the directory.</summary>
    /// <exception cref="LedgerUnavailableException">There is no ledger, or its format is newer.</exception>
    public static EmbeddedLedger OpenReadOnly(EmbeddedLedgerOptions options) => OpenReadOnly(options, ReadPlan.Free);

    /// <inheritdoc />
    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Limits.Check(request) is { } refused)
            return new(refused);
        cancel.ThrowIfCancellationRequested();
        if (_disposed)
            return new(new AppendOutcome.ReadOnly("the ledger is closed"));
        if (Health.Trouble is { Passing: false } trouble)
            return new(new AppendOutcome.ReadOnly(trouble.Reason));
        request = Canonical.Of(request);
        var weight = Canonical.WeightOf(request);
        return _queue.TryEnter(weight) ? Enqueue(request, weight, cancel) : EnterAndEnqueue(request, weight, cancel);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) => Read(request, request.Tenant, cancel);

    /// <inheritdoc />
    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        Read(request, tenant: null, cancel);

    /// <inheritdoc />
    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _view?.Refresh();
        return new(_reader.TryFindId(_log.Hasher.OfId(tenant, id), out var position) ? _reader.Load(position) : null);
    }

    /// <inheritdoc />
    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _view?.Refresh();
        return new(_reader.HeadOf(tenant, stream));
    }

    /// <inheritdoc />
    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _view?.Refresh();
        return new((_writer?.Cursors ?? _view?.Cursors ?? Cursors)[new CursorName(tenant, consumer, partition)]);
    }

    /// <inheritdoc />
    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _view?.Refresh();
        return new(new LedgerRange(_log.First, _log.Head));
    }

    /// <inheritdoc />
    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        _view?.Refresh();
        var micros = Times.ToMicros(time);
        long low = _log.First - 1, high = _log.Head;
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (_reader.RecordedAt(middle) <= micros)
                low = middle;
            else
                high = middle - 1;
        }

        return new(low);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default)
    {
        _view?.Refresh();
        return BatchReader.Read(_log, after, cancel);
    }

    /// <summary>Refuses new appends, answers those that wait, writes a close marker, and lets go of the directory.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    internal static EmbeddedLedger Open(EmbeddedLedgerOptions options, ReadPlan plan)
    {
        var ledger = OpenStepped(options, plan);
        ledger.StartPumps();
        return ledger;
    }

    /// <summary>The same as <see cref="Open(EmbeddedLedgerOptions)"/> without threads: the caller calls the steps.</summary>
    internal static EmbeddedLedger OpenStepped(EmbeddedLedgerOptions options, ReadPlan plan = ReadPlan.Free)
    {
        if (!options.Disk.DirectoryExists)
            throw Unavailable.NotALedger(options.Disk.Location);
        var taken = TakeDirectory(options);
        try
        {
            var health = new LedgerHealth();
            var opener = new LedgerOpener(options.Disk, options, health);
            var (loaded, start) = opener.Open();
            var ledger = new EmbeddedLedger(options, loaded, start, health, plan) { Recovery = opener.Report };
            ledger._owned.Insert(0, taken);
            return ledger;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    internal static EmbeddedLedger OpenReadOnly(EmbeddedLedgerOptions options, ReadPlan plan)
    {
        var health = new LedgerHealth();
        health.Stop("opened-read-only", "The ledger was opened for reading only.");
        return new EmbeddedLedger(options, LiveView.Open(options), health, plan);
    }

    internal void Close()
    {
        if (_disposed)
            return;
        _disposed = true;
        _queue.End();
        foreach (var pump in _pumps)
            pump.Dispose();
        _writer?.Close();
        _writer?.Segment.Dispose();
        _view?.Dispose();
        _log.Dispose();
        Health.Stop("closed", "The ledger is closed.");
        for (var o = _owned.Count - 1; o >= 0; o--)
            _owned[o].Dispose();
    }

    /// <summary>One round of the writer.</summary>
    internal bool StepWriter() => _writer?.Step() == true;

    /// <summary>One round of index upkeep.</summary>
    internal bool StepIndex() => _indexUpkeep?.Step() == true;

    /// <summary>One round of space upkeep.</summary>
    internal bool StepSpace() => _spaceUpkeep?.Step() == true;

    private static IDisposable TakeDirectory(EmbeddedLedgerOptions options)
    {
#if ZOO
        if (Zoo.Bug("no-lock"))
            return new MemoryStream();
#endif
        return options.Disk.TryLock() ?? throw Unavailable.Locked(options.Disk.Location);
    }

    private async ValueTask<AppendOutcome> EnterAndEnqueue(AppendRequest request, long weight, CancellationToken cancel)
    {
        if (!await _queue.Enter(weight, request.Timeout ?? _options.AppendTimeout, cancel))
            return new AppendOutcome.Overloaded("the queue was full until the time was up; nothing was staged");
        return await Enqueue(request, weight, cancel);
    }

    private ValueTask<AppendOutcome> Enqueue(AppendRequest request, long weight, CancellationToken cancel)
    {
        var encoded = EncodedAppend.Of(request, weight, _log.Hasher, _options.Chance);
        try
        {
            if (encoded.EventCount > 0 && TryAnswerRepeat(request, encoded) is { } repeat)
            {
                encoded.Release();
                _queue.Leave(weight);
                return new(repeat);
            }

            var timeout = request.Timeout ?? _options.AppendTimeout;
            var pending = new PendingAppend(request, Precheck.Run(request, encoded, _log), encoded, weight)
            {
                Deadline = _options.Clock.GetTimestamp() + (long)(timeout.TotalSeconds * _options.Clock.TimestampFrequency),
            };
            var answer = pending.Task;
            pending.CancelBy(cancel);
            if (_queue.TryAdd(pending))
                return answer;
            encoded.Release();
            _queue.Leave(weight);
            pending.Answer(new AppendOutcome.ReadOnly("the ledger is closed"));
            return answer;
        }
        catch
        {
            encoded.Release();
            _queue.Leave(weight);
            throw;
        }
    }

    /// <summary>
    /// Answers on the caller's thread when every event stands in the ledger durably: that never changes again, so the writer need not be asked.
    /// </summary>
    private AppendOutcome? TryAnswerRepeat(AppendRequest request, EncodedAppend encoded)
    {
        if (!_reader.TryFindId(encoded.Records[0].Id, out var first))
            return null;
        var knownAt = new long[encoded.EventCount];
        knownAt[0] = first;
        for (var e = 1; e < knownAt.Length; e++)
        {
            if (!_reader.TryFindId(encoded.Records[e].Id, out knownAt[e]))
                return null;
        }

        return RepeatJudge.Judge(request, knownAt, _reader.LoadStored);
    }

    private async IAsyncEnumerable<EventPage> Read(
        ReadRequest request, string? tenant, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (Limits.Check(request) is { } refused)
            throw new ArgumentException($"{refused.Field}: {refused.Rule}", nameof(request));
        ObjectDisposedException.ThrowIf(_disposed, this);
        _view?.Refresh();
        await foreach (var page in _reader.Read(request, tenant, cancel))
            yield return page;
    }

    private void RememberHead(EpochClaim claim, Segment covered)
    {
        try
        {
            var current = _log.Last;
            claim.Write(manifest => manifest with
            {
                Head = Math.Max(manifest.Head, covered.LastPosition),
                Segment = current.Number,
                SegmentEpoch = current.Header.Epoch,
            });
        }
        catch (IOException failure)
        {
            Health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
        }
    }

    private void StartPumps()
    {
        if (_writer is null)
            return;
        var writing = new WriterPump(_writer, _queue, _options.Clock, Failed);
        var indexing = new Pump("ledgerfold index", StepIndex, () => _indexUpkeep!.HasUncovered, TimeSpan.FromSeconds(1), 0, Failed);
        var spacing = new Pump("ledgerfold space", StepSpace, static () => false, TimeSpan.FromSeconds(1), 0, Failed);
        _queue.Queued = writing.Pump.Wake;
        _writer.Sealed = indexing.Wake;
        _writer.SpaceLow = spacing.Wake;
        _pumps.AddRange([writing.Pump, indexing, spacing]);
        foreach (var pump in _pumps)
            pump.Start();
        var tick = TimeSpan.FromMilliseconds(100);
        _owned.Add(_options.Clock.CreateTimer(_ => _queue.TimeOutLate(), null, tick, tick));
    }

    private void Failed(Exception failure)
    {
        Health.Stop("failed", $"The ledger met an error it does not know ({failure.GetType().Name}: {failure.Message}); restart to recover.");
        _queue.End();
        _queue.AnswerAll(new AppendOutcome.Indeterminate("the writer failed"));
    }
}
