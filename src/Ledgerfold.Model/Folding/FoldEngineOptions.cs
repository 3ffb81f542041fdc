using Ledgerfold.Seams;

namespace Ledgerfold.Model.Folding;

/// <summary>How kept folds are run; the defaults suit a server.</summary>
public sealed record FoldEngineOptions
{
    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where jitter comes from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>How often rows are written while a fold catches up; after a crash at most this much is folded again.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a change may wait to be written once a fold has caught up. Whoever asks for a certain position never waits for this.
    /// </summary>
    public TimeSpan FreshWithin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>So many changed rows are written at once, whatever the time.</summary>
    public int DirtyRowsMax { get; init; } = 100_000;

    /// <summary>So many rows are kept in memory behind those that are changed, for each fold.</summary>
    public int CachedRowsMax { get; init; } = 200_000;

    /// <summary>How many keys of a fold are worked on side by side.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How often an event that fails is tried again before its key stays held.</summary>
    public int RetriesMax { get; init; } = 3;

    /// <summary>How long after a failure it is tried again at first, doubled each time and spread by chance.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause between two tries of anything.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>With more held keys than this it is the fold that is broken, and not its events: it stops.</summary>
    public int HeldKeysMax { get; init; } = 1_000;

    /// <summary>A fold that stands still this long, though there is something to fold, is ill.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the n-th retry, from 1: doubled each time, bounded, and between half of that and all of it.</summary>
    internal TimeSpan PauseBefore(int retry)
    {
        var whole = Math.Min(RetryAfterMax.Ticks, RetryAfter.Ticks * Math.Pow(2, Math.Min(retry - 1, 30)));
        Span<byte> chance = stackalloc byte[4];
        Chance.Fill(chance);
        return TimeSpan.FromTicks((long)(whole * (0.5 + (BitConverter.ToUInt32(chance) / (2.0 * uint.MaxValue)))));
    }
}
