using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Rebuilding;

/// <summary>One rebuild: from nothing to caught up, then compared at one position while events go on arriving.</summary>
internal sealed class Rebuild(FoldEngine engine, RebuildRequest request, OperationContext context)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(500);

    public async Task<RebuildResult> Run()
    {
        var projection = engine.SourceOf(request.Projection, request.Version)?.Projection
            ?? throw new InvalidOperationException($"There is no code of {request.Projection} in version {request.Version}.");
        if (context.Checkpoint<Stage>() is null)
            await Prepare(projection);
        var beside = engine.BuildBeside(projection);
        await CatchUp(beside);
        var comparison = await Compare(beside);
        return new RebuildResult(comparison, beside.Held.Shown.Count);
    }

    /// <summary>Whatever an earlier attempt left is not what this code makes of the events.</summary>
    private async Task Prepare(Projection projection)
    {
        if (engine.FormerOf(request.Projection) is { } former)
        {
            throw new InvalidOperationException(
                $"{former.Projection.Fold}, which people saw before, is still kept: roll back to it, or discard it first.");
        }

        var beside = engine.NameBeside(projection);
        if (!await engine.Drop(beside, context.Cancel))
            throw new IOException($"The rows of {beside} cannot be dropped now.");
        await context.Save(new OperationProgress(0, null, "folding"), new Stage(beside), now: true);
    }

    private async Task CatchUp(KeptFold beside)
    {
        while (true)
        {
            var head = (await engine.Ledger.ReadRange(context.Cancel)).Head;
            if (await beside.Waiters.Wait(head, TellEvery, context.Cancel))
                return;
            beside.Progress.ThrowIfStopped(beside.Projection.Fold);
            await context.Save(new OperationProgress(beside.Scanned, head, "folding"));
        }
    }

    private async Task<RowComparison> Compare(KeptFold beside)
    {
        var seen = engine.ActiveOf(beside.Source.Projection)!;
        await context.Save(new OperationProgress(0, null, "comparing"));
        await using var twins = await Twins.Open(seen, beside, engine.Store, engine.Clock, context.Cancel);
        return await twins.Compare(rows => context.Save(new OperationProgress(rows, null, "comparing")), context.Cancel);
    }

    /// <summary>What a later life has to know: the rows it goes on with are its own.</summary>
    private sealed record Stage(FoldName Fold);
}

/// <summary>What came of building the rows again.</summary>
/// <param name="Comparison">How they differ from those that people see.</param>
/// <param name="Held">How many keys and streams are held in them, because of events that cannot be folded.</param>
public sealed record RebuildResult(RowComparison Comparison, int Held);
