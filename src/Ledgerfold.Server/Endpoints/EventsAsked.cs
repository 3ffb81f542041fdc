using System.Globalization;
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
            From = PlaceOf("from", From),
            To = PlaceOf("to", To),
        };
        return filter.Check() is { } refused ? throw new RefusedException(Refusal.Of(refused.Field, refused.Rule)) : filter;
    }

    public PageRequest Page => PageOf(After, Before, Backward, Limit);

    public static PageRequest PageOf(string? after, string? before, bool? backward, int? limit) => new()
    {
        After = PositionOf("after", after),
        Before = PositionOf("before", before),
        Backward = backward ?? false,
        Limit = PageLimit.Of(limit),
    };

    public static LedgerPlace? PlaceOf(string parameter, string? text) => text is null ? null
        : LedgerPlace.TryParse(text, out var place) ? place
        : throw new RefusedException(Refusal.Of(parameter, LedgerPlace.Rule));

    public static long? PositionOf(string parameter, string? text) => text is null ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
        : throw new RefusedException(Refusal.Of(parameter, "a whole number, at least 0"));
}
