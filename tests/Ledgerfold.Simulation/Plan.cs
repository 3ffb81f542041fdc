using Ledgerfold.Testing;

namespace Ledgerfold.Simulation;

/// <summary>The shape of one run, drawn before it begins: how small the ledger is and what may go wrong with it.</summary>
internal sealed record Plan
{
    public required int Generations { get; init; }

    public required int ActionsPerGeneration { get; init; }

    public required long SegmentBytes { get; init; }

    public required int SegmentEventsMax { get; init; }

    public required long ZeroAheadBytes { get; init; }

    public required long BatchBytesMax { get; init; }

    public required long FilterBytesMax { get; init; }

    public required double WriteBackChance { get; init; }

    /// <summary>Another actor goes first before one in so many disk calls; 0 for never.</summary>
    public required int InterleaveOneIn { get; init; }

    /// <summary>Whether every process gets the lock.</summary>
    public required bool LocksDefeated { get; init; }

    /// <summary>Whether the disk lies about syncs for a while.</summary>
    public required bool Lies { get; init; }

    /// <summary>Whether files are damaged between generations.</summary>
    public required bool Damages { get; init; }

    /// <summary>Whether the disk gets full for a while.</summary>
    public required bool Fills { get; init; }

    public static Plan Draw(SeededRandom random)
    {
        var plan = DrawAny(random);
        // Two faults at once that nobody could tell apart: a writer that waits for space has not taken over yet, and a disk that loses
        // what a newer writer synced leaves what an older one wrote.
        return plan with { Fills = plan.Fills && !plan.LocksDefeated, Lies = plan.Lies && !plan.LocksDefeated };
    }

    private static Plan DrawAny(SeededRandom random) => new()
    {
        Generations = random.Between(2, 6),
        ActionsPerGeneration = random.Between(8, 45),
        SegmentBytes = random.Pick<long>([5 * 1024, 6 * 1024, 8 * 1024, 8 * 1024, 12 * 1024, 32 * 1024]),
        SegmentEventsMax = random.Pick<int>([6, 40, 400_000, 400_000]),
        ZeroAheadBytes = random.Pick<long>([2 * 1024, 4 * 1024, 16 * 1024]),
        BatchBytesMax = random.Pick<long>([1024, 4096, 1024 * 1024, 1024 * 1024]),
        FilterBytesMax = random.Pick<long>([0, 4096, 1024 * 1024]),
        WriteBackChance = random.Pick<double>([0, 0.1, 0.1, 0.5]),
        InterleaveOneIn = random.Pick<int>([0, 10, 40, 40]),
        LocksDefeated = random.OneIn(5),
        Lies = random.OneIn(14),
        Damages = random.OneIn(4),
        Fills = random.OneIn(6),
    };
}
