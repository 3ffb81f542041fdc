using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>Rows to write together with the position they bring the fold to.</summary>
public sealed record FoldBatch
{
    /// <summary>Which fold.</summary>
    public required FoldName Fold { get; init; }

    /// <summary>Where the fold must stand: this fences off a second copy of the same fold.</summary>
    public required long Expected { get; init; }

    /// <summary>Where it stands afterwards; never lower, and above 0 where there are rows.</summary>
    public required long Position { get; init; }

    /// <summary>Rows as they are afterwards, whole; no key twice.</summary>
    public ImmutableArray<FoldRow> Rows { get; init; } = [];

    /// <summary>Rows that are no more; missing ones are fine.</summary>
    public ImmutableArray<FoldKey> Removed { get; init; } = [];
}
