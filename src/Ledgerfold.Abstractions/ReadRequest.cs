namespace Ledgerfold;

/// <summary>Which events to read, from where, in which direction, and how many.</summary>
public sealed record ReadRequest
{
    /// <summary>Whose events.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>Which events.</summary>
    public EventQuery Query { get; init; } = EventQuery.All;

    /// <summary>Only positions above this one.</summary>
    public long After { get; init; }

    /// <summary>Only positions below this one.</summary>
    public long Before { get; init; } = long.MaxValue;

    /// <summary>Newest first.</summary>
    public bool Backward { get; init; }

    /// <summary>At most so many events; null for all.</summary>
    public long? Limit { get; init; }

    /// <summary>Goes on with what is appended later, until cancelled; forward only, without <see cref="Before"/>.</summary>
    public bool Follow { get; init; }
}
