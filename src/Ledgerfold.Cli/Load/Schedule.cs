namespace Ledgerfold.Cli.Load;

/// <summary>
/// When each attempt is due, counted from the start, fixed before the first is sent: how fast answers come changes nothing about it, so a
/// slow answer delays no other attempt and hides none.
/// </summary>
internal sealed class Schedule
{
    private readonly double _from;
    private readonly double _slope;

    private Schedule(double from, double slope, int count, TimeSpan length) =>
        (_from, _slope, Count, Length) = (from, slope, count, length);

    /// <summary>How many attempts there are.</summary>
    public int Count { get; }

    /// <summary>How long it takes.</summary>
    public TimeSpan Length { get; }

    /// <summary>So many a second at first, rising evenly to so many at the end.</summary>
    public static Schedule Rising(double fromPerSecond, double toPerSecond, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fromPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(toPerSecond, fromPerSecond);
        var seconds = length.TotalSeconds;
        return new Schedule(
            fromPerSecond, (toPerSecond - fromPerSecond) / seconds, (int)((fromPerSecond + toPerSecond) / 2 * seconds), length);
    }

    /// <summary>So many a second, until there were so many.</summary>
    public static Schedule Even(double perSecond, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        return new Schedule(perSecond, slope: 0, count, TimeSpan.FromSeconds(count / perSecond));
    }

    /// <summary>When the attempt of this index is due: where the area under the rate has come to that many.</summary>
    public TimeSpan DueOf(int index) => TimeSpan.FromSeconds(_slope == 0
        ? index / _from
        : ((2 * index) / (_from + Math.Sqrt((_from * _from) + (2 * _slope * index)))));
}
