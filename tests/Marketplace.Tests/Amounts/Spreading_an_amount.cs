using FsCheck;
using FsCheck.Fluent;
using Marketplace.Amounts;

namespace Marketplace.Tests.Amounts;

public sealed class Spreading_an_amount
{
    [Theory]
    [InlineData(100, new long[] { 1, 1, 1 }, new long[] { 34, 33, 33 })]
    [InlineData(1, new long[] { 5, 5 }, new long[] { 1, 0 })]
    [InlineData(10, new long[] { 0, 3, 0 }, new long[] { 0, 10, 0 })]
    [InlineData(0, new long[] { 0, 0 }, new long[] { 0, 0 })]
    [InlineData(7, new long[] { 3, 2, 2 }, new long[] { 3, 2, 2 })]
    [InlineData(5, new long[] { 1, 2, 4 }, new long[] { 1, 1, 3 })]
    public void Gives_what_is_left_to_the_largest_remainder_and_then_to_the_earlier_part(long total, long[] weights, long[] expected) =>
        Assert.Equal(expected, Split.LargestRemainder(total, weights));

    [Fact]
    public void Never_loses_nor_adds_and_is_never_a_unit_off() => Prop.ForAll(
        Gen.Two(Gen.Choose(0, int.MaxValue)).ToArbitrary(), pair =>
        {
            var random = new Random(pair.Item2);
            var weights = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.NextInt64(0, long.MaxValue / 16)).ToArray();
            weights[0]++;
            var total = random.NextInt64(0, pair.Item1 + 1L);
            var shares = Split.LargestRemainder(total, weights);
            var sum = weights.Aggregate((Int128)0, static (all, one) => all + one);
            Assert.Equal(total, shares.Sum());
            for (var part = 0; part < weights.Length; part++)
            {
                var exact = (Int128)total * weights[part];
                Assert.InRange(shares[part] * sum - exact, -sum + 1, sum - 1);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Is_refused_where_there_is_nothing_to_spread_it_over() =>
        Assert.Throws<ArgumentException>(() => Split.LargestRemainder(1, [0, 0]));
}
