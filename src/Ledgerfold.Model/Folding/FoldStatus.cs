using System.Collections.Immutable;

namespace Ledgerfold.Model.Folding;

/// <summary>What a kept fold is doing.</summary>
public enum FoldPhase
{
    /// <summary>It has not begun.</summary>
    Waiting,

    /// <summary>It folds what it has not seen yet.</summary>
    CatchingUp,

    /// <summary>It has seen everything there was, and goes on with what comes.</summary>
    CaughtUp,

    /// <summary>Something failed; it pauses and then begins again where its rows stand.</summary>
    Pausing,

    /// <summary>It stands still for good.</summary>
    Stopped,
}

/// <summary>How a fold is.</summary>
public enum FoldHealth
{
    /// <summary>As it should be.</summary>
    Healthy,

    /// <summary>It goes on, but somebody should look: something is held, or had to be computed again.</summary>
    Degraded,

    /// <summary>It stands still though there is something to do, or it stopped.</summary>
    Unhealthy,
}

/// <summary>How far a kept fold is, how fast it goes, and what stands in its way.</summary>
public sealed record FoldStatus
{
    /// <summary>Which fold.</summary>
    public required FoldName Fold { get; init; }

    /// <summary>Whether readers see this version.</summary>
    public required bool IsActive { get; init; }

    /// <summary>What it is doing.</summary>
    public required FoldPhase Phase { get; init; }

    /// <summary>Everything up to here shows in its rows, but for what is held.</summary>
    public required long Position { get; init; }

    /// <summary>The last position of the ledger.</summary>
    public required long Head { get; init; }

    /// <summary>How old the oldest event is that should show and does not.</summary>
    public required TimeSpan Lag { get; init; }

    /// <summary>Positions a second, lately.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>When its position last moved; null if it never did since it began.</summary>
    public DateTimeOffset? AdvancedAt { get; init; }

    /// <summary>What last went wrong with the fold as a whole.</summary>
    public FoldError? LastError { get; init; }

    /// <summary>What is held, by position.</summary>
    public ImmutableArray<HeldKey> Held { get; init; } = [];

    /// <summary>What an operator should know: that rows were dropped and computed again, and why.</summary>
    public ImmutableArray<FoldError> Warnings { get; init; } = [];

    /// <summary>How it is.</summary>
    public required FoldHealth Health { get; init; }

    /// <summary>Why it is not healthy; null where it is.</summary>
    public string? Reason { get; init; }

    /// <summary>How many positions it is behind.</summary>
    public long LagEvents => Math.Max(0, Head - Position);

    /// <summary>How long it takes to catch up at this rate; null where that cannot be said.</summary>
    public TimeSpan? Remaining => LagEvents == 0
        ? TimeSpan.Zero
        : EventsPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min(LagEvents / EventsPerSecond, TimeSpan.FromDays(36_500).TotalSeconds)) : null;
}
