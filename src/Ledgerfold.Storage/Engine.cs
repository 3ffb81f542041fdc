using Ledgerfold.Seams;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Upkeep;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage;

/// <summary>
/// An opened log with all that works on it. Opened for writing it has a writer, unless the log may only be read or the disk has no space to
/// begin in; opened for reading it has a view that follows another process's writer. Closed once.
/// </summary>
internal sealed class Engine
{
    private const int StagedAheadFrom = 8; // so many must wait before it pays to wake a thread for them
    private const int WriterSpins = 200; // some tens of microseconds, within which a caller that was answered comes back

    private readonly EmbeddedLedgerOptions _options;
    private readonly LedgerHealth _health;
    private readonly List<Pump> _pumps = [];
    private readonly CursorTable _cursors;
    private readonly EpochClaim? _claim;
    private readonly IndexUpkeep? _indexUpkeep;
    private readonly SpaceUpkeep? _spaceUpkeep;
    private ITimer? _deadlines;
    private Segment? _named; // index upkeep only

    private Engine(EmbeddedLedgerOptions options, LedgerHealth health, Log log, ReadPlan plan, CursorTable cursors)
    {
        _options = options;
        _health = health;
        _cursors = cursors;
        Log = log;
        Reader = new EventReader(log, plan);
        Queue = new AppendQueue(options.QueueBytesMax, options.Clock);
        Salts = new Salts(options.Chance);
    }

    private Engine(EmbeddedLedgerOptions options, LedgerHealth health, WriterStart start, ReadPlan plan)
        : this(options, health, start.Log, plan, start.Cursors)
    {
        _claim = start.Claim;
        Writer = new LogWriter(start, options, health, Queue, Drafts, Reader.LoadStored);
        _named = Log.Last;
        _indexUpkeep = new IndexUpkeep(Log, health);
        _spaceUpkeep = new SpaceUpkeep(Log, Writer, options, health);
    }

    public Log Log { get; }

    public EventReader Reader { get; }

    public AppendQueue Queue { get; }

    public AppendDrafts Drafts { get; } = new();

    public Salts Salts { get; }

    /// <summary>The writer; null where there is none to be had.</summary>
    public LogWriter? Writer { get; }

    /// <summary>The view of another process's log; null for one that was opened for writing.</summary>
    public LiveView? View { get; private init; }

    public RecoveryReport Recovery { get; private init; } = new();

    /// <summary>Whether it was opened for writing and waits for the space to begin.</summary>
    public bool WaitsForSpace { get; private init; }

    /// <summary>Where every cursor stands, durably.</summary>
    public CursorTable Cursors => Writer?.Cursors ?? View?.Cursors ?? _cursors;

    /// <summary>Opens the log for writing; the caller holds the directory.</summary>
    public static Engine OpenForWriting(EmbeddedLedgerOptions options, LedgerHealth health, ReadPlan plan)
    {
        try
        {
            var opener = new LedgerOpener(options.Disk, options, health);
            var (loaded, start) = opener.Open();
            return start is null
                ? new Engine(options, health, loaded.Log, plan, loaded.Cursors) { Recovery = opener.Report }
                : Begin(options, health, start, plan, opener.Report);
        }
        catch (DiskFullException)
        {
            health.Pause("disk-full", "The disk is full; the ledger takes writes when there is space to begin.");
            var loaded = LoadedLog.From(options.Disk, Survey.Of(options.Disk), options, readOnly: true);
            loaded.ShowWhatIsVouchedFor();
            return new Engine(options, health, loaded.Log, plan, loaded.Cursors) { WaitsForSpace = true };
        }
    }

    private static Engine Begin(
        EmbeddedLedgerOptions options, LedgerHealth health, WriterStart start, ReadPlan plan, RecoveryReport report)
    {
        try
        {
            return new Engine(options, health, start, plan) { Recovery = report };
        }
        catch
        {
            start.Segment.Dispose();
            start.Claim.Dispose();
            start.Log.Dispose();
            throw;
        }
    }

