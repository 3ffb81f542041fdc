using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Bank;

/// <summary>The shape of one run of the bank, drawn before it begins: how it is set up and what may go wrong.</summary>
internal sealed record BankPlan
{
    public required int Generations { get; init; }

    public required int ActionsPerGeneration { get; init; }

    public required int Accounts { get; init; }

    public required int Desks { get; init; }

    public required long SegmentBytes { get; init; }

    public required long FoldMemoryBytes { get; init; }

    public required double WriteBackChance { get; init; }

    /// <summary>How many copies of the application take commands, each with a memory of its own.</summary>
    public required int Copies { get; init; }

    public required int HotStatesMax { get; init; }

    /// <summary>A snapshot once in so many events; 0 for never.</summary>
    public required int SnapshotEvery { get; init; }

    public required int TogetherMax { get; init; }

    public required int TriesMax { get; init; }

    public required int DirtyRowsMax { get; init; }

    public required int CachedRowsMax { get; init; }

    public required int RetriesMax { get; init; }

    public required int CheckpointMilliseconds { get; init; }

    /// <summary>Tasks go first before one in so many disk calls of a writer; 0 for never.</summary>
    public required int InterleaveOneIn { get; init; }

    /// <summary>Whether projections fail at some events.</summary>
    public required bool Poisons { get; init; }

    /// <summary>Whether they fail also to say whom an event concerns.</summary>
    public required bool HoldsStreams { get; init; }

    /// <summary>Whether somebody chooses to leave failed events out.</summary>
    public required bool Skips { get; init; }

    /// <summary>Whether a second copy of the folds begins beside the first.</summary>
    public required bool SecondFolds { get; init; }

    /// <summary>Whether code changes from one process to the next.</summary>
    public required bool CodeChanges { get; init; }

    /// <summary>Whether the folds' files are damaged or lost.</summary>
    public required bool LosesFolds { get; init; }

    /// <summary>Whether the disk answers with errors.</summary>
    public required bool Fails { get; init; }

    /// <summary>Whether the disk gets full for a while.</summary>
    public required bool Fills { get; init; }

    /// <summary>Whether operators build rows again, and switch to them.</summary>
    public bool Rebuilds { get; private init; }

    public static BankPlan Draw(SeededRandom random)
    {
        var poisons = random.Coin();
        var plan = new BankPlan
        {
            Generations = random.Between(2, 4),
            ActionsPerGeneration = random.Between(20, 120),
            Accounts = random.Between(2, 4),
            Desks = random.Between(1, 3),
            SegmentBytes = random.Pick<long>([8 * 1024, 32 * 1024, 256 * 1024]),
            FoldMemoryBytes = random.Pick<long>([4 * 1024, 16 * 1024, 64 * 1024]),
            WriteBackChance = random.Pick<double>([0, 0.1, 0.5]),
            Copies = random.Between(1, 2),
            HotStatesMax = random.Pick<int>([0, 2, 1000, 1000]),
            SnapshotEvery = random.Pick<int>([0, 1, 2, 5]),
            TogetherMax = random.Pick<int>([1, 3, 256, 256]),
            TriesMax = random.Pick<int>([2, 12, 12]),
            DirtyRowsMax = random.Pick<int>([1, 4, 100]),
            CachedRowsMax = random.Pick<int>([1, 3, 100]),
            RetriesMax = random.Between(0, 3),
            CheckpointMilliseconds = random.Pick<int>([1, 100, 1000]),
            InterleaveOneIn = random.Pick<int>([0, 3, 10]),
            Poisons = poisons,
            HoldsStreams = poisons && random.OneIn(3),
            Skips = poisons && random.OneIn(3),
            SecondFolds = random.OneIn(3),
            CodeChanges = random.Coin(),
            LosesFolds = random.OneIn(4),
            Fails = random.OneIn(3),
            Fills = random.OneIn(6),
        };
        return plan with { Rebuilds = random.Coin() && plan is { SecondFolds: false, LosesFolds: false } };
    }
}
