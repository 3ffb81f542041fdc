namespace Ledgerfold.Testing.Conformance;

/// <summary>How the suite gets the ledgers of one backend. Each fact has a backend object of its own and disposes it at the end.</summary>
public abstract class LedgerBackend : IAsyncDisposable
{
    /// <summary>Whether <see cref="Reopen"/> works; facts about what survives are skipped where it does not.</summary>
    public virtual bool CanReopen => false;

    /// <summary>How many random sequences of operations are compared with the model.</summary>
    public virtual int RandomSequences => 200;

    /// <summary>How long a fact waits for what should come at once, before it says that nothing came.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Opens a new, empty ledger; called more than once.</summary>
    public abstract ValueTask<ILedger> Open();

    /// <summary>Closes a ledger that <see cref="Open"/> gave out, and opens its data again, as after a restart.</summary>
    public virtual ValueTask<ILedger> Reopen(ILedger ledger) =>
        throw new NotSupportedException("This backend does not outlive its ledger.");

    /// <summary>Removes what the ledgers left behind; they are disposed by then.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
