using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Testing;

namespace Ledgerfold.Server.Tests.Security;

public sealed class Counting_what_is_asked
{
    private static readonly Rate TenASecond = new(10, 20);

    [Fact]
    public void Lets_a_burst_through_and_then_so_many_a_second()
    {
        var clock = new ManualClock();
        var rates = new RequestRates(100, clock);
        for (var asked = 0; asked < 20; asked++)
            Assert.Null(rates.TryTake("ada", TenASecond));

        Assert.Equal(TimeSpan.FromMilliseconds(100), rates.TryTake("ada", TenASecond));
        Assert.Null(rates.TryTake("bob", TenASecond));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Null(rates.TryTake("ada", TenASecond));
        Assert.NotNull(rates.TryTake("ada", TenASecond));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => rates.TryTake("ada", TenASecond) is null));
    }

    [Fact]
    public void Never_lets_more_through_than_the_rate_allows()
    {
        for (var seed = 1UL; seed <= 50; seed++)
        {
            var random = new SeededRandom(seed);
            var clock = new ManualClock();
            var rates = new RequestRates(100, clock);
            var taken = 0;
            for (var step = 0; step < 500; step++)
            {
                clock.Advance(TimeSpan.FromMilliseconds(random.Below(60)));
                for (var asked = random.Below(4); asked > 0; asked--)
                    taken += rates.TryTake("ada", TenASecond) is null ? 1 : 0;
                Assert.True(taken <= TenASecond.Burst + (clock.Elapsed.TotalSeconds * TenASecond.PerSecond) + 1e-6, $"seed {seed}");
            }

            Assert.True(taken >= clock.Elapsed.TotalSeconds * TenASecond.PerSecond * 0.7, $"seed {seed}: {taken} in {clock.Elapsed}");
        }
    }

    [Fact]
    public void Gives_each_principal_so_many_follows()
    {
        var slots = new FollowSlots(2);
        var first = slots.TryTake("ada");
        using var second = slots.TryTake("ada");

        Assert.Null(slots.TryTake("ada"));
        using var other = slots.TryTake("bob");
        Assert.NotNull(other);
        first!.Dispose();
        first.Dispose();
        using var again = slots.TryTake("ada");
        Assert.NotNull(again);
        Assert.Null(slots.TryTake("ada"));
    }

    [Fact]
    public void Remembers_a_bounded_number_and_forgets_whoever_was_met_longest_ago()
    {
        var table = new RecentTable<int, string>(3);
        foreach (var key in (int[])[1, 2, 3, 1, 4])
            table.Set(key, $"v{key}");

        Assert.Equal(3, table.Count);
        Assert.Null(table.Find(2));
        Assert.Equal("v1 v3 v4", $"{table.Find(1)} {table.Find(3)} {table.Find(4)}");
    }

    [Fact]
    public void Forgets_failures_that_lie_far_enough_back()
    {
        var clock = new ManualClock();
        var backoff = new Backoff(new BackoffRule(1, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15)), 10, clock);
        for (var failure = 0; failure < 60; failure++)
            backoff.Fail("ada");
        Assert.Equal(TimeSpan.FromMinutes(15), backoff.WaitOf("ada"));

        clock.Advance(TimeSpan.FromHours(1));
        backoff.Fail("ada");

        Assert.Equal(TimeSpan.FromSeconds(1), backoff.WaitOf("ada"));
        for (var other = 0; other < 100; other++)
            backoff.Fail($"other{other}");
        Assert.Equal(10, backoff.Count);
    }
}
