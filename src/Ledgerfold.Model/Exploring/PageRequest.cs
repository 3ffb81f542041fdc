namespace Ledgerfold.Model.Exploring;

/// <summary>Which part of a list of the ledger is asked for. Positions are its cursors, whatever is appended.</summary>
public sealed record PageRequest
{
    /// <summary>How many items a page has where nothing else is said.</summary>
    public const int LimitDefault = 50;

    /// <summary>Only positions above this one.</summary>
    public long? After { get; init; }

    /// <summary>Only positions below this one.</summary>
    public long? Before { get; init; }

    /// <summary>Newest first.</summary>
    public bool Backward { get; init; }

    /// <summary>At most so many items.</summary>
    public int Limit { get; init; } = LimitDefault;

    /// <summary>The first rule that it breaks, with the name of the part; null where it breaks none.</summary>
    public AppendOutcome.Refused? Check(ExploreLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return Limit < 1 || Limit > limits.ItemsMax ? new("limit", $"1 to {limits.ItemsMax}")
            : After < 0 ? new("after", "at least 0")
            : Before < 0 ? new("before", "at least 0")
            : null;
    }
}