    /// <summary>Opens the log for reading, beside whoever writes it.</summary>
    public static Engine OpenForReading(EmbeddedLedgerOptions options, LedgerHealth health, ReadPlan plan)
    {
        health.Stop("opened-read-only", "The ledger was opened for reading only.");
        var view = LiveView.Open(options);
        return new Engine(options, health, view.Log, plan, CursorTable.Empty) { View = view };
    }

    /// <summary>One round of the writer.</summary>
    public bool StepWriter() => Writer?.Step() == true;

    /// <summary>Stages some of what waits while the writer syncs.</summary>
    public bool StepStaging() => Writer?.StageAhead() == true;

    /// <summary>One round of index upkeep; none any more once the writer has ended, which may have a successor.</summary>
    public bool StepIndex()
    {
        if (_indexUpkeep is null || _health.Trouble is { Passing: false })
            return false;
        try
        {
            NameLastSegment();
            return _indexUpkeep.Step();
        }
        catch (IOException failure)
        {
            _health.Stop("disk-failed", $"The disk failed ({failure.Message}); restart to recover what was acknowledged.");
            return false;
        }
    }

    /// <summary>One round of space upkeep.</summary>
    public bool StepSpace() => _spaceUpkeep?.Step() == true;

    /// <summary>Gives each kind of work a thread of its own.</summary>
    public void StartPumps()
    {
        if (Writer is null)
            return;
        var writing = new Pump("ledgerfold writer", Writer.Step, () => Queue.Count > 0, TimeSpan.FromMilliseconds(50), WriterSpins, Failed);
        var indexing = new Pump("ledgerfold index", StepIndex, () => _indexUpkeep!.HasWork, TimeSpan.FromSeconds(1), 0, Failed);
        var spacing = new Pump("ledgerfold space", StepSpace, static () => false, TimeSpan.FromSeconds(1), 0, Failed);
        var staging = new Pump("ledgerfold staging", StepStaging, static () => false, TimeSpan.FromSeconds(1), 0, Failed);
        Queue.Queued = () =>
        {
            writing.Wake();
            if (Writer.MayStageAhead && Queue.Count >= StagedAheadFrom)
                staging.Wake();
        };
        Writer.IndexWanted = indexing.Wake;
        Writer.SpaceLow = spacing.Wake;
        _pumps.AddRange([writing, staging, indexing, spacing]);
        foreach (var pump in _pumps)
            pump.Start();
        var tick = TimeSpan.FromMilliseconds(100);
        _deadlines = _options.Clock.CreateTimer(_ => Queue.TimeOutLate(), null, tick, tick);
    }

    /// <summary>Takes no more appends, answers those that wait, writes a close marker, and lets go of everything.</summary>
    public void Close()
    {
        Queue.End();
        foreach (var pump in _pumps)
            pump.Dispose();
        _deadlines?.Dispose();
        Writer?.Close();
        Writer?.Segment.Dispose();
        View?.Dispose();
        Log.Dispose();
        _claim?.Dispose();
    }

    /// <summary>A pump met what nobody foresaw: no caller may wait for a thread that is gone.</summary>
    public void Failed(Exception failure)
    {
        _health.Stop("failed", $"An error that nobody foresaw ({failure.GetType().Name}: {failure.Message}); restart to recover.");
        Queue.End();
        Queue.AnswerAll(new AppendOutcome.Indeterminate("the writer failed"));
    }

    /// <summary>
    /// Says durably which segment is the last, once it has changed: a file that vanishes is missed from then on. Not the writer's work, so
    /// that no append waits for it.
    /// </summary>
    private void NameLastSegment()
    {
        var last = Log.Last;
        if (last == _named)
            return;
        _claim!.Write(manifest => manifest with
        {
            Head = Math.Max(manifest.Head, Log.Head),
            Segment = last.Number,
            SegmentEpoch = last.Header.Epoch,
            SegmentLength = last.End,
        });
        _named = last;
    }
}
