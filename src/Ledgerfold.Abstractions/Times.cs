namespace Ledgerfold;

/// <summary>Time in the ledger is UTC in whole microseconds; anything finer is cut before it is stored or compared.</summary>
public static class Times
{
    /// <summary>Microseconds since 1970 in UTC.</summary>
    public static long ToMicros(DateTimeOffset time) =>
        Math.DivRem(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks, TimeSpan.TicksPerMicrosecond) is var (micros, rest) && rest < 0
            ? micros - 1
            : micros;

    /// <summary>The time that stands for so many microseconds since 1970 in UTC.</summary>
    public static DateTimeOffset FromMicros(long micros) =>
        new(DateTimeOffset.UnixEpoch.Ticks + (micros * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>The time in UTC, cut to whole microseconds: as the ledger would keep it.</summary>
    public static DateTimeOffset Cut(DateTimeOffset time) => FromMicros(ToMicros(time));

    /// <summary>The time in UTC to the microsecond, as text that stands in the order of time.</summary>
    public static string ToText(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether two optional times are the same to the microsecond.</summary>
    public static bool SameMicrosecond(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other is null ? one is null && other is null : ToMicros(one.Value) == ToMicros(other.Value);
}
