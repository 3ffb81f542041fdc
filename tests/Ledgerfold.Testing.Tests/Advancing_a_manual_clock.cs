namespace Ledgerfold.Testing.Tests;

public sealed class Advancing_a_manual_clock
{
    private static readonly DateTimeOffset Start = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);
    private readonly ManualClock _clock = new(Start);
    private readonly List<string> _fired = [];

    [Fact]
    public void Moves_the_wall_clock_and_timestamps_together()
    {
        var before = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(Start.AddSeconds(90), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(90), _clock.GetElapsedTime(before));
        Assert.Equal(TimeSpan.FromSeconds(90), _clock.Elapsed);
    }

    [Fact]
    public void Never_happens_by_itself()
    {
        Assert.Equal(_clock.GetTimestamp(), _clock.GetTimestamp());
        Assert.Equal(Start, _clock.GetUtcNow());
    }

    [Fact]
    public void Fires_timers_in_the_order_they_fall_due_at_the_time_they_are_due()
    {
        Timer("late", 5);
        Timer("early", 2);
        Timer("also late", 5);
        Timer("later", 9);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["early 2", "late 5", "also late 5"], _fired);
        Assert.Equal(TimeSpan.FromSeconds(3), _clock.UntilNextTimer);
    }

    [Fact]
    public void Fires_a_periodic_timer_once_a_period()
    {
        using var timer = Timer("tick", 1, 2);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(["tick 1", "tick 3", "tick 5"], _fired);
    }

    [Fact]
    public void Fires_what_a_timer_arms_on_the_way()
    {
        using var timer = _clock.CreateTimer(_ => Timer("second", 1), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["second 2"], _fired);
    }

    [Fact]
    public void Does_not_fire_a_timer_that_was_disposed_or_changed()
    {
        Timer("disposed", 1).Dispose();
        var moved = Timer("moved", 1);
        Assert.True(moved.Change(TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan));
        var stopped = Timer("stopped", 1);
        stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["moved 3"], _fired);
        Assert.Null(_clock.UntilNextTimer);
        moved.Dispose();
        Assert.False(moved.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void By_nothing_fires_what_is_due_now()
    {
        Timer("now", 0);
        Assert.Empty(_fired);
        _clock.Advance(TimeSpan.Zero);
        Assert.Equal(["now 0"], _fired);
    }

    [Fact]
    public void To_the_next_timer_skips_the_wait()
    {
        Assert.False(_clock.AdvanceToNextTimer());
        Timer("far", 3_600);
        Assert.True(_clock.AdvanceToNextTimer());
        Assert.Equal(["far 3600"], _fired);
        Assert.Equal(Start.AddHours(1), _clock.GetUtcNow());
    }

    [Fact]
    public void Does_not_follow_the_wall_clock_when_that_is_set()
    {
        Timer("due", 10);
        _clock.SetWallClock(Start.AddDays(-3));
        _clock.ShiftWallClock(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, _clock.Elapsed);
        Assert.Empty(_fired);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["due 10"], _fired);
        Assert.Equal(Start.AddDays(-3).AddHours(1).AddSeconds(10), _clock.GetUtcNow());
    }

    [Fact]
    public void Back_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public async Task Completes_delays_and_cancels_tokens()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(1), _clock, TestContext.Current.CancellationToken);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), _clock);
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await delay;
        Assert.False(deadline.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(deadline.IsCancellationRequested);
    }

    private ITimer Timer(string name, int dueSeconds, int periodSeconds = 0) =>
        _clock.CreateTimer(
            _ => _fired.Add($"{name} {_clock.Elapsed.TotalSeconds}"),
            null,
            TimeSpan.FromSeconds(dueSeconds),
            TimeSpan.FromSeconds(periodSeconds));
}
