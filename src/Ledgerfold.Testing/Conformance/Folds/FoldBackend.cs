namespace Ledgerfold.Testing.Conformance.Folds;

/// <summary>
/// How the suite gets the fold stores of one backend. Each fact has a backend object of its own and disposes it at the end.
/// </summary>
public abstract class FoldBackend : IAsyncDisposable
{
    /// <summary>Whether <see cref="Reopen"/> works; facts about what survives are skipped where it does not.</summary>
    public virtual bool CanReopen => false;

    /// <summary>How many random sequences of operations are compared with the model.</summary>
    public virtual int RandomSequences => 100;

    /// <summary>Opens a new, empty store; called more than once.</summary>
    public abstract ValueTask<IFoldStore> Open();

    /// <summary>Closes a store that <see cref="Open"/> gave out, and opens its data again, as after a restart.</summary>
    public virtual ValueTask<IFoldStore> Reopen(IFoldStore store) =>
        throw new NotSupportedException("This backend does not outlive its store.");

    /// <summary>Removes what the stores left behind; they are disposed by then.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
