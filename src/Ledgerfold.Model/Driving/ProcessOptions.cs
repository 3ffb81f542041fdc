using Ledgerfold.Model.Acting;
using Ledgerfold.Model.Folding;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Driving;

/// <summary>How processes are run; the defaults suit a server.</summary>
public sealed record ProcessOptions
{
    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where jitter comes from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>How many instances of a process are kept in memory.</summary>
    public int InstancesMax { get; init; } = 20_000;

    /// <summary>How many steps may wait in memory for their turn in a lane; further ones wait in the fold store.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>How many commands of steps are carried out side by side.</summary>
    public int CommandParallelism { get; init; } = 128;

    /// <summary>The pauses before a command is sent again that was neither accepted nor turned down.</summary>
    public Backoff CommandRetries { get; init; } = new() { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromSeconds(30) };

    /// <summary>
    /// How long nobody may look at the clock while something is due later: a clock that is set forward is noticed this late.
    /// </summary>
    public TimeSpan ClockCheckEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pauses after a process as a whole failed, before it goes on from where it stands in the ledger.</summary>
    public Backoff Restarts { get; init; } = new() { First = TimeSpan.FromMilliseconds(200), Longest = TimeSpan.FromSeconds(30) };

    /// <summary>How the rows are kept by which instances are found.</summary>
    public FoldEngineOptions Folds { get; init; } = new() { CachedRowsMax = 20_000, FreshWithin = TimeSpan.FromMilliseconds(500) };

    /// <summary>How many records of a process go into one append before the next is begun.</summary>
    internal int TogetherMax { get; init; } = 2_000;

    internal ProcessOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InstancesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CommandParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ClockCheckEvery, TimeSpan.Zero);
        return this;
    }
}
