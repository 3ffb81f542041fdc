using System.Collections.Immutable;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>The application as it runs: the ledger and the fold store, copies of it that take commands, and the engine of its folds.</summary>
internal sealed class BankProcess
{
    public required SimulatedProcess LedgerProcess { get; init; }

    public required SimulatedProcess FoldsProcess { get; init; }

    public required EmbeddedLedger Ledger { get; init; }

    public required EmbeddedFoldStore Store { get; init; }

    public required BankCode Code { get; init; }

    /// <summary>Who takes commands; they share nothing but the ledger and the fold store.</summary>
    public required ImmutableArray<Commands> Commands { get; init; }

    public required TimelineEngine Timelines { get; init; }

    /// <summary>Engines of the same folds, the newest last: the others do not know yet that they were taken over.</summary>
    public List<FoldEngine> Engines { get; } = [];

    public FoldEngine Engine => Engines[^1];

    /// <summary>Engines of the same processes, the newest last.</summary>
    public List<ProcessEngine> ProcessEngines { get; } = [];

    /// <summary>Whether it is about to end, and takes no commands any more.</summary>
    public bool IsClosing { get; set; }

    public bool IsAlive => LedgerProcess.IsAlive && FoldsProcess.IsAlive;

    /// <summary>Whether it can do its work no longer, and has to be started again.</summary>
    public bool IsStuck => Ledger.Health.Trouble is { Passing: false } || Store.Health.Trouble is { Passing: false };
}
