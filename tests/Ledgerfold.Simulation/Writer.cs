using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>A process that writes to the ledger, and the callers that wait for it.</summary>
internal sealed class Writer(SimulatedProcess process, EmbeddedLedger ledger)
{
    public SimulatedProcess Process => process;

    public EmbeddedLedger Ledger => ledger;

    /// <summary>Appends without an answer, in the order they were asked.</summary>
    public List<Call> Pending { get; } = [];

    /// <summary>Whether a newer writer opened the ledger: nothing may be acknowledged any more.</summary>
    public bool Fenced { get; set; }

    /// <summary>Whether it found the disk full when it opened, and waits for space to begin: nobody asks it for anything until then.</summary>
    public bool Waits { get; set; }

    /// <summary>Whether it ended: it answers no reads any more.</summary>
    public bool IsClosed { get; set; }

    public bool IsAlive => process.IsAlive;

    /// <summary>An append and its answer to come.</summary>
    public sealed record Call(AppendRequest Request, ValueTask<AppendOutcome> Answer, CancellationTokenSource Cancel);
}
