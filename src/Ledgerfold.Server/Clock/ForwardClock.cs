namespace Ledgerfold.Server.Clock;

/// <summary>
/// The system's clock, which can be put forward: time goes on from there, and timers that fall due on the way fire at once. Any thread.
/// </summary>
internal sealed class ForwardClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly HashSet<Alarm> _alarms = [];
    private long _aheadTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private TimeSpan Ahead => TimeSpan.FromTicks(Volatile.Read(ref _aheadTicks));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Ahead.Ticks;

    /// <summary>Puts the clock forward.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(by.Ticks, nameof(by));
        Alarm[] alarms;
        lock (_gate)
        {
            _aheadTicks += by.Ticks;
            alarms = [.. _alarms];
        }

        foreach (var alarm in alarms)
            alarm.Reckon();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>A timer of the system, set again whenever the clock is put forward.</summary>
    private sealed class Alarm : ITimer
    {
        private readonly ForwardClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private readonly Lock _gate = new();
        private long? _due; // in ticks of the clock; null where it is not set
        private TimeSpan _period;

        public Alarm(ForwardClock clock, TimerCallback callback, object? state)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = System.CreateTimer(
                static alarm => ((Alarm)alarm!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var isSet = dueTime != Timeout.InfiniteTimeSpan;
            lock (_gate)
            {
                _due = isSet ? _clock.GetTimestamp() + dueTime.Ticks : null;
                _period = period;
            }

            lock (_clock._gate)
            {
                if (isSet)
                    _clock._alarms.Add(this);
                else
                    _clock._alarms.Remove(this);
            }

            return Reckon();
        }

        /// <summary>Sets the system's timer to what is left.</summary>
        public bool Reckon()
        {
            lock (_gate)
            {
                var left = _due is { } due ? TimeSpan.FromTicks(Math.Max(0, due - _clock.GetTimestamp())) : Timeout.InfiniteTimeSpan;
                var whole = left == Timeout.InfiniteTimeSpan ? left : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
                return _timer.Change(whole, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            Forget();
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Forget();
            return _timer.DisposeAsync();
        }

        private void Forget()
        {
            lock (_clock._gate)
                _clock._alarms.Remove(this);
        }

        private void Fire()
        {
            bool isOver;
            lock (_gate)
            {
                if (_due is not { } due || due > _clock.GetTimestamp())
                {
                    Reckon(); // set anew in between, or woken a moment too early
                    return;
                }

                isOver = _period <= TimeSpan.Zero;
                _due = isOver ? null : due + _period.Ticks;
            }

            if (isOver)
                Forget();
            else
                Reckon();
            _callback(_state);
        }
    }
}
