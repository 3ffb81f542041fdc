using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Folds;

/// <summary>A process that has the fold store open, the callers that wait for it, and the views they hold.</summary>
internal sealed class FoldProcess(SimulatedProcess process, EmbeddedFoldStore store)
{
    public SimulatedProcess Process => process;

    public EmbeddedFoldStore Store => store;

    /// <summary>What has no answer yet, in the order it was asked.</summary>
    public List<Call> Pending { get; } = [];

    /// <summary>Views, and what was there when they were opened.</summary>
    public List<(IFoldView View, string Content)> Views { get; } = [];

    /// <summary>Whether a newer writer opened the store: nothing may be acknowledged any more.</summary>
    public bool Fenced { get; set; }

    public bool IsAlive => process.IsAlive;

    /// <summary>A batch, or the drop of a fold, and its answer to come.</summary>
    public sealed record Call(FoldName Fold, FoldBatch? Batch, ValueTask<FoldOutcome> Answer);
}
