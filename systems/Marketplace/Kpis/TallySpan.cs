using System.Collections.Immutable;
using System.Globalization;

namespace Marketplace.Kpis;

/// <summary>
/// The spans that are tallied, minutes, hours and days, and which of them make up a time from one whole minute to another: at most
/// minutes to the hour, hours to the day, days, and the same back.
/// </summary>
/// <param name="From">The key of the first.</param>
/// <param name="To">The key behind the last.</param>
public readonly record struct TallySpan(string From, string To)
{
    /// <summary>The keys of a moment.</summary>
    public static ImmutableArray<string> KeysOf(DateTimeOffset at) => [DayOf(at), HourOf(at), MinuteOf(at)];

    /// <summary>Runs of keys that together make up all of a time, and each minute of it once.</summary>
    /// <param name="from">A whole minute.</param>
    /// <param name="to">A whole minute, no earlier; not within.</param>
    public static ImmutableArray<TallySpan> Cover(DateTimeOffset from, DateTimeOffset to)
    {
        var spans = ImmutableArray.CreateBuilder<TallySpan>();
        var (firstHour, lastHour) = (Up(from, TimeSpan.FromHours(1)), Down(to, TimeSpan.FromHours(1)));
        if (firstHour > lastHour)
            return from < to ? [new(MinuteOf(from), MinuteOf(to))] : [];
        Add(MinuteOf, from, firstHour);
        var (firstDay, lastDay) = (Up(firstHour, TimeSpan.FromDays(1)), Down(lastHour, TimeSpan.FromDays(1)));
        if (firstDay > lastDay)
        {
            Add(HourOf, firstHour, lastHour);
        }
        else
        {
            Add(HourOf, firstHour, firstDay);
            Add(DayOf, firstDay, lastDay);
            Add(HourOf, lastDay, lastHour);
        }

        Add(MinuteOf, lastHour, to);
        return spans.DrainToImmutable();

        void Add(Func<DateTimeOffset, string> key, DateTimeOffset first, DateTimeOffset end)
        {
            if (first < end)
                spans.Add(new TallySpan(key(first), key(end)));
        }
    }

    /// <summary>The last whole span that has begun by then.</summary>
    public static DateTimeOffset Down(DateTimeOffset time, TimeSpan span) =>
        new(time.UtcTicks - (time.UtcTicks % span.Ticks), TimeSpan.Zero);

    /// <summary>The first whole span that begins no earlier.</summary>
    public static DateTimeOffset Up(DateTimeOffset time, TimeSpan span) => Down(time.AddTicks(span.Ticks - 1), span);

    private static string DayOf(DateTimeOffset at) => Key(at, "'d:'yyyy-MM-dd");

    private static string HourOf(DateTimeOffset at) => Key(at, "'h:'yyyy-MM-dd'T'HH");

    private static string MinuteOf(DateTimeOffset at) => Key(at, "'m:'yyyy-MM-dd'T'HH':'mm");

    private static string Key(DateTimeOffset at, string format) => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
