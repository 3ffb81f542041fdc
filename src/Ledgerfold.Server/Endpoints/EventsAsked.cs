using Ledgerfold.Http;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Which events, and which part of them.</summary>
/// <param name="Stream">Those of this stream.</param>
/// <param name="Category">Those of streams of this category.</param>
/// <param name="Type">Those of any of these types.</param>
/// <param name="Tag">Those with all of these tags.</param>
/// <param name="Correlation">Those of this conversation.</param>
/// <param name="From">Those at this position or time, or behind it.</param>
/// <param name="To">Those at this position or time, or before it.</param>
/// <param name="After">Only positions above this one: what <c>next</c> of a page said.</param>
/// <param name="Before">Only positions below this one: what <c>next</c> of a page said that runs backward.</param>
/// <param name="Backward">Newest first.</param>
/// <param name="Limit">How many.</param>
internal sealed record EventsAsked(
    string? Stream,
    string? Category,
    string[]? Type,
    string[]? Tag,
    string? Correlation,
    string? From,
    string? To,
    string? After,
    string? Before,
    bool? Backward,
    int? Limit)
{
    public EventFilter FilterOf(HttpContext context)
    {
        var filter = new EventFilter
        {
            Tenant = context.TenantToRead(),
            Stream = Stream,
            Category = Category,
            Types = [.. Type ?? []],
            Tags = [.. Tag ?? []],
            CorrelationId = Correlation,
            From = Asked.Place("from", From),
            To = Asked.Place("to", To),
        };
        return filter.Check() is { } refused ? throw new RefusedException(Refusal.Of(refused.Field, refused.Rule)) : filter;
    }

    public PageRequest Page => PageOf(After, Before, Backward, Limit);

    public static PageRequest PageOf(string? after, string? before, bool? backward, int? limit) => new()
    {
        After = Asked.Whole("after", after),
        Before = Asked.Whole("before", before),
        Backward = backward ?? false,
        Limit = PageLimit.Of(limit),
    };
}
