using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Following;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Events: lists, single ones, what comes from now on, and new ones.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("events");
        events.MapGet("/", List);
        events.MapGet("/{id}", Show);
        events.MapPost("/", Appends.Whole);
    }

    /// <summary>A page; or all from a place on and what is appended later, where the caller accepts a stream of them.</summary>
    private static async Task<IResult> List(
        HttpContext context, EventExplorer explorer, Follows follows, [AsParameters] EventsAsked asked, CancellationToken cancel)
    {
        var filter = asked.FilterOf(context);
        if (EventStream.IsAsked(context.Request))
            return follows.Begin(context, filter, asked.After);
        var page = await explorer.List(filter, asked.Page, cancel);
        return new WrittenJson(json => ExploringJson.Write(json, page, RecordedEventJson.Write));
    }

    private static async Task<IResult> Show(HttpContext context, EventExplorer explorer, string id, CancellationToken cancel)
    {
        var found = Guid.TryParseExact(id, "D", out var guid)
            ? await explorer.Find(guid, context.Tenant(), cancel)
            : await explorer.Find(
                EventsAsked.PositionOf("id", id) ?? 0, context.Tenant(), cancel);
        return found is null
            ? new Refusal(PlatformProblems.NotFound.Code)
            : new WrittenJson(json => RecordedEventJson.Write(json, found));
    }
}
