using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// Appends to the streams of operations, again and again while the ledger takes nothing or loses its answer; under the same event ids, so
/// that what happened is known in the end.
/// </summary>
internal sealed class OperationWriter(ILedger ledger, OperationOptions options)
{
    /// <summary>The first outcome that says what became of it; the last one met once the tries are used up or it is time to stop.</summary>
    public async Task<AppendOutcome> Append(AppendRequest request, int triesMax, CancellationToken stop, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            var outcome = await Try(request, cancel);
            if (outcome is not (AppendOutcome.Indeterminate or AppendOutcome.Overloaded or AppendOutcome.ReadOnly)
                || tries >= triesMax || stop.IsCancellationRequested)
                return outcome;
            await Ambient.Pause(options.Clock, options.Retries.PauseAfter(tries, options.Chance), stop);
        }
    }

    /// <summary>An id that nobody had.</summary>
    public Guid NextId() => RandomId.Draw(options.Chance);

    private async Task<AppendOutcome> Try(AppendRequest request, CancellationToken cancel)
    {
        try
        {
            return await ledger.Append(request, cancel);
        }
        catch (IOException failure)
        {
            return new AppendOutcome.Indeterminate(failure.Message);
        }
    }
}
