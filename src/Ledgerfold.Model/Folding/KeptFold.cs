using System.Diagnostics;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// One fold that is kept: a loop that reads the ledger behind the position its rows reflect, folds, and writes rows and position together.
/// There is one way back from everything unexpected: forget what is in memory, pause, and begin again where the rows stand. Only the loop
/// touches memory and what is held; others ask by a request, which it takes up between two pages.
/// </summary>
internal sealed class KeptFold : IAsyncDisposable
{
    private readonly FoldContext _context;
    private readonly PageFold _pages;
    private readonly FoldClaim _claim;
    private readonly Signal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FoldRequests _requests;
    private bool _abandoned;
    private string? _damage; // what a reader met
    private long _written; // up to here the store has the rows, as far as is known
    private int _lost; // 1 where a reader found rows older than they can be
    private long _limit = long.MaxValue; // it folds no further
    private Task? _running;

    // the loop only
    private readonly HashSet<long> _doubtful = []; // positions of batches that may or may not have been written
    private readonly List<(FoldRequest Request, bool Done)> _answers = []; // given once what they speak of is written
    private Checkpoint? _writing;
    private Release? _release;
    private PageInHand? _page;
    private long _durable;
    private long _scanned;
    private long _clean; // up to here no change waits to be written
    private bool _caughtUp;
    private long? _unwrittenSince; // of the clock's timestamp; null where nothing waits to be written
    private int _changedMax;
    private int _failures;

    public KeptFold(FoldSource source, ILedger ledger, IFoldStore store, FoldEngineOptions options, FoldName? keptAs = null)
    {
        Source = source;
        var (projection, codec) = (keptAs is { } name ? source.Projection.KeptAs(name) : source.Projection, source.Codec);
        var memory = new FoldMemory(projection, store, options.CachedRowsMax);
        _context = new FoldContext(projection, codec, ledger, store, options, memory, new HeldKeys(projection.Fold, options));
        _pages = new PageFold(_context);
        _claim = new FoldClaim(projection.Fold, store);
        _requests = new FoldRequests(_wake);
        _changedMax = options.DirtyRowsMax;
        Progress = new FoldProgress(options.Clock);
        Waiters = new FoldWaiters(options.Clock, _wake);
    }

    /// <summary>What it was made of: the projection as its users know it.</summary>
    public FoldSource Source { get; }

    /// <summary>The same, under the name that its rows have in the store.</summary>
    public Projection Projection => _context.Projection;

    public EventCodec Codec => _context.Codec;

    /// <summary>Where the store stands at least, unless the rows were dropped.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>
    /// How far it folds: it stands still there, with everything before it written, until it may go on. What it has folded already stays.
    /// </summary>
    public long Limit
    {
        get => Interlocked.Read(ref _limit);
        set
        {
            Interlocked.Exchange(ref _limit, value);
            _wake.Set();
        }
    }

    /// <summary>How far it has folded, written or not.</summary>
    public long Scanned => Interlocked.Read(ref _scanned);

    public FoldProgress Progress { get; }

    public FoldWaiters Waiters { get; }

    public HeldKeys Held => _context.Held;

    private FoldEngineOptions Options => _context.Options;

    private FoldMemory Memory => _context.Memory;

    public void Start()
    {
        if (_running is not null)
            return;
        _requests.Open();
        _running = Ambient.Begin(Run);
    }

    /// <summary>Asks the loop for something; false at once when it has ended.</summary>
    public Task<bool> Ask(FoldRequest request) => _requests.Ask(request);

    /// <summary>A reader met rows that are not what was written.</summary>
    public void ReportDamage(string message)
    {
        Interlocked.CompareExchange(ref _damage, message, null);
        _wake.Set();
    }

    /// <summary>A reader met rows that are older than those that were written: another copy dropped them.</summary>
    public void ReportLoss()
    {
        Interlocked.Exchange(ref _lost, 1);
        _wake.Set();
    }

