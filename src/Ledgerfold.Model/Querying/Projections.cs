using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>Where projections are asked: those that are kept, and any of them for its state at another time.</summary>
public sealed class Projections(FoldEngine engine)
{
    /// <summary>Asks the rows that the engine keeps.</summary>
    /// <exception cref="ArgumentException">The engine does not keep it.</exception>
    public ProjectionReader<TState> Of<TState>(Projection<TState> projection)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ProjectionReader<TState>(engine, projection);
    }

    /// <summary>Computes states of a projection that the engine keeps, from the ledger and when asked.</summary>
    /// <exception cref="ArgumentException">The engine does not keep it.</exception>
    public LiveFold<TState> Live<TState>(Projection<TState> projection)
        where TState : class => new(engine.Ledger, engine.Find(projection).Codec, projection);

    /// <summary>Computes states of a projection that nobody need keep, made of these events.</summary>
    public LiveFold<TState> Live<TState>(Projection<TState> projection, EventTypes types)
        where TState : class => new(engine.Ledger, new EventCodec(types), projection);
}
