using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Folds;

/// <summary>The shape of one run of the fold store, drawn before it begins: how small everything is and what may go wrong.</summary>
internal sealed record FoldPlan
{
    public required int Generations { get; init; }

    public required int ActionsPerGeneration { get; init; }

    public required long MemoryBytes { get; init; }

    public required long LogStepBytes { get; init; }

    public required int DataBytesMax { get; init; }

    public required double WriteBackChance { get; init; }

    /// <summary>Another actor goes first before one in so many disk calls; 0 for never.</summary>
    public required int InterleaveOneIn { get; init; }

    /// <summary>Whether every process gets the lock.</summary>
    public required bool LocksDefeated { get; init; }

    /// <summary>Whether files are damaged between generations.</summary>
    public required bool Damages { get; init; }

    /// <summary>Whether the disk gets full for a while.</summary>
    public required bool Fills { get; init; }

    public static FoldPlan Draw(SeededRandom random)
    {
        var plan = new FoldPlan
        {
            Generations = random.Between(2, 6),
            ActionsPerGeneration = random.Between(8, 60),
            MemoryBytes = random.Pick<long>([4 * 1024, 4 * 1024, 16 * 1024, 64 * 1024]),
            LogStepBytes = random.Pick<long>([512, 2048, 16 * 1024]),
            DataBytesMax = random.Pick<int>([40, 40, 400, 6000]),
            WriteBackChance = random.Pick<double>([0, 0.1, 0.1, 0.5]),
            InterleaveOneIn = random.Pick<int>([0, 6, 20, 20]),
            LocksDefeated = random.OneIn(6),
            Damages = random.OneIn(4),
            Fills = random.OneIn(6),
        };
        return plan with { Fills = plan.Fills && !plan.LocksDefeated };
    }
}
