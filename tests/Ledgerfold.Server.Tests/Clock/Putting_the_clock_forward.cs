using Ledgerfold.Server.Clock;

namespace Ledgerfold.Server.Tests.Clock;

public sealed class Putting_the_clock_forward
{
    private readonly ForwardClock _clock = new();

    [Fact]
    public void Moves_the_time_and_what_has_elapsed()
    {
        var (time, stamp) = (_clock.GetUtcNow(), _clock.GetTimestamp());

        _clock.Advance(TimeSpan.FromDays(3));

        Assert.InRange(_clock.GetUtcNow() - time, TimeSpan.FromDays(3), TimeSpan.FromDays(3.01));
        Assert.InRange(_clock.GetElapsedTime(stamp), TimeSpan.FromDays(3), TimeSpan.FromDays(3.01));
    }

    [Fact]
    public async Task Fires_what_falls_due_on_the_way()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = _clock.CreateTimer(_ => fired.SetResult(), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(fired.Task.IsCompleted);
        _clock.Advance(TimeSpan.FromMinutes(1));

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Fires_again_after_each_period_and_never_once_it_is_disposed_of()
    {
        var fired = 0;
        using var twice = new SemaphoreSlim(0);
        var timer = _clock.CreateTimer(
            _ =>
            {
                Interlocked.Increment(ref fired);
                twice.Release();
            },
            null,
            TimeSpan.FromHours(1),
            TimeSpan.FromHours(1));

        _clock.Advance(TimeSpan.FromHours(1));
        await twice.WaitAsync(TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromHours(1));
        await twice.WaitAsync(TestContext.Current.CancellationToken);
        await timer.DisposeAsync();
        _clock.Advance(TimeSpan.FromHours(5));

        Assert.Equal(2, fired);
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public async Task Lets_a_delay_that_others_wait_for_end()
    {
        var delay = Task.Delay(TimeSpan.FromDays(2), _clock, TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromDays(2));

        await delay.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
