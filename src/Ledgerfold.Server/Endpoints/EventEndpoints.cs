using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Wire;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Server.Following;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Events: lists, single ones, what comes from now on, and new ones.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("events").DecidesItself();
        events.MapGet("/", List);
        events.MapGet("/{id}", Show);
        events.MapPost("/", Appends.Whole);
    }

    /// <summary>A page; or all from a place on and what is appended later, where the caller accepts a stream of them.</summary>
    private static async Task<IResult> List(
        HttpContext context,
        EventExplorer explorer,
        Follows follows,
        CloudEventWriter names,
        [AsParameters] EventsAsked asked,
        CancellationToken cancel)
    {
        var filter = asked.FilterOf(context);
        if (context.Access().DecideQuery(filter.Tenant, filter.ToQuery()) is Ruling.Denied denied)
            return new Denial(denied);
        if (EventStream.IsAsked(context.Request))
            return follows.Begin(context, filter, asked.After);
        var page = await explorer.List(filter, asked.Page, cancel);
        var view = new PayloadView(context.Access());
        if (CloudEventBody.IsAsked(context.Request, CloudEventBody.Batch))
            return new CloudEventBatch(names, page, view, asked.Backward ?? false);
        return new WrittenJson(json => ExploringJson.Write(json, page, view.Write));
    }

    /// <summary>
    /// One event, also as a CloudEvent: in JSON where that is accepted, in headers and body where the mode is binary. What may not be read
    /// is not there.
    /// </summary>
    private static async Task<IResult> Show(
        HttpContext context, EventExplorer explorer, CloudEventWriter names, string id, string? mode, CancellationToken cancel)
    {
        var tenant = context.TenantToRead();
        var access = context.Access();
        var found = Guid.TryParseExact(id, "D", out var guid)
            ? await explorer.Find(guid, tenant, cancel)
            : await explorer.Find(Asked.Whole("id", id) ?? 0, tenant, cancel);
        if (found is null || access.Decide(Right.Read, tenant, found.Stream) is Ruling.Denied)
            return new Refusal(PlatformProblems.NotFound.Code);
        if (BinaryCloudEvent.IsAsked(mode))
        {
            return access.Decide(Right.ReadPayload, tenant, found.Stream) is Ruling.Denied withheld
                ? new Denial(withheld)
                : new BinaryCloudEvent(names, found);
        }

        var view = new PayloadView(access);
        return CloudEventBody.IsAsked(context.Request, CloudEventBody.One)
            ? new CloudEventAnswer(names, found, view)
            : new WrittenJson(json => view.Write(json, found));
    }
}
