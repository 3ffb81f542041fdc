using System.Collections.Immutable;

namespace Ledgerfold.Model.Operating;

/// <summary>Which operations to list, newest first.</summary>
public sealed record OperationSearch
{
    /// <summary>The most operations of a page.</summary>
    public const int LimitMax = 100;

    /// <summary>Whose.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>Only of this kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Only those that have not ended.</summary>
    public bool OpenOnly { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Goes on behind the page that gave this.</summary>
    public long Before { get; init; } = long.MaxValue;

    internal OperationSearch Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, LimitMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(Before, 0);
        if (!Limits.IsName(Tenant) || (Kind is not null && !Limits.IsTag(OperationRecords.TagOfKind(Kind))))
            throw new ArgumentException("The tenant or the kind is no name.");
        return this;
    }
}

/// <summary>A page of operations.</summary>
/// <param name="Operations">The operations, newest first.</param>
/// <param name="Next">What continues behind them; null at the end.</param>
public sealed record OperationPage(ImmutableArray<OperationState> Operations, long? Next);
