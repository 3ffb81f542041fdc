using Ledgerfold.Cli.Load;

namespace Ledgerfold.Cli.Tests.Load;

public sealed class Scheduling_attempts
{
    [Fact]
    public void Is_even_at_a_steady_rate()
    {
        var schedule = Schedule.Even(400, 1_000);

        Assert.Equal((1_000, TimeSpan.FromSeconds(2.5)), (schedule.Count, schedule.Length));
        Assert.Equal(TimeSpan.Zero, schedule.DueOf(0));
        Assert.Equal(TimeSpan.FromMilliseconds(2.5), schedule.DueOf(1));
        Assert.Equal(TimeSpan.FromSeconds(1), schedule.DueOf(400));
    }

    [Fact]
    public void Rises_from_ten_to_two_thousand_in_thirty_seconds()
    {
        var schedule = Schedule.Rising(10, 2_000, TimeSpan.FromSeconds(30));

        Assert.Equal(30_150, schedule.Count); // the mean rate of 1,005 for 30 seconds
        Assert.Equal(TimeSpan.Zero, schedule.DueOf(0));

        // by the square of the time: 10 t + 33.17 t² attempts after t seconds
        Assert.Equal(43.1667, IndexAt(schedule, 1), 1.0);
        Assert.Equal(7_612.5, IndexAt(schedule, 15), 1.0);
        Assert.Equal(1, schedule.DueOf(43).TotalSeconds, 0.003);
        Assert.Equal(30, schedule.DueOf(30_149).TotalSeconds, 0.001);
    }

    [Fact]
    public void Comes_to_the_rate_at_every_moment()
    {
        var schedule = Schedule.Rising(10, 310, TimeSpan.FromSeconds(3));

        Assert.Equal(480, schedule.Count);
        for (var at = 1; at < schedule.Count; at++)
        {
            var (before, now) = (schedule.DueOf(at - 1).TotalSeconds, schedule.DueOf(at).TotalSeconds);
            var area = (10 * (now - before)) + (100 * ((now * now) - (before * before)) / 2);
            Assert.Equal(1, area, 1e-4);
        }
    }

    private static double IndexAt(Schedule schedule, double seconds) =>
        Enumerable.Range(0, schedule.Count).Count(index => schedule.DueOf(index) < TimeSpan.FromSeconds(seconds));
}
