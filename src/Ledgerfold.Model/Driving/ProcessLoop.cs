using System.Collections.Immutable;
using System.Diagnostics;
using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Processing;

namespace Ledgerfold.Model.Driving;

/// <summary>
/// Runs one process: takes up, in the order of the ledger, all that reaches its instances, and appends what each made of it together with
/// the move of the cursor. The cursor's expected value fences a second copy off. There is one way back from everything unexpected: forget
/// what is in memory, pause, and begin again where the cursor stands.
/// </summary>
internal sealed class ProcessLoop : IAsyncDisposable
{
    /// <summary>The tenant of what belongs to no tenant: up to where a process has taken up everything, whosever it is.</summary>
    public const string PlatformTenant = "$processes";

    private const int FloorEvery = 10_000;

    private readonly ILedger _ledger;
    private readonly ProcessOptions _options;
    private readonly ProcessTaking _taking;
    private readonly Signal _wake = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<ProcessDraft> _onTaken;
    private readonly TenantList _tenants;
    private Task? _running;

    // the loop only
    private readonly Dictionary<string, long> _cursors = new(StringComparer.Ordinal);
    private long _floor;
    private int _failures;

    public ProcessLoop(
        ProcessFold fold, EventCodec codec, ILedger ledger, TenantList tenants, ProcessOptions options, Action<ProcessDraft> onTaken)
    {
        (_ledger, _options, _tenants, _onTaken) = (ledger, options, tenants, onTaken);
        Fold = fold;
        _taking = new ProcessTaking(fold, codec, ledger, options);
        Waiters = new FoldWaiters(options.Clock, _wake);
    }

    public ProcessFold Fold { get; }

    public ILedger Ledger => _ledger;

    public string Name => Fold.Newest.Name;

    /// <summary>Who waits until everything up to a position is taken up.</summary>
    public FoldWaiters Waiters { get; }

    /// <summary>Why it stands still; null while it does not.</summary>
    public FoldError? LastError { get; private set; }

    /// <summary>Whether it pauses behind a failure.</summary>
    public bool IsPausing { get; private set; }

    /// <summary>How it does, the ledger ending there.</summary>
    public async ValueTask<ProcessStatus> ReadStatus(long head, CancellationToken cancel)
    {
        var position = Waiters.Visible;
        return new(Name, [.. Fold.Versions.Select(static one => one.Version)], position, head, IsPausing, LastError)
        {
            Lag = position < head ? await _ledger.ReadLag(_taking.Query, position, _options.Clock, cancel) : TimeSpan.Zero,
        };
    }

    private KeyValuePair<string, object?> Tag => new(TelemetryNames.Attributes.Process, Name);

    private string Consumer => $"process:{Name}";

    /// <summary>The event at a position, where it is one that the process reacts to. Any thread.</summary>
    public ValueTask<RecordedEvent?> FindEvent(string tenant, long position, CancellationToken cancel) =>
        _taking.FindEvent(tenant, position, cancel);

    public void Start() => _running ??= Ambient.Begin(Run);

    public async ValueTask DisposeAsync()
    {
        Ambient.CancelHere(_stop);
        _wake.Set();
        if (_running is not null)
            await _running;
        Waiters.End();
    }

