using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Querying;

/// <summary>What a projection answers: a closed family.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public abstract record ReadAnswer<T>
{
    private ReadAnswer(Freshness freshness) => Freshness = freshness;

    /// <summary>How new the rows are, and what is missing from them.</summary>
    public Freshness Freshness { get; }

    /// <summary>What was asked for.</summary>
    /// <exception cref="TimeoutException">The rows were not new enough in time.</exception>
    public T OrThrow() => this is Found found
        ? found.Value
        : throw new TimeoutException($"The rows show position {Freshness.Position}, and {((Stale)this).Wanted} was asked for.");

    /// <summary>The answer, as new as was asked for.</summary>
    public sealed record Found : ReadAnswer<T>
    {
        internal Found(T value, Freshness freshness)
            : base(freshness) => Value = value;

        /// <summary>What was asked for.</summary>
        public T Value { get; }
    }

    /// <summary>
    /// The rows did not become as new as was asked for, in time or at all; ask with <see cref="Consistency.Eventual"/> for what there is.
    /// </summary>
    public sealed record Stale : ReadAnswer<T>
    {
        internal Stale(long wanted, Freshness freshness)
            : base(freshness) => Wanted = wanted;

        /// <summary>The position that was asked for.</summary>
        public long Wanted { get; }
    }
}

/// <summary>How new rows are.</summary>
public sealed record Freshness
{
    /// <summary>Everything up to here shows, but for what is held: a token for later reads.</summary>
    public required long Position { get; init; }

    /// <summary>What is held of this key, or of these rows; a held stream may concern any of them.</summary>
    public ImmutableArray<HeldKey> Held { get; init; } = [];

    /// <summary>
    /// Why the rows as a whole are not what they should be: their fold stopped, pauses, or is still being built; null where all is well.
    /// </summary>
    public string? Trouble { get; init; }

    /// <summary>Whether something that happened up to the position may not show.</summary>
    public bool IsStale => Trouble is not null || !Held.IsEmpty;
}

/// <summary>A row with its key.</summary>
/// <param name="Key">The key.</param>
/// <param name="State">The state.</param>
/// <typeparam name="TState">The state.</typeparam>
public sealed record Row<TState>(string Key, TState State);

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows, in order.</param>
/// <param name="Next">What continues behind them; null at the end.</param>
/// <typeparam name="TState">The state.</typeparam>
public sealed record RowPage<TState>(ImmutableArray<Row<TState>> Rows, string? Next);

/// <summary>Which rows: by key or by an index, from where to where, in which order, and how many.</summary>
public sealed record RowQuery<TState>
{
    /// <summary>Whose rows.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>By which index; null for the key.</summary>
    public string? Index { get; init; }

    /// <summary>Only rows with this value of the index, or this key.</summary>
    public string? Value { get; init; }

    /// <summary>Only keys or values that begin so.</summary>
    public string? Prefix { get; init; }

    /// <summary>Only keys or values at or above this one.</summary>
    public string? From { get; init; }

    /// <summary>Only keys or values below this one.</summary>
    public string? To { get; init; }

    /// <summary>Only states of which this is true; it is asked row by row, so an index serves better where there is one.</summary>
    public Func<TState, bool>? Where { get; init; }

    /// <summary>Highest first.</summary>
    public bool Backward { get; init; }

    /// <summary>At most so many rows.</summary>
    public int Limit { get; init; } = FoldRead.LimitDefault;

    /// <summary>Goes on behind the page that gave this.</summary>
    public string? Continue { get; init; }
}
