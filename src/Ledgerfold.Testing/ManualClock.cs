namespace Ledgerfold.Testing;

/// <summary>
/// Time that stands still until a test moves it. Timers fire inside <see cref="Advance"/>, on its thread, in the order they
/// fall due, and see the time they were due at. The wall clock can be set apart from the monotonic one, as an operator or a
/// time server would. Any thread.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Alarm, (long Due, long Order)> _alarms = new();
    private long _elapsedTicks;
    private DateTimeOffset _wall;
    private long _order;

    /// <summary>A clock that stands at <paramref name="start"/>, by default the first second of 2025 in UTC.</summary>
    public ManualClock(DateTimeOffset? start = null) =>
        _wall = (start ?? new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUniversalTime();

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the monotonic clock has come.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>How long until the next timer falls due; null when none is armed.</summary>
    public TimeSpan? UntilNextTimer
    {
        get
        {
            lock (_gate)
                return TryPeek(out var alarm) ? TimeSpan.FromTicks(Math.Max(0, alarm.Due - _elapsedTicks)) : null;
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _wall;
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsedTicks;
    }

    /// <summary>Moves both clocks forward and fires what falls due on the way; zero fires what is due now.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        long end;
        lock (_gate)
            end = _elapsedTicks + by.Ticks;
        while (TakeDue(end) is { } callback)
            callback();
        lock (_gate)
            MoveTo(end);
    }

    /// <summary>
    /// Moves both clocks to the next timer and fires it, with all that are due at the same time; false when none is armed.
    /// </summary>
    public bool AdvanceToNextTimer()
    {
        if (UntilNextTimer is not { } wait)
            return false;
        Advance(wait);
        return true;
    }

    /// <summary>Sets the wall clock alone, forward or back; timers and timestamps do not notice.</summary>
    public void SetWallClock(DateTimeOffset to)
    {
        lock (_gate)
            _wall = to.ToUniversalTime();
    }

    /// <summary>Moves the wall clock alone, forward or back; timers and timestamps do not notice.</summary>
    public void ShiftWallClock(TimeSpan by)
    {
        lock (_gate)
            _wall += by;
    }

    /// <inheritdoc />
    /// <remarks>A timer that is due at once fires in the next <see cref="Advance"/>, never inside this call.</remarks>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private Action? TakeDue(long end)
    {
        lock (_gate)
        {
            if (!TryPeek(out var alarm) || alarm.Due > end)
                return null;
            _alarms.Dequeue();
            MoveTo(alarm.Due);
            var timer = alarm.Timer;
            if (timer.Period > 0)
                Arm(timer, alarm.Due + timer.Period);
            return timer.Fire;
        }
    }

    private bool TryPeek(out Alarm alarm)
    {
        while (_alarms.TryPeek(out alarm, out _))
        {
            if (alarm.Timer.Arming == alarm.Arming)
                return true;
            _alarms.Dequeue();
        }

        return false;
    }

    // An alarm armed in the past by a callback that advanced the clock itself must not turn it back.
    private void MoveTo(long elapsedTicks)
    {
        if (elapsedTicks <= _elapsedTicks)
            return;
        _wall += TimeSpan.FromTicks(elapsedTicks - _elapsedTicks);
        _elapsedTicks = elapsedTicks;
    }

    private void Arm(Timer timer, long due) =>
        _alarms.Enqueue(new Alarm(timer, ++timer.Arming, due), (due, _order++));

    private static long TicksOf(TimeSpan time, string name)
    {
        if (time == Timeout.InfiniteTimeSpan)
            return -1;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        return time.Ticks;
    }

    /// <summary>One setting of a timer; void once the timer was changed or disposed.</summary>
    private readonly record struct Alarm(Timer Timer, long Arming, long Due);

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public long Arming { get; set; }

        public long Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var due = TicksOf(dueTime, nameof(dueTime));
            var every = TicksOf(period, nameof(period));
            lock (clock._gate)
            {
                if (_disposed)
                    return false;
                Arming++;
                Period = every;
                if (due >= 0)
                    clock.Arm(this, clock._elapsedTicks + due);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                Arming++;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
