using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Folding;

/// <summary>
/// Brings what is held up to where its fold stands, a page at a time between the pages of everything else. What is applied and the position
/// it waits at go into the same batch, so that it may end anywhere and go on later.
/// </summary>
internal abstract class Release(FoldContext fold, FoldRequest? asked) : IAsyncDisposable
{
    /// <summary>Who asked for it; null where it was tried by itself.</summary>
    public FoldRequest? Asked { get; } = asked;

    protected FoldContext Fold { get; } = fold;

    /// <summary>What it takes to bring up to date what is held under this name.</summary>
    public static Release Of(FoldContext fold, HeldName name, FoldRequest? asked)
    {
        if (name.Stream is not null)
            return new StreamRelease(fold, name, asked);
        if (!fold.Held.IsFromNothing(name))
            return new KeyRelease(fold, name, asked);
        var together = asked is null ? fold.Held.TryFromNothing(name.Tenant) : [];
        return new Recomputation(fold, name.Tenant, together.Append(name.Key!), asked);
    }

    /// <summary>Does one page. Once it has ended: whether nothing of it is held any more; until then null.</summary>
    public abstract ValueTask<bool?> Step(long scanned, CancellationToken cancel);

    public abstract ValueTask DisposeAsync();

    /// <summary>
    /// What an event says under which keys. One that could be read when its turn came, and cannot be now, holds its stream: whom it
    /// concerns is not known any more.
    /// </summary>
    protected KeyedEvent Read(RecordedEvent recorded)
    {
        var keyed = KeyedEvent.Read(Fold.Projection, Fold.Codec, recorded);
        if (keyed.Problem is { } problem)
            Fold.Held.Hold(HeldName.OfStream(recorded.Tenant, recorded.Stream), recorded.Position, problem);
        return keyed;
    }
}

/// <summary>What the parts of one kept fold work on together.</summary>
internal sealed record FoldContext(
    Projection Projection, EventCodec Codec, ILedger Ledger, IFoldStore Store, FoldEngineOptions Options, FoldMemory Memory, HeldKeys Held)
{
    /// <summary>Names the fold in metrics and traces.</summary>
    public KeyValuePair<string, object?> Tag { get; } = Telemetry.TagOf(Projection.Fold);
}
