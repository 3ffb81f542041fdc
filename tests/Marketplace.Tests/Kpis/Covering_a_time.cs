using Ledgerfold.Testing;
using Marketplace.Kpis;

namespace Marketplace.Tests.Kpis;

public sealed class Covering_a_time
{
    private static readonly DateTimeOffset Start = new(2026, 2, 27, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Takes_minutes_hours_and_days_and_the_same_back() => Assert.Equal(
        [
            new TallySpan("m:2026-02-27T22:58", "m:2026-02-27T23:00"),
            new TallySpan("h:2026-02-27T23", "h:2026-02-28T00"),
            new TallySpan("d:2026-02-28", "d:2026-03-02"),
            new TallySpan("h:2026-03-02T00", "h:2026-03-02T01"),
            new TallySpan("m:2026-03-02T01:00", "m:2026-03-02T01:01"),
        ],
        TallySpan.Cover(Start.AddMinutes((22 * 60) + 58), Start.AddDays(3).AddMinutes(61)));

    [Fact]
    public void Takes_nothing_where_there_is_none() => Assert.Empty(TallySpan.Cover(Start, Start));

    [Fact]
    public void Takes_each_minute_once_whatever_the_time()
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            var random = new SeededRandom(seed);
            var from = Start.AddMinutes(random.Below(3_000));
            var to = from.AddMinutes(random.OneIn(3) ? random.Below(90) : random.Below(6_000));
            var spans = TallySpan.Cover(from, to);

            for (var minute = Start.AddDays(-1); minute < Start.AddDays(8); minute = minute.AddMinutes(1))
            {
                var times = TallySpan.KeysOf(minute).Sum(key => spans.Count(span => string.CompareOrdinal(span.From, key) <= 0 && string.CompareOrdinal(key, span.To) < 0));
                Assert.True(times == (minute >= from && minute < to ? 1 : 0), $"seed {seed}: {minute:O} stands {times} times in {from:O} to {to:O}");
            }
        }
    }
}
