using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Storage.Segments;
using Ledgerfold.Storage.Writing;

namespace Ledgerfold.Storage.Reading;

/// <summary>
/// The log as a process sees it that does not write it, perhaps while another does. A batch is shown once the next one vouches for it,
/// which an idle writer adds within a moment. Where no writer lives, what stands at the end is made durable first and then shown as well.
/// Refreshed before each read, and on a timer while somebody follows.
/// </summary>
internal sealed class LiveView : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly EmbeddedLedgerOptions _options;
    private readonly LoadedLog _loaded;
    private readonly ITimer _timer;
    private SegmentReplay _tail;

    private LiveView(EmbeddedLedgerOptions options, LoadedLog loaded)
    {
        _options = options;
        _loaded = loaded;
        _tail = loaded.Tail;
        _timer = options.Clock.CreateTimer(_ => RefreshForFollowers(), null, LookAgain, LookAgain);
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
        loaded.Log.Publish(loaded.Log.Last.LastPosition);
        view.ShowTheEndIfAlone();
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

            if (Log.Last.LastPosition > Log.Head)
                Log.Publish(Log.Last.LastPosition);
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Makes what stands at the end durable, and shows it; the caller knows that no writer lives.</summary>
    public static void ShowTheEnd(IDisk disk, Log log, SegmentReplay tail)
    {
        try
        {
            using var file = disk.Open(log.Last.Name, writable: true);
            file.Sync();
            tail.Settle();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // a medium that cannot be written: only what is vouched for is shown
        }
    }

    /// <summary>Holds the directory for no longer than it takes: a writer that starts meanwhile must not be turned away.</summary>
    private void ShowTheEndIfAlone()
    {
        using var alone = Disk.TryLock();
        if (alone is null || _loaded.Survey.Break is not null)
            return;
        Refresh();
        lock (_lock)
            ShowTheEnd(Disk, Log, _tail);
        Refresh();
    }

    private void RefreshForFollowers()
    {
        try
        {
            Refresh();
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
        Log.Index.Refresh(summary => LoadedLog.Agrees(summary, Log.Segments));
        foreach (var segment in Log.Segments)
        {
            if (segment.IsSealed && segment.Index is not null && segment.LastPosition <= Log.Index.SealedThrough)
                Log.DropIndexOf(segment);
        }
    }
}
