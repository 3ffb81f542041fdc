using System.Buffers.Binary;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Commanding;

/// <summary>
/// How often a decision is made again, and how long it waits before: at once the first time, because whoever was faster is done by then;
/// afterwards for a random part of a span that doubles, so that those who met once do not meet again.
/// </summary>
internal sealed class RetryPolicy(int triesMax)
{
    private static readonly TimeSpan FirstSpan = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromMilliseconds(100);

    public int TriesMax { get; } = triesMax;

    /// <summary>The longest wait before this try, the first being 1.</summary>
    public static TimeSpan SpanBefore(int attempt) =>
        attempt < 3 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestSpan.Ticks, FirstSpan.Ticks << Math.Min(attempt - 3, 20)));

    /// <summary>How long to wait before this try.</summary>
    public static TimeSpan WaitBefore(int attempt, IChance chance)
    {
        var span = SpanBefore(attempt);
        if (span == TimeSpan.Zero)
            return span;
        Span<byte> bytes = stackalloc byte[8];
        chance.Fill(bytes);
        return TimeSpan.FromTicks((long)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) % (ulong)span.Ticks) + 1);
    }
}
