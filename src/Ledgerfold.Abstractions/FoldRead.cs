using System.Collections.Immutable;

namespace Ledgerfold;

/// <summary>Which rows to read: of one fold and tenant, by key or by an index, from where to where, and how many.</summary>
public sealed record FoldRead
{
    /// <summary>The page size where none is asked for.</summary>
    public const int LimitDefault = 100;

    /// <summary>Which fold.</summary>
    public required FoldName Fold { get; init; }

    /// <summary>Whose rows.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>By which index; null for the key itself. A row stands once under each value it has there.</summary>
    public string? Index { get; init; }

    /// <summary>Only keys or values at or above this one.</summary>
    public string? From { get; init; }

    /// <summary>Only keys or values below this one.</summary>
    public string? To { get; init; }

    /// <summary>Highest first.</summary>
    public bool Backward { get; init; }

    /// <summary>
    /// At most so many rows, 1 to <see cref="Limits.FoldPageRowsMax"/>; <see cref="Limits.FoldPageBytesMax"/> may end a page before.
    /// </summary>
    public int Limit { get; init; } = LimitDefault;

    /// <summary>Goes on behind the page that gave this; the rest of the request is the same, but for the limit.</summary>
    public string? Continue { get; init; }
}

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows, in order.</param>
/// <param name="Next">What continues behind them; null at the end.</param>
/// <param name="Position">The position that the rows reflect.</param>
public sealed record FoldPage(ImmutableArray<FoldRow> Rows, string? Next, long Position);
