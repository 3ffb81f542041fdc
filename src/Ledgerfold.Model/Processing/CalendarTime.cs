using System.Globalization;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// A time as a calendar and a clock on the wall of some place show it. A time that the clocks there skip is as much later as they are put
/// forward (02:30 becomes 03:30); one that they show twice is the first of the two.
/// </summary>
/// <param name="Date">The date there.</param>
/// <param name="Time">The time of day there.</param>
/// <param name="Zone">The place, as the time zone database names it: <c>Europe/Berlin</c>.</param>
public sealed record CalendarTime(DateOnly Date, TimeOnly Time, string Zone)
{
    /// <summary>The next time behind an instant at which the clocks there show a time of day.</summary>
    /// <exception cref="ArgumentException">There is no such zone.</exception>
    public static CalendarTime Next(TimeOnly time, string zone, DateTimeOffset after)
    {
        var there = TimeZoneInfo.ConvertTime(after, Find(zone));
        var next = new CalendarTime(DateOnly.FromDateTime(there.DateTime).AddDays(-1), time, zone);
        while (next.ToInstant() is var instant && (instant <= after || instant == next.Tomorrow.ToInstant()))
            next = next.Tomorrow;
        return next;
    }

    private CalendarTime Tomorrow => this with { Date = Date.AddDays(1) };

    /// <summary>When that is, by the rules of the zone as this machine knows them.</summary>
    /// <exception cref="ArgumentException">There is no such zone.</exception>
    public DateTimeOffset ToInstant()
    {
        var zone = Find(Zone);
        var shown = new DateTimeOffset(Date.ToDateTime(Time), TimeSpan.Zero);
        // no place is a day away from UTC: whatever change of the clocks matters here lies between these two
        var (before, later) = (zone.GetUtcOffset(shown.AddDays(-1)), zone.GetUtcOffset(shown.AddDays(1)));
        var (first, second) = (shown - before, shown - later);
        if (zone.GetUtcOffset(first) != before && zone.GetUtcOffset(second) == later)
            return second;
        // with the larger offset before the change, what is shown twice is shown first by it; and what is skipped is counted on by it
        return first;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Date:yyyy-MM-dd} {Time:HH:mm:ss} {Zone}");

    private static TimeZoneInfo Find(string zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        if (TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
            return found;
        throw new ArgumentException($"'{zone}' is no time zone that is known here; they are named as Europe/Berlin is.", nameof(zone));
    }
}
