using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>Where projections that are kept are asked for their rows.</summary>
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

    /// <summary>Asks the rows of a projection by its name, as JSON; null where the engine keeps none of this name.</summary>
    public JsonRows? Find(string name)
    {
        var versions = engine.Projections.Where(one => one.Fold.Name == name).ToArray();
        return (versions.FirstOrDefault(engine.IsActive) ?? versions.FirstOrDefault())?.RowsOf(engine);
    }
}