    private async Task Run()
    {
        Activity.Current = null; // a trace of nobody: the loop may have been started in somebody's
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Follow();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                LastError = new FoldError(FoldError.Say(failure), _options.Clock.GetUtcNow());
                Telemetry.ProcessRestarts.Add(1, Tag);
                IsPausing = true;
                await Ambient.Pause(_options.Clock, _options.Restarts.PauseAfter(++_failures, _options.Chance), _stop.Token);
                IsPausing = false;
            }
        }

        Waiters.End();
    }

    private async Task Follow()
    {
        _cursors.Clear();
#if ZOO
        if (!Zoo.Bug("process-memory-kept-behind-a-failure"))
            _taking.Forget();
#else
        _taking.Forget();
#endif
        _floor = (await _ledger.ReadCursor(PlatformTenant, Consumer, 0, _stop.Token)).Position;
#if ZOO
        if (Zoo.Bug("process-begins-at-the-head"))
            _floor = (await _ledger.ReadRange(_stop.Token)).Head;
#endif
        await using var feed = new PageFeed(_ledger, _taking.Query, _floor, _wake, _stop.Token);
        while (!_stop.IsCancellationRequested)
        {
            if (feed.TryTake(out var page))
                await Take(page);
            else
                await _wake.Wait();
        }
    }

    private async Task Take(EventPage page)
    {
        foreach (var ofTenant in page.Events.GroupBy(static recorded => recorded.Tenant, StringComparer.Ordinal))
            await Take(ofTenant.Key, [.. ofTenant]);
        _failures = 0;
        Waiters.Show(page.ScannedTo);
        if (page.ScannedTo - _floor >= FloorEvery)
            await MoveFloor(page.ScannedTo);
    }

    private async Task Take(string tenant, ImmutableArray<RecordedEvent> events)
    {
        if (!_cursors.TryGetValue(tenant, out var cursor))
        {
            cursor = (await _ledger.ReadCursor(tenant, Consumer, 0, _stop.Token)).Position;
            if (cursor > 0)
                await _tenants.Add(tenant, _stop.Token); // another copy may have met it first
        }

        var draft = DraftOf(tenant, cursor);
        var arrivals = await _taking.Meet(tenant, events.Where(recorded => recorded.Position > cursor), _stop.Token);
        foreach (var arrival in arrivals)
        {
            var isCut = draft.IsFull || (draft.HasAssociations && arrival.LooksForAssociations);
#if ZOO
            isCut &= !(draft.HasAssociations && Zoo.Bug("process-association-not-written-when-looked-for"));
#endif
            if (isCut)
                draft = await Append(draft);
#if ZOO
            if (isCut && Zoo.Bug("process-input-lost-where-a-page-is-cut"))
                continue;
#endif
            var turn = new ProcessTurn(arrival.Recorded.Position, draft, Append);
            await _taking.Take(turn, arrival, _stop.Token);
            draft = turn.Draft;
            draft.TakenTo = turn.Position;
        }

        if (draft.Count > 0)
            draft = await Append(draft);
        else
            _taking.Settle(draft);
        _cursors[tenant] = draft.Cursor;
    }

    private async Task<ProcessDraft> Append(ProcessDraft draft)
    {
        await _tenants.Add(draft.Tenant, _stop.Token);
        switch (await _ledger.Append(draft.Request, _stop.Token))
        {
            case AppendOutcome.Appended:
#if ZOO
                if (Zoo.Bug("process-cursor-outside-the-append"))
                    await _ledger.Append(new AppendRequest { Tenant = draft.Tenant, CursorMoves = [draft.Move] }, _stop.Token);
#endif
                Telemetry.ProcessRecords.Add(draft.Count, Tag);
                _taking.Settle(draft);
                _onTaken(draft);
                return DraftOf(draft.Tenant, draft.TakenTo);
            case AppendOutcome.CursorMoved moved:
                throw new ProcessFencedException(Name, moved.Actual);
            case var outcome:
                throw new ProcessBusyException($"The ledger does not take what {Name} made of its inputs: {outcome}");
        }
    }

    private ProcessDraft DraftOf(string tenant, long cursor) => new(tenant, Consumer, cursor, _options.TogetherMax);

    /// <summary>
    /// Remembers up to where nothing is left to be taken up, so that a start need not look there. Not more than a shortcut.
    /// </summary>
    private async Task MoveFloor(long position)
    {
        var move = new CursorMove { Consumer = Consumer, Expected = _floor, Next = position };
        var request = new AppendRequest { Tenant = PlatformTenant, CursorMoves = [move] };
        _floor = await _ledger.Append(request, _stop.Token) is AppendOutcome.CursorMoved moved ? moved.Actual : position;
    }
}

/// <summary>Another copy of the process moved its cursor: this one begins again behind it.</summary>
internal sealed class ProcessFencedException(string process, long position)
    : Exception($"Another copy of {process} has taken up everything up to {position}.");

/// <summary>The ledger takes nothing now.</summary>
internal sealed class ProcessBusyException(string message) : Exception(message);
