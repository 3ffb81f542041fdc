using Ledgerfold.Model.Folding;

namespace Ledgerfold.Testing.Folding;

/// <summary>Waits for folds in tests: for what they show, and never for time.</summary>
public static class FoldWaiting
{
    /// <summary>
    /// Completes when every projection of the engine shows all that is in the ledger now. It asks those that the engine has, and not those
    /// that happen to have rows; one that has stopped is an error, and nothing to wait for.
    /// </summary>
    /// <exception cref="InvalidOperationException">A projection has stopped.</exception>
    public static async ValueTask WaitUntilCaughtUp(this FoldEngine engine, ILedger ledger, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(ledger);
        var head = (await ledger.ReadRange(cancel)).Head;
        foreach (var projection in engine.Projections)
        {
            if (!await engine.WaitUntil(projection, head, within: null, cancel))
            {
                var status = await engine.ReadStatus(projection, cancel);
                throw new InvalidOperationException($"{projection} stands at {status.Position} of {head}: {status.Reason}");
            }
        }
    }
}
