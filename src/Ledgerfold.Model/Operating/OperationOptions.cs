using Ledgerfold.Model.Acting;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Operating;

/// <summary>How operations are run; the defaults suit a server.</summary>
public sealed record OperationOptions
{
    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where ids and jitter come from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>How many run side by side; further ones wait for their turn.</summary>
    public int Parallelism { get; init; } = 8;

    /// <summary>How many may be open; further ones are refused.</summary>
    public int OpenMax { get; init; } = Limits.HeldKeysMax;

    /// <summary>How often progress is recorded; after a crash at most this much is done again.</summary>
    public TimeSpan RecordEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>One that was taken up so often is ended as failed instead of once more: it may be what ends its engines.</summary>
    public int LivesMax { get; init; } = 100;

    /// <summary>The pauses before the ledger is asked again that takes nothing, or whose answer was lost.</summary>
    public Backoff Retries { get; init; } = new() { First = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(30) };

    internal OperationOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(OpenMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OpenMax, Limits.HeldKeysMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecordEvery, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LivesMax, 1);
        return this;
    }
}
