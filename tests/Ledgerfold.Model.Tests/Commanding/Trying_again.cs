using Ledgerfold.Model.Commanding;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Commanding;

public sealed class Trying_again
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    [InlineData(9, 64)]
    [InlineData(10, 100)]
    [InlineData(1_000, 100)]
    public void Waits_longer_each_time_up_to_a_bound(int attempt, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), RetryPolicy.SpanBefore(attempt));

    [Fact]
    public void Waits_for_a_random_part_of_that()
    {
        var chance = new SeededChance(1);
        var waits = Enumerable.Range(0, 500).Select(_ => RetryPolicy.WaitBefore(6, chance)).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.FromTicks(1), RetryPolicy.SpanBefore(6)));
        Assert.True(waits.Distinct().Count() > 400);
    }
}
