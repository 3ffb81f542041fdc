using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>What the loop of a fold leaves for those who look at it. The loop writes; any thread reads.</summary>
internal sealed class FoldProgress(TimeProvider clock)
{
    private const int WarningsMax = 20;
    private static readonly TimeSpan RateOver = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private FoldPhase _phase = FoldPhase.Waiting;
    private FoldError? _lastError;
    private ImmutableArray<FoldError> _warnings = [];
    private long _advancedTicks; // of the clock's timestamp; 0 for never
    private DateTimeOffset? _advancedAt;
    private long _busyTicks; // since when the loop has not come to rest; 0 while it waits
    private (long Ticks, long Position) _rateFrom;
    private (long Ticks, long Position) _rateNext;
    private bool _hasCaughtUp;
    private long _scanned;
    private long _shown; // the highest so far

    public void Begin(long position)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            _phase = FoldPhase.CatchingUp;
            _scanned = position;
            _rateFrom = _rateNext = (now, position);
            if (_advancedTicks == 0)
                (_advancedTicks, _shown) = (now, position);
        }
    }

    public void Scanned(long position, bool caughtUp)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            _phase = caughtUp ? FoldPhase.CaughtUp : FoldPhase.CatchingUp;
            _scanned = position;
            _hasCaughtUp |= caughtUp;
            if (clock.GetElapsedTime(_rateNext.Ticks, now) >= RateOver)
                (_rateFrom, _rateNext) = (_rateNext, (now, position));
        }
    }

    /// <summary>The rows show everything up to here. To show again what showed already is no progress.</summary>
    public void Shown(long visible)
    {
        lock (_lock)
        {
            if (visible <= _shown)
                return;
            _shown = visible;
            (_advancedTicks, _advancedAt) = (clock.GetTimestamp(), clock.GetUtcNow());
        }
    }

    /// <summary>Everything is computed again, from the beginning.</summary>
    public void Rebuild(string why)
    {
        lock (_lock)
            (_shown, _hasCaughtUp) = (0, false);
        Warn($"All rows were dropped and are computed again: {why}");
    }

    public void Busy(bool isBusy)
    {
        if (!isBusy)
            Interlocked.Exchange(ref _busyTicks, 0);
        else if (Interlocked.Read(ref _busyTicks) == 0)
            Interlocked.Exchange(ref _busyTicks, Math.Max(1, clock.GetTimestamp()));
    }

    public void Pause(Exception failure) => End(FoldPhase.Pausing, FoldError.Say(failure));

    public void Stop(string? error) => End(FoldPhase.Stopped, error);

    /// <exception cref="InvalidOperationException">It has stopped for good.</exception>
    public void ThrowIfStopped(FoldName fold)
    {
        lock (_lock)
        {
            if (_phase == FoldPhase.Stopped)
                throw new InvalidOperationException($"{fold} stopped: {_lastError?.Message ?? "it was asked to"}");
        }
    }

    public FoldGlance Look()
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            var over = clock.GetElapsedTime(_rateFrom.Ticks, now).TotalSeconds;
            var busy = Interlocked.Read(ref _busyTicks);
            return new FoldGlance
            {
                Phase = _phase,
                HasCaughtUp = _hasCaughtUp,
                LastError = _lastError,
                Warnings = _warnings,
                AdvancedAt = _advancedAt,
                EventsPerSecond = over > 0 && _scanned > _rateFrom.Position ? (_scanned - _rateFrom.Position) / over : 0,
                StandsFor = clock.GetElapsedTime(_advancedTicks, now),
                BusyFor = busy == 0 ? TimeSpan.Zero : clock.GetElapsedTime(busy, now),
            };
        }
    }

    private void Warn(string message)
    {
        lock (_lock)
        {
            var warnings = _warnings.Add(new FoldError(message, clock.GetUtcNow()));
            _warnings = warnings.Length > WarningsMax ? warnings.RemoveAt(0) : warnings;
        }
    }

    private void End(FoldPhase phase, string? error)
    {
        lock (_lock)
        {
            _phase = phase;
            if (error is not null)
                _lastError = new FoldError(error, clock.GetUtcNow());
        }
    }
}

/// <summary>What can be said of a fold without asking anybody else.</summary>
internal sealed record FoldGlance
{
    public required FoldPhase Phase { get; init; }

    /// <summary>Whether it has seen the end since it began, or since everything was computed again.</summary>
    public required bool HasCaughtUp { get; init; }

    public required FoldError? LastError { get; init; }

    public required ImmutableArray<FoldError> Warnings { get; init; }

    public required DateTimeOffset? AdvancedAt { get; init; }

    public required double EventsPerSecond { get; init; }

    /// <summary>Since it last advanced, or began.</summary>
    public required TimeSpan StandsFor { get; init; }

    /// <summary>Since the loop last came to rest.</summary>
    public required TimeSpan BusyFor { get; init; }
}
