using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Reading;

/// <summary>
/// The log as a process sees it that does not write it, perhaps while another does. A batch is shown once something stands behind it, which
/// the writer puts there only after the sync of that batch; an idle writer does so within a moment. What stands last may be of a sync that
/// failed: nobody but the next writer can make it durable, by writing it again, and until then it is not shown. Changes nothing and locks
/// nothing. Refreshed before each read, and on a timer while somebody follows.
/// </summary>
internal sealed class LiveView : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly EmbeddedLedgerOptions _options;
    private readonly LoadedLog _loaded;
    private readonly ITimer _timer;
    private SegmentReplay _tail;
    private bool _isClosed;

    private LiveView(EmbeddedLedgerOptions options, LoadedLog loaded)
    {
        _options = options;
        _loaded = loaded;
        _tail = loaded.Tail;
        _timer = options.Clock.CreateTimer(_ => LookForFollowers(), null, LookAgain, LookAgain);
    }

    public Log Log => _loaded.Log;

    /// <summary>Where every cursor stands, as far as it is shown.</summary>
    public CursorTable Cursors
    {
        get
        {
            lock (_lock)
                return _tail.Cursors;
        }
    }

    private IDisk Disk => _options.Disk;

    public static LiveView Open(EmbeddedLedgerOptions options)
    {
        var disk = options.Disk;
        if (!disk.DirectoryExists)
            throw Unavailable.NotALedger(disk.Location);
        var loaded = LoadedLog.From(disk, Survey.Of(disk), options, readOnly: true);
        if (loaded.Tail is null)
            throw Unavailable.Damaged(loaded.Trouble!.Reason);
        var view = new LiveView(options, loaded);
        loaded.ShowWhatIsVouchedFor();
        return view;
    }

    /// <summary>Looks for what the writer has added.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            while (Extend())
            {
            }

            if (Log.Index.Damaged.Any())
                RefreshIndex(); // the writer may have rebuilt it

            if (Log.Last.LastPosition > Log.Head)
                Log.Publish(Log.Last.LastPosition);
        }
    }

    /// <summary>Nothing is looked at any more once this returns, so that the disk may be let go of.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
            _isClosed = true;
    }

    private void LookForFollowers()
    {
        try
        {
            lock (_lock)
            {
                if (!_isClosed)
                    Refresh();
            }
        }
        catch (Exception failure) when (failure is IOException or LedgerUnavailableException)
        {
            // the next read meets it, and has somebody to tell
        }
    }

    private bool Extend()
    {
        Walk();
        var next = $"segment-{Log.Last.Number + 1:D8}-";
        if (!Disk.List().Any(name => name.StartsWith(next, StringComparison.Ordinal)))
            return false;
        var chain = Survey.Of(Disk).Chain;
        var header = chain.FirstOrDefault(one =>
            one.PreviousSegment == Log.Last.Number && one.PreviousEpoch == Log.Last.Header.Epoch);
        if (header is null)
            return false;
        Walk(); // all of the old segment was written before the new one
        if (_tail.Offset <= header.PreviousLength)
            _tail.Settle();
        var old = Log.Last;
        old.SealedCursors = _tail.Cursors;
        var segment = new Segment(header) { Index = new MemoryIndex(header.FirstPosition) };
        _tail = new SegmentReplay(Log, segment, [.. header.PreviousChain], _tail.Cursors);
        Walk(segment);
        if (segment.LastPosition < Log.Head)
            _tail.Settle(); // the batch that was written again was shown already, and stays shown
        Log.Add(segment);
        old.SealedChain = header.PreviousChain;
        old.End = header.PreviousLength;
        old.LastPosition = header.FirstPosition - 1;
        LetGoOfCovered();
        return true;
    }

    private void Walk() => Walk(Log.Last);

    private void Walk(Segment segment)
    {
        using var file = Disk.Open(segment.Name, writable: false);
        _tail.Walk(new FrameReader(file, Log.StoreId));
    }

    /// <summary>The writer's runs take over from the indexes in memory.</summary>
    private void LetGoOfCovered()
    {
        RefreshIndex();
        foreach (var segment in Log.Segments)
        {
            if (segment.IsSealed && segment.Index is not null && segment.LastPosition <= Log.Index.SealedThrough)
                Log.DropIndexOf(segment);
        }
    }

    private void RefreshIndex() => Log.Index.Refresh(summary => LoadedLog.Agrees(summary, Log.Segments), Log.Segments[0].Number);
}
