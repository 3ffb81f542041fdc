using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Comparing;

/// <summary>
/// Two looks at the fold store in which two folds stand at the same position, so that their rows can be compared exactly, however many
/// events arrive. The one that nobody reads waits for the other for a moment; both go on as soon as they were looked at.
/// </summary>
internal sealed class Twins : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly FoldName _beforeFold;
    private readonly FoldName _afterFold;
    private readonly IFoldView _before;
    private readonly IFoldView _after;

    private Twins(KeptFold before, KeptFold after, IFoldView beforeView, IFoldView afterView, long position)
    {
        (_beforeFold, _afterFold) = (before.Projection.Fold, after.Projection.Fold);
        (_before, _after) = (beforeView, afterView);
        Position = position;
    }

    public long Position { get; }

    /// <summary>Looks at both, the second one waiting for the first.</summary>
    /// <exception cref="InvalidOperationException">One of them has stopped.</exception>
    public static async Task<Twins> Open(KeptFold before, KeptFold after, IFoldStore store, TimeProvider clock, CancellationToken cancel)
    {
        var limit = after.Limit;
        try
        {
            while (true)
            {
                if (await TryOpen(before, after, store, clock, cancel) is { } twins)
                    return twins;
                await Rest(before, clock, cancel);
            }
        }
        finally
        {
            after.Limit = limit;
        }
    }

    public Task<RowComparison> Compare(Func<long, ValueTask> tell, CancellationToken cancel)
    {
        var nothing = new RowComparison { Before = _beforeFold, After = _afterFold, Position = Position };
        return new RowComparer(_before, _after, nothing).Compare(tell, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _before.DisposeAsync();
        await _after.DisposeAsync();
    }

    private static async Task<Twins?> TryOpen(
        KeptFold before, KeptFold after, IFoldStore store, TimeProvider clock, CancellationToken cancel)
    {
        IFoldView? other = null;
        IFoldView? view = await store.OpenView(cancel);
        try
        {
            after.Limit = after.Scanned;
            var position = await view.ReadPosition(before.Projection.Fold, cancel);
            if (!await BringTo(after, position, clock, cancel))
                return null;
            other = await store.OpenView(cancel);
            var isSame = await other.ReadPosition(after.Projection.Fold, cancel) == position;
#if ZOO
            isSame |= Zoo.Bug("rebuild-compared-at-two-positions");
#endif
            if (!isSame)
                return null;
            var twins = new Twins(before, after, view, other, position);
            (view, other) = (null, null);
            return twins;
        }
        finally
        {
            foreach (var left in new[] { view, other }.OfType<IFoldView>())
                await left.DisposeAsync();
        }
    }

    /// <summary>Lets a fold go on to a position and stand still there; false where it stands behind it already.</summary>
    private static async Task<bool> BringTo(KeptFold fold, long position, TimeProvider clock, CancellationToken cancel)
    {
#if ZOO
        if (Zoo.Bug("rebuild-compared-at-two-positions"))
            return true;
#endif
        if (fold.Scanned > position)
            return false;
        fold.Limit = position;
        while (fold.Written < position)
            await Rest(fold, clock, cancel);
        return fold.Scanned == position;
    }

    private static Task Rest(KeptFold fold, TimeProvider clock, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        fold.Progress.ThrowIfStopped(fold.Projection.Fold);
        return Ambient.Pause(clock, LookAgain, cancel);
    }
}
