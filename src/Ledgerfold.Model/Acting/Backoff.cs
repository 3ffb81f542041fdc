using System.Buffers.Binary;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Acting;

/// <summary>
/// How long the pauses between attempts are: any part, drawn by chance, of a span that grows with each. The whole span is drawn from (full
/// jitter), so that those who failed together do not come back together.
/// </summary>
public sealed record Backoff
{
    /// <summary>The span before the second attempt.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest span.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>By how much the span grows from one attempt to the next.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>After so many attempts it is given up; null tries for ever, or until the step's time is up.</summary>
    public int? AttemptsMax { get; init; }

    /// <summary>The span that the pause after this attempt, from 1, is drawn from.</summary>
    public TimeSpan SpanAfter(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        var ticks = First.Ticks * Math.Pow(Factor, attempt - 1);
        return ticks >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)ticks);
    }

    internal TimeSpan PauseAfter(int attempt, IChance chance)
    {
        Span<byte> bytes = stackalloc byte[8];
        chance.Fill(bytes);
        var part = (BinaryPrimitives.ReadUInt64LittleEndian(bytes) >> 11) * (1.0 / (1UL << 53));
        return TimeSpan.FromTicks((long)(SpanAfter(attempt).Ticks * part) + 1);
    }
}
