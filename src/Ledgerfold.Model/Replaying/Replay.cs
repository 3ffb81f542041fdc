using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;

namespace Ledgerfold.Model.Replaying;

/// <summary>
/// One replay: a fold over a ledger as it is thought to be, into rows of its own. It goes on where its rows stand, so it may end anywhere
/// and go on later; keys are folded side by side, as they always are.
/// </summary>
internal sealed class Replay(FoldEngine engine, ReplayRequest request, OperationContext context)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(500);

    public async Task<ReplayResult> Run()
    {
        var source = engine.SourceOf(request.Projection, request.Version)
            ?? throw new InvalidOperationException($"There is no code of {request.Projection} in version {request.Version}.");
        var range = context.Checkpoint<Range>() ?? await Begin();
        var thought = request with { From = range.From, To = range.To };
        var fold = ReplayNames.NameOf(context.Id, request.Version);
        var ledger = await ThoughtLedger.Of(engine.Ledger, engine.Clock, thought, range.To, context.Cancel);
        var kept = new KeptFold(source, ledger, engine.Store, engine.Options, fold) { Limit = range.To };
        try
        {
            kept.Start();
            await Until(kept, range.To, "folding");
            var comparison = !request.Compares ? null : request.To is null && request.ToTime is null
                ? await CompareWith(engine.ActiveOf(source.Projection) ?? throw NothingKept(), kept)
                : await CompareWithTruth(source, kept, range.To);
            return new ReplayResult(range.From, range.To, fold, kept.Held.Shown.Count, comparison);
        }
        finally
        {
            await kept.DisposeAsync();
        }
    }

    private async Task<Range> Begin()
    {
        var head = (await engine.Ledger.ReadRange(context.Cancel)).Head;
        var from = request.FromTime is { } time ? await PositionBefore(time) : request.From;
        var to = request.ToTime is { } until ? await engine.Ledger.PositionAt(until, context.Cancel) : request.To ?? head;
        if ((request with { From = from, To = to }).Check(head) is var (field, rule))
            throw new ArgumentException($"{field}: {rule}");
        var range = new Range(from, to);
        await context.Save(new OperationProgress(0, to, "folding"), range, now: true);
        return range;
    }

    private ValueTask<long> PositionBefore(DateTimeOffset time) =>
        engine.Ledger.PositionAt(time - TimeSpan.FromMicroseconds(1), context.Cancel);

    private async Task Until(KeptFold fold, long position, string message)
    {
        while (fold.Written < position)
        {
            fold.Progress.ThrowIfStopped(fold.Projection.Fold);
            await context.Save(new OperationProgress(fold.Scanned, position, message));
            await Ambient.Pause(engine.Clock, fold.Scanned < position ? TellEvery : TimeSpan.FromMilliseconds(20), context.Cancel);
            context.Cancel.ThrowIfCancellationRequested();
        }
    }

    private async Task<RowComparison> CompareWith(KeptFold truth, KeptFold kept)
    {
        await context.Save(new OperationProgress(0, null, "comparing"));
        await using var twins = await Twins.Open(truth, kept, engine.Store, engine.Clock, context.Cancel);
        return await twins.Compare(rows => context.Save(new OperationProgress(rows, null, "comparing")), context.Cancel);
    }

    /// <summary>What was at an earlier moment stands nowhere: it is folded as well, as the version that people see makes it.</summary>
    private async Task<RowComparison> CompareWithTruth(FoldSource source, KeptFold kept, long to)
    {
        var seen = engine.ActiveOf(source.Projection)?.Source ?? throw NothingKept();
        var name = ReplayNames.NameOfTruth(context.Id, seen.Projection.Fold.Version);
        var truth = new KeptFold(seen, engine.Ledger, engine.Store, engine.Options, name) { Limit = to };
        try
        {
            truth.Start();
            await Until(truth, to, "folding what really happened");
            return await CompareWith(truth, kept);
        }
        finally
        {
            await truth.Abandon();
            await engine.Store.Drop(name, CancellationToken.None);
        }
    }

    private InvalidOperationException NothingKept() =>
        new($"{request.Projection} is kept in no version: there is nothing to compare with.");

    /// <summary>What it came to mean when it began, for later lives.</summary>
    private sealed record Range(long From, long To);
}

/// <summary>What came of a replay.</summary>
/// <param name="From">Events behind this position were replayed.</param>
/// <param name="To">Up to this one.</param>
/// <param name="Fold">Where the rows stand.</param>
/// <param name="Held">How many keys and streams are held in them, because of events that cannot be folded.</param>
/// <param name="Comparison">How they differ from what is, or was, in truth; null where that was not asked for.</param>
public sealed record ReplayResult(long From, long To, FoldName Fold, int Held, RowComparison? Comparison);
