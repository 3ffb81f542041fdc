using System.Collections.Immutable;

namespace Ledgerfold.Model.Comparing;

/// <summary>How the rows of one fold differ from those of another, both at the same position.</summary>
public sealed record RowComparison
{
    /// <summary>The rows there are.</summary>
    public required FoldName Before { get; init; }

    /// <summary>The rows they are compared with.</summary>
    public required FoldName After { get; init; }

    /// <summary>The position that both reflect.</summary>
    public required long Position { get; init; }

    /// <summary>How many rows are the same.</summary>
    public long Same { get; init; }

    /// <summary>How many rows are new.</summary>
    public long Added { get; init; }

    /// <summary>How many rows are not what they were.</summary>
    public long Changed { get; init; }

    /// <summary>How many rows are gone.</summary>
    public long Removed { get; init; }

    /// <summary>The first of those that differ, of each kind some.</summary>
    public ImmutableArray<RowDifference> Samples { get; init; } = [];

    /// <summary>Whether there is no difference.</summary>
    public bool IsSame => Added + Changed + Removed == 0;

    /// <inheritdoc />
    public override string ToString() =>
        $"{Before} and {After} at {Position}: {Same} the same, {Added} added, {Changed} changed, {Removed} removed";
}

/// <summary>A row that differs.</summary>
/// <param name="Tenant">Whose row.</param>
/// <param name="Key">Its key.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Changes">The fields that differ; none where the row is found by other values only.</param>
public sealed record RowDifference(string Tenant, string Key, RowDifferenceKind Kind, ImmutableArray<FieldChange> Changes)
{
    /// <inheritdoc />
    public override string ToString() => $"{Tenant}/{Key} {Kind}: {string.Join(", ", Changes)}";
}

/// <summary>In what way a row differs.</summary>
public enum RowDifferenceKind
{
    /// <summary>There was none.</summary>
    Added,

    /// <summary>Its state, or what it is found by, is another one.</summary>
    Changed,

    /// <summary>There is none any more.</summary>
    Removed,
}
