using System.Collections.Immutable;
using Ledgerfold.Seams;

namespace Ledgerfold.Model.Commanding;

/// <summary>How commands are carried out.</summary>
public sealed record CommandsOptions
{
    /// <summary>Where snapshots are kept; without a store there are none.</summary>
    public IFoldStore? Folds { get; init; }

    /// <summary>The only clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where ids that no sender gave, and the waits between tries, come from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>How often a decision is made before the answer is <see cref="CommandAnswer.Conflict"/>.</summary>
    public int TriesMax { get; init; } = 12;

    /// <summary>How many states are kept in memory.</summary>
    public int HotStatesMax { get; init; } = 10_000;

    /// <summary>How many commands of one stream are written together.</summary>
    public int TogetherMax { get; init; } = 256;

    /// <summary>How many commands may wait for one stream; further ones are answered with <see cref="CommandAnswer.Overloaded"/>.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>What stands around every command, the first outermost.</summary>
    public ImmutableArray<CommandMiddleware> Middleware { get; init; } = [];

    internal CommandsOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HotStatesMax, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(TogetherMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TogetherMax, Limits.AppendStreamsMax / 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingMax, 1);
        return this;
    }
}
