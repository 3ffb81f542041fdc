using Ledgerfold.Testing;

namespace Ledgerfold.Simulation.Wires;

/// <summary>The shape of the wires in one run of the bank, drawn before it begins.</summary>
internal sealed record WirePlan
{
    /// <summary>How many wires there are to ask for.</summary>
    public required int Wires { get; init; }

    /// <summary>Whether a wire that came to its end can be asked for again.</summary>
    public required bool StartsAgain { get; init; }

    /// <summary>Whether the clearing house can be asked what became of a call.</summary>
    public required bool CanAsk { get; init; }

    /// <summary>How often a call is tried; null for ever.</summary>
    public required int? AttemptsMax { get; init; }

    /// <summary>The clearing house meets a fault in one call of so many; 0 for never.</summary>
    public required int FaultOneIn { get; init; }

    /// <summary>Whether the clearing house is out of reach for a while.</summary>
    public required bool GoesDown { get; init; }

    /// <summary>Whether a second engine of the processes begins beside the first.</summary>
    public required bool SecondEngines { get; init; }

    /// <summary>Whether somebody sets the wall clock.</summary>
    public required bool ClockJumps { get; init; }

    public required int InstancesMax { get; init; }

    public required int WaitingMax { get; init; }

    public required int Parallelism { get; init; }

    /// <summary>How many records go into one append.</summary>
    public required int TogetherMax { get; init; }

    public static WirePlan Draw(SeededRandom random)
    {
        var canAsk = !random.OneIn(4);
        return new WirePlan
        {
            Wires = random.Pick<int>([1, 3, 10]),
            StartsAgain = random.Coin(),
            CanAsk = canAsk,
            AttemptsMax = canAsk ? random.Pick<int?>([null, null, 2, 5]) : random.Between(1, 3),
            FaultOneIn = random.Pick<int>([0, 1, 2, 2, 3, 6]),
            GoesDown = random.OneIn(3),
            SecondEngines = random.Coin(),
            ClockJumps = random.OneIn(3),
            InstancesMax = random.Pick<int>([1, 2, 1000]),
            WaitingMax = random.Pick<int>([1, 3, 1000]),
            Parallelism = random.Pick<int>([1, 3, 32]),
            TogetherMax = random.Pick<int>([1, 2, 2_000]),
        };
    }
}