    /// <summary>Writes what is folded, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Ambient.CancelHere(_stop);
        _wake.Set();
        if (_running is not null)
            await _running;
        _requests.Close();
        Waiters.End();
    }

    /// <summary>Ends as a crash would: nothing more is written.</summary>
    internal ValueTask Abandon()
    {
        _abandoned = true;
        return DisposeAsync();
    }

    private async Task Run()
    {
        Activity.Current = null; // a trace of nobody: the loop may have been started in somebody's
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Open();
                await Follow();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (FoldsDamagedException damage)
            {
                if (!await Rebuild(damage.Message))
                    return;
            }
            catch (FoldMovedException moved) when (moved.Position is not { } position || !_doubtful.Contains(position))
            {
                Stop(moved);
                return;
            }
            catch (Exception broken) when (broken is FoldBrokenException or LedgerTruncatedException)
            {
                Stop(broken);
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                await Pause(failure);
            }
        }

        Progress.Stop(error: null);
        _requests.Close();
        Waiters.End();
    }

    private void Stop(Exception reason)
    {
        Progress.Stop(FoldError.Say(reason));
        Held.Show();
        _requests.Close();
        Waiters.End();
    }

    private async Task Pause(Exception failure)
    {
        Telemetry.FoldRestarts.Add(1, _context.Tag);
        Progress.Pause(failure);
        Progress.Busy(false);
        await Ambient.Pause(Options.Clock, Options.PauseBefore(++_failures), _stop.Token);
    }

    private async Task<bool> Rebuild(string why)
    {
        try
        {
            if (!await _claim.IsMine(_stop.Token))
            {
                Stop(new FoldMovedException(position: null));
                return false;
            }

            Telemetry.FoldRebuilds.Add(1, _context.Tag);
            Progress.Rebuild(why);
            Show(0, 0); // before they are gone, so that nobody takes what is missing for what is true
            var dropped = await _context.Store.Drop(Projection.Fold, _stop.Token);
            if (dropped is not FoldOutcome.Written)
                await Pause(new FoldStoreBusyException($"The rows cannot be dropped: {dropped}"));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            await Pause(failure);
        }

        return true;
    }

    private async Task Open()
    {
        var position = await _claim.Take(Options.Chance, _stop.Token);
        var range = await _context.Ledger.ReadRange(_stop.Token);
        if (position > range.Head)
            throw new FoldsDamagedException($"They stand at position {position}, and the ledger ends at {range.Head}.");
        _pages.Clear();
        Memory.Clear(isEmpty: position == 0);
        await Held.Load(_context.Store, _stop.Token);
        (_durable, _scanned, _clean, _caughtUp) = (position, position, position, false);
        (_writing, _release, _page, _unwrittenSince) = (null, null, null, null);
        Progress.Begin(position);
        ShowVisible();
    }

    private async Task Follow()
    {
        using var timer = Options.Clock.CreateTimer(
            static state => ((Signal)state!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await using var feed = new PageFeed(_context.Ledger, Projection.Query, _scanned, _wake, _stop.Token);
            while (!_stop.IsCancellationRequested)
            {
                Progress.Busy(true);
                if (await Turn(feed))
                    continue;
                Progress.Busy(false);
                Arm(timer);
                await _wake.Wait();
            }

            if (!_abandoned)
                await WriteLast();
        }
        finally
        {
            await LetGo();
        }
    }

    /// <summary>One round of the loop; false when there is nothing to do now.</summary>
    private async ValueTask<bool> Turn(PageFeed feed)
    {
        if (_writing is { IsAnswered: true })
            await Settle();
        if (Interlocked.Exchange(ref _damage, null) is { } damage)
            throw new FoldsDamagedException(damage);
        if (Interlocked.Exchange(ref _lost, 0) != 0)
            throw new FoldMovedException(await _context.Store.ReadPosition(Projection.Fold, _stop.Token));
        if (_writing is null && IsDue())
            await BeginWrite();
        var worked = await FoldNext(feed);
        worked |= await ReleaseNext();
        Held.Show();
        ShowVisible();
        return worked || (_writing is null && IsDue());
    }

    private async ValueTask<bool> FoldNext(PageFeed feed)
    {
        if (_scanned >= Limit || (_writing is not null && Memory.Changed >= _changedMax))
            return false; // it may go no further; or the store is slower than the fold, and memory has its bounds
        if (_page is null)
        {
            if (!feed.TryTake(out var page))
                return false;
            _page = new PageInHand(page);
        }

        var part = _page.Next(_changedMax, Limit);
        await _pages.Fold(part.Events, _stop.Token);
        Telemetry.FoldEvents.Add(part.Events.Length, _context.Tag);
        if (_page.IsDone)
            _page = null;
        Note(part.ScannedTo, part.CaughtUp);
        return true;
    }

    private void Note(long position, bool caughtUp)
    {
        _caughtUp = caughtUp;
        if (position <= _scanned)
        {
            Progress.Scanned(_scanned, caughtUp);
            return;
        }

        Interlocked.Exchange(ref _scanned, position);
        Unwritten();
        Progress.Scanned(position, caughtUp);
    }

    private void Unwritten() => _unwrittenSince ??= Options.Clock.GetTimestamp();

    private async ValueTask<bool> ReleaseNext()
    {
        _release ??= NextRelease();
        if (_release is null || (_writing is not null && Memory.Changed >= _changedMax))
            return false;
        if (await _release.Step(_scanned, _stop.Token) is { } released)
        {
            if (_release.Asked is { } request)
                _answers.Add((request, released));
            await _release.DisposeAsync();
            _release = null;
        }

        if (HasChanges)
            Unwritten();
        return true;
    }

    private Release? NextRelease()
    {
        while (_requests.Take() is { } request)
        {
            if (Held.Find(request.Name) is { } held && (request.Position is null || request.Position == held.Position))
            {
                if (request.Position is { } position)
                    Held.Skip(request.Name, position, request.Reason!);
                Held.Trying(request.Name);
                return Release.Of(_context, request.Name, request);
            }

            request.Answer.TrySetResult(false);
        }

        if (Held.NextDue() is not { } due)
            return null;
        Held.Trying(due);
        return Release.Of(_context, due, asked: null);
    }

    private bool HasChanges => Memory.Changed > 0 || Held.HasChanges;

    private bool IsDue() => DueIn() is { } left && left <= TimeSpan.Zero;

    /// <summary>How long a batch may still wait; null when there is none to write.</summary>
    private TimeSpan? DueIn()
    {
        var changed = HasChanges;
        if (!changed && _scanned == _durable && _answers.Count == 0)
            return null;
        if (_scanned >= Limit)
            return TimeSpan.Zero; // somebody waits for it
        if (Memory.Changed >= _changedMax || _answers.Count > 0 || (changed && Waiters.WantedMin <= _scanned && _scanned > _durable))
            return TimeSpan.Zero;
        var pause = changed && _caughtUp ? Options.FreshWithin : Options.CheckpointEvery;
        return _unwrittenSince is { } since ? pause - Options.Clock.GetElapsedTime(since) : TimeSpan.Zero;
    }

    private async ValueTask BeginWrite()
    {
        _unwrittenSince = null;
        var move = new FoldMove(_durable, _scanned);
#if ZOO
        if (Zoo.Bug("model-checkpoint-without-fence") && await _context.Store.ReadPosition(Projection.Fold) is var stands)
            move = new FoldMove(stands, Math.Max(stands, _scanned));
#endif
        _writing = await Checkpoint.Draw(_context, _claim.Row, move);
        _writing.Answers.AddRange(_answers);
        _answers.Clear();
        _writing.Begin(_context, _wake, _pages.TakeSpans());
    }

    private async ValueTask Settle()
    {
        var written = _writing!;
        switch (await written.Answer!)
        {
            case FoldOutcome.Written:
                written.Settle(Held);
                GiveAnswers(written.Answers);
                Memory.Trim();
                _durable = written.Batch.Position;
                (_failures, _changedMax) = (0, Math.Min(Options.DirtyRowsMax, _changedMax * 2));
                if (HasChanges || _scanned > _durable)
                    Unwritten();
                break;
            case FoldOutcome.FoldMoved moved:
                throw new FoldMovedException(moved.Actual);
            case var lost when _claim.IsLost(lost):
                throw new FoldMovedException(position: null);
            case FoldOutcome.Indeterminate unknown:
                _doubtful.Add(written.Batch.Position);
                throw new FoldStoreBusyException($"The fold store cannot say whether it wrote: {unknown.Reason}");
            case FoldOutcome.ReadOnly readOnly:
                throw new FoldStoreBusyException($"The fold store takes no writes: {readOnly.Reason}");
            case var refused:
                PutBack(written, refused);
                break;
        }

        _writing = null;
    }

    private static void GiveAnswers(List<(FoldRequest Request, bool Done)> answers)
    {
        foreach (var (request, done) in answers)
            request.Answer.TrySetResult(done);
        answers.Clear();
    }

    private void PutBack(Checkpoint refused, FoldOutcome outcome)
    {
        _answers.AddRange(refused.Answers);
        if (refused.PutBack(Memory, Held, outcome))
        {
            _unwrittenSince = null; // at once, without the guilty row
            return;
        }

        // not one row but the batch was too much
        if (_changedMax == 1)
            throw new FoldBrokenException($"The fold store refuses its rows: {outcome}");
        _changedMax = Math.Max(1, Math.Min(_changedMax, refused.Batch.Rows.Length) / 4);
        throw new FoldStoreBusyException($"The fold store refuses so many rows at once: {outcome}");
    }

    private async ValueTask WriteLast()
    {
        while (_writing is not null || HasChanges || _scanned > _durable)
        {
            if (_writing is null)
                await BeginWrite();
            await Settle();
        }

        ShowVisible();
    }

    private async ValueTask LetGo()
    {
        Memory.Clear(isEmpty: false);
        if (_release is not null)
            await _release.DisposeAsync();
        _release?.Asked?.Answer.TrySetResult(false);
        _release = null;
        if (_writing?.Answer is { } answer)
            await answer.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Current);
        foreach (var (request, _) in _answers.Concat(_writing?.Answers ?? []))
            request.Answer.TrySetResult(false);
        _answers.Clear();
        _writing = null;
    }

    /// <summary>
    /// What is not written does not show; where nothing waits to be written, the rows are right up to what was looked at, and stay right up
    /// to there when the next change waits.
    /// </summary>
    private void ShowVisible()
    {
        if (!HasChanges && _writing is not { HasChanges: true })
            _clean = _scanned;
#if ZOO
        if (Zoo.Bug("model-shows-what-is-not-written"))
            _clean = _scanned;
#endif
        Show(Math.Max(_clean, _durable), _durable);
    }

    private void Show(long visible, long durable)
    {
        Interlocked.Exchange(ref _written, durable);
        Progress.Shown(visible);
        Waiters.Show(visible);
    }

    private void Arm(ITimer timer)
    {
        var due = _writing is null ? DueIn() : null;
        if (Held.UntilRetry is { } retry && (due is null || retry < due) && _release is null)
            due = retry;
        timer.Change(due is { } left ? Ambient.WholeMillis(left) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
