using System.Collections.Immutable;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Rebuilding;

/// <summary>Lets readers see other rows. Which ones is decided once, so that a restart in between does not go there and back.</summary>
internal sealed class Switching(FoldEngine engine, OperationContext context)
{
    private static readonly TimeSpan CatchUpWithin = TimeSpan.FromSeconds(30);

    public async Task<SwitchResult> To(SwitchRequest request)
    {
        return await Go(request.Projection, () =>
        {
            var seen = engine.ActiveOf(request.Projection);
            var beside = engine.KeptOf(request.Projection)
                .FirstOrDefault(fold => fold != seen && fold.Projection.Fold.Version == request.Version);
            return beside ?? throw new InvalidOperationException(
                $"Nothing is built of {request.Projection} in version {request.Version} beside what people see.");
        });
    }

    public Task<SwitchResult> Back(string projection) => Go(projection, () => engine.FormerOf(projection)
        ?? throw new InvalidOperationException($"{projection} has nothing to go back to: nothing was switched, or it was discarded."));

    /// <summary>Ends everything of a projection that readers do not see.</summary>
    public static async Task<DiscardResult> Discard(FoldEngine engine, string projection, CancellationToken cancel)
    {
        var seen = engine.ActiveOf(projection);
        var unseen = engine.KeptOf(projection).Where(fold => fold != seen).Select(static fold => fold.Projection.Fold).ToImmutableArray();
        foreach (var fold in unseen)
        {
            if (!await engine.Drop(fold, cancel))
                throw new IOException($"The rows of {fold} cannot be dropped now.");
        }

        return new DiscardResult(unseen);
    }

    private async Task<SwitchResult> Go(string projection, Func<KeptFold> choose)
    {
        if (context.Checkpoint<Step>() is not { } step)
        {
            step = new Step(engine.ActiveOf(projection)?.Projection.Fold, choose().Projection.Fold);
            await context.Save(new OperationProgress(0, null, $"switching to {step.To}"), step, now: true);
        }

        var fold = engine.KeptOf(projection).FirstOrDefault(fold => fold.Projection.Fold == step.To)
            ?? throw new InvalidOperationException($"{step.To} is not kept any more.");
        if (!await engine.Switch(fold, CatchUpWithin, context.Cancel))
        {
            fold.Progress.ThrowIfStopped(fold.Projection.Fold);
            throw new InvalidOperationException($"{step.To} does not catch up with what people see.");
        }

        return new SwitchResult(step.From ?? step.To, step.To);
    }

    private sealed record Step(FoldName? From, FoldName To);
}

/// <summary>What readers saw, and what they see now.</summary>
public sealed record SwitchResult(FoldName From, FoldName To);

/// <summary>What was let go of.</summary>
public sealed record DiscardResult(ImmutableArray<FoldName> Dropped);
