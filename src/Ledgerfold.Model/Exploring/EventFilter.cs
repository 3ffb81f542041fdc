using System.Collections.Immutable;

namespace Ledgerfold.Model.Exploring;

/// <summary>Which events a question is about: all parts that are given, together.</summary>
public sealed record EventFilter
{
    /// <summary>Whose events.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>Those of this stream.</summary>
    public string? Stream { get; init; }

    /// <summary>Those of streams of this category; the platform's <c>$…</c> categories only when named.</summary>
    public string? Category { get; init; }

    /// <summary>Those of any of these types.</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>Those with all of these tags.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Those of this conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Those at this place or behind it.</summary>
    public LedgerPlace? From { get; init; }

    /// <summary>Those at this place or before it.</summary>
    public LedgerPlace? To { get; init; }

    /// <summary>The same as a query of the ledger, which knows no times.</summary>
    public EventQuery ToQuery() => EventQuery.Of(new QueryItem
    {
        Stream = Stream,
        Category = Category,
        Types = Types,
        Tags = CorrelationId is null ? Tags : [.. Tags.IsDefault ? [] : Tags, Ledgerfold.Tags.OfCorrelation(CorrelationId)],
    });

    /// <summary>The first rule that it breaks, with the name of the part; null where it breaks none.</summary>
    public AppendOutcome.Refused? Check()
    {
        if (Limits.Check(new ReadRequest { Tenant = Tenant, Query = ToQuery() }) is not { } refused)
            return null;
        const string Item = "query.items[0]";
        var field = refused.Field.StartsWith(Item, StringComparison.Ordinal) ? refused.Field[Item.Length..].TrimStart('.') : refused.Field;
        return refused with { Field = field };
    }

    /// <summary>
    /// Whether one index list says which events match. Where several must be crossed, or there is none, much may be looked at in vain.
    /// </summary>
    internal bool IsNarrow
    {
        get
        {
            var tags = Tags.IsDefault ? 0 : Tags.Length;
            var lists = (Category is null ? 0 : 1) + (Types.IsDefaultOrEmpty ? 0 : 1) + tags;
            return Stream is not null || CorrelationId is not null || lists == 1;
        }
    }
}
