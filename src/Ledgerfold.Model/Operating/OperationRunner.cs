using System.Collections.Frozen;
using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// Knows which operations are open, and runs those that are this engine's to run, so many at a time and in the order they were asked for.
/// That the list shows one that has ended a moment ago does no harm: whoever takes one up looks at the ledger first.
/// </summary>
internal sealed class OperationRunner(
    FrozenDictionary<string, Operation> kinds,
    OperationReader reader,
    OperationWriter writer,
    OperationOptions options,
    EngineEnd end)
{
    private readonly Signal _wake = new();

    // under the lock
    private readonly Lock _lock = new();
    private readonly Dictionary<OperationKey, OpenOperation> _open = [];
    private readonly Dictionary<OperationKey, OperationLife> _lives = [];
    private readonly Queue<OpenOperation> _turns = new();
    private bool _isStarted;
    private int _busy;

    /// <summary>Who waits for the end of an operation.</summary>
    public OperationEnds Ends { get; } = new(options.Clock);

    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    /// <summary>Every operation that may be open, oldest first.</summary>
    public ImmutableArray<OpenOperation> Open
    {
        get
        {
            lock (_lock)
                return [.. _open.Values.OrderBy(static one => one.Position)];
        }
    }

    /// <summary>From now on operations are run: these first, which others left behind.</summary>
    public void Start(IEnumerable<OpenOperation> leftBehind)
    {
        lock (_lock)
            _isStarted = true;
        foreach (var one in leftBehind)
            Add(one);
    }

    /// <summary>An operation was asked for, as far as is known here: it runs when its turn comes. Any thread, more than once.</summary>
    public void Add(OpenOperation open)
    {
        lock (_lock)
        {
            if (!_isStarted || !_open.TryAdd(open.Key, open))
                return;
            _turns.Enqueue(open);
        }

        _wake.Set();
    }

    /// <summary>An operation has ended.</summary>
    public void Forget(OperationKey key)
    {
        lock (_lock)
            _open.Remove(key);
        Ends.Tell(key);
    }

    /// <summary>What somebody recorded of an operation.</summary>
    public void Meet(OperationKey key, RecordedEvent recorded)
    {
        LifeOf(key)?.Meet(recorded);
        if (recorded.Type == nameof(OperationEvent.OperationEnded))
            Forget(key);
    }

    public void TellCancelled(OperationKey key) => LifeOf(key)?.TellCancelled();

    /// <summary>Whether an operation can be ended by whoever cancels it, because nobody has to be told.</summary>
    public bool EndsAtOnce(OperationState state)
    {
        int mayTakeAt;
        lock (_lock)
            mayTakeAt = _open.GetValueOrDefault(new OperationKey(state.Tenant, state.Id))?.MayTakeAt ?? 0;
        return OperationRules.EndsAtOnce(state, kinds.ContainsKey(state.Kind), mayTakeAt);
    }

    /// <summary>Says why it does not go on, where that is known here.</summary>
    public OperationState Explain(OperationState state)
    {
        if (state.HasEnded)
            return state;
        if (!kinds.ContainsKey(state.Kind))
            return state with { Waits = $"No operation named {state.Kind} is known here." };
        lock (_lock)
        {
            return state switch
            {
                _ when _lives.ContainsKey(new OperationKey(state.Tenant, state.Id)) => state,
                _ when !_isStarted => state with { Waits = "Nothing runs here: the engine is not started." },
                { Phase: OperationPhase.Waiting } => state with { Waits = "Its turn has not come." },
                _ when _turns.Any(turn => turn.Key.Id == state.Id) => state with { Waits = "Its turn has not come again." },
                _ => state with { Waits = "Another engine took it up; if that is no more, it goes on when the next is started." },
            };
        }
    }

    public OperationsStatus StatusWith(OperationState? lastFailed, FoldError? lastError, bool isPausing)
    {
        lock (_lock)
        {
            return new OperationsStatus(_open.Count, _lives.Count, lastFailed, lastError, isPausing)
            {
                Unknown = [.. _open.Values.Select(static one => one.Kind).Where(kind => !kinds.ContainsKey(kind))
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            };
        }
    }

    /// <summary>Runs until the engine stops, and ends when everything that ran has.</summary>
    public async Task Run()
    {
        using var stopping = end.Stop.UnsafeRegister(static state => ((Signal)state!).Set(), _wake);
        while (!end.Stop.IsCancellationRequested)
        {
            while (TryTakeTurn(out var open))
                _ = Ambient.Begin(() => Take(open));
            await _wake.Wait();
        }

        while (IsBusy)
            await _wake.Wait();
        Ends.End();
    }

    private bool IsBusy
    {
        get
        {
            lock (_lock)
                return _busy > 0;
        }
    }

    private bool TryTakeTurn(out OpenOperation open)
    {
        lock (_lock)
        {
            open = null!;
            if (_busy >= options.Parallelism || !_turns.TryDequeue(out var next))
                return false;
            _busy++;
            open = next;
            return true;
        }
    }

    private async Task Take(OpenOperation open)
    {
        try
        {
            for (var tries = 1; !end.Stop.IsCancellationRequested && !await TryTake(open); tries++)
                await Ambient.Pause(options.Clock, options.Retries.PauseAfter(tries, options.Chance), end.Stop);
        }
        finally
        {
            lock (_lock)
                _busy--;
            _wake.Set();
        }
    }

    /// <summary>True once there is nothing left to do of it here; false where the ledger could not be read.</summary>
    private async Task<bool> TryTake(OpenOperation open)
    {
        try
        {
            while (!end.Stop.IsCancellationRequested && !await Consider(open))
            {
                // it changed while it was looked at
            }

            return true;
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or InvalidDataException)
        {
            return true; // the engine ends; or another version of this code wrote what cannot be read
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return false;
        }
    }

    private async Task<bool> Consider(OpenOperation open)
    {
        var state = await reader.Find(open.Key.Tenant, open.Key.Id, end.Abandoned);
        if (state is null or { HasEnded: true })
        {
            Forget(open.Key);
            return true;
        }

        switch (OperationRules.NextOf(state, kinds.ContainsKey(state.Kind), open.MayTakeAt, options.LivesMax))
        {
            case OperationEvent.OperationTaken taken:
                return await Live(open.Key, state, taken);
            case OperationEvent.OperationEnded ended:
                var write = OperationRecords.WriteTo(state, state.Version, closes: true, [OperationRecords.Write(ended, writer.NextId())]);
                if (await writer.Append(write, int.MaxValue, end.Stop, end.Abandoned) is not AppendOutcome.Appended)
                    return false;
                Telemetry.CountEnd(state.Kind, ended.Phase);
                Forget(open.Key);
                return true;
            default:
                return true;
        }
    }

    private async Task<bool> Live(OperationKey key, OperationState state, OperationEvent.OperationTaken taken)
    {
        using var life = new OperationLife(kinds[state.Kind], state, reader, writer, options, end);
        lock (_lock)
            _lives[key] = life;
        try
        {
            var (wasTaken, ended) = await life.Live(taken);
            if (ended is not null)
                Forget(key);
            return wasTaken;
        }
        finally
        {
            lock (_lock)
                _lives.Remove(key);
        }
    }

    private OperationLife? LifeOf(OperationKey key)
    {
        lock (_lock)
            return _lives.GetValueOrDefault(key);
    }
}
