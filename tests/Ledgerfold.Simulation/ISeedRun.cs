namespace Ledgerfold.Simulation;

/// <summary>What one seed runs: the life of a ledger, of a fold store, or of a bank on both, with or without wires to others.</summary>
internal interface ISeedRun
{
    Journal Journal { get; }

    /// <summary>The shape of the run, in words.</summary>
    string Plan { get; }

    /// <summary>What the run came to: two runs of one seed agree in it.</summary>
    ulong Hash { get; }

    void Run();
}

/// <summary>What can be run under a seed.</summary>
internal enum SeedKind
{
    Ledger,
    Folds,
    Bank,
    Wires,
}
