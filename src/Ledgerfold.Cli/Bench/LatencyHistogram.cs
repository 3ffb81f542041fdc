using System.Numerics;

namespace Ledgerfold.Cli.Bench;

/// <summary>Counts durations in buckets of three per cent, in a fixed amount of memory. One thread at a time.</summary>
internal sealed class LatencyHistogram
{
    private const int Fine = 32; // buckets between a power of two and the next
    private const int FineBits = 5;
    private const int FirstPower = 7; // 128 ns: what is shorter counts as that
    private const int LastPower = 37; // 2 minutes: what is longer counts as that

    private readonly int[] _counts = new int[(LastPower - FirstPower + 1) * Fine];
    private long _count;

    public double MaxMicros { get; private set; }

    /// <summary>Counts what passed since a timestamp of the clock.</summary>
    public void AddSince(long timestamp)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(timestamp);
        var nanos = Math.Max(1, (ulong)(elapsed.Ticks * TimeSpan.NanosecondsPerTick));
        MaxMicros = Math.Max(MaxMicros, elapsed.TotalMicroseconds);
        _counts[BucketOf(nanos)]++;
        _count++;
    }

    /// <summary>Adds what another one counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var b = 0; b < _counts.Length; b++)
            _counts[b] += other._counts[b];
        _count += other._count;
        MaxMicros = Math.Max(MaxMicros, other.MaxMicros);
    }

    /// <summary>The duration that this share of all did not exceed, in microseconds.</summary>
    public double Micros(double share)
    {
        var left = (long)Math.Ceiling(share * _count);
        for (var b = 0; b < _counts.Length; b++)
        {
            left -= _counts[b];
            if (left <= 0 && _count > 0)
                return Math.Min(MaxMicros, MiddleOf(b) / 1_000);
        }

        return MaxMicros;
    }

    private static int BucketOf(ulong nanos)
    {
        nanos = Math.Clamp(nanos, 1UL << FirstPower, (1UL << (LastPower + 1)) - 1);
        var power = BitOperations.Log2(nanos);
        return ((power - FirstPower) * Fine) + (int)((nanos >> (power - FineBits)) & (Fine - 1));
    }

    private static double MiddleOf(int bucket)
    {
        var low = Math.ScaleB(1 + ((bucket % Fine) / (double)Fine), FirstPower + (bucket / Fine));
        return low * (1 + (0.5 / Fine));
    }
}
