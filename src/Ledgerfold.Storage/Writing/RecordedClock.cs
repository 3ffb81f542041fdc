namespace Ledgerfold.Storage.Writing;

/// <summary>
/// Recorded time: the wall clock, never going back, however the wall clock moves. A wall clock that runs ahead of the monotonic one by more
/// than a minute between two readings has jumped, and says so. Writer only.
/// </summary>
internal sealed class RecordedClock(TimeProvider clock, long lastRecorded)
{
    private static readonly long JumpMicros = (long)TimeSpan.FromMinutes(1).TotalMicroseconds;

    private long _last = lastRecorded;
    private long _rawBefore = Times.ToMicros(clock.GetUtcNow());
    private long _timestampBefore = clock.GetTimestamp();

    /// <summary>The time of the next batch.</summary>
    public Reading Read()
    {
        var raw = Times.ToMicros(clock.GetUtcNow());
        var timestamp = clock.GetTimestamp();
        var elapsed = (long)clock.GetElapsedTime(_timestampBefore, timestamp).TotalMicroseconds;
        var jumped = raw - _rawBefore - elapsed > JumpMicros;
        _rawBefore = raw;
        _timestampBefore = timestamp;
#if ZOO
        if (Zoo.Bug("wall-clock-for-order"))
            return new Reading(raw, raw, jumped);
#endif
        _last = Math.Max(_last, raw);
        return new Reading(_last, raw, jumped);
    }

    /// <summary>A reading: what is recorded, what the wall clock said, and whether it jumped ahead.</summary>
    public readonly record struct Reading(long RecordedAt, long RawTime, bool Jumped);
}
