using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Following;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Streams: those of a category, where one stands, its events, and its state at any moment.</summary>
internal static class StreamEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var streams = api.MapGroup("/streams").WithTags("streams").DecidesItself();
        streams.MapGet("/", List);
        streams.MapGet("/{id}", Show);
        streams.MapGet("/{id}/events", Events);
        streams.MapPost("/{id}/events", Appends.ToStream);
        streams.MapGet("/{id}/state", State);
        streams.MapGet("/{id}/diff", Diff);
        streams.MapGet("/{id}/blame", Blame);
    }

    private static async Task<IResult> List(
        HttpContext context,
        StreamExplorer explorer,
        string? category,
        string? after,
        string? before,
        bool? backward,
        int? limit,
        CancellationToken cancel)
    {
        if (category is null || new EventFilter { Category = category }.Check() is not null)
            return Refusal.Of("category", "the category whose streams are listed, such as order");
        var request = EventsAsked.PageOf(after, before, backward, limit);
        var tenant = context.TenantToRead();
        if (context.Access().Decide(Right.Read, tenant, category) is Ruling.Denied denied)
            return new Denial(denied);
        var page = await explorer.List(category, request, tenant, cancel);
        return new WrittenJson(json => ExploringJson.Write(json, page, ExploringJson.Write));
    }

    private static async Task<IResult> Show(HttpContext context, StreamExplorer explorer, string id, CancellationToken cancel)
    {
        var tenant = context.TenantToRead();
        if (context.Access().Decide(Right.Read, tenant, Checked(id)) is Ruling.Denied denied)
            return new Denial(denied);
        var view = await explorer.Show(id, tenant, cancel);
        return view is null
            ? new Refusal(PlatformProblems.NotFound.Code)
            : new WrittenJson(json => ExploringJson.Write(json, view)) { Version = view.Version };
    }

    private static async Task<IResult> Events(
        HttpContext context,
        StreamExplorer explorer,
        Follows follows,
        CloudEventWriter names,
        string id,
        string? after,
        string? before,
        bool? backward,
        int? limit,
        CancellationToken cancel)
    {
        var (tenant, access) = (context.TenantToRead(), context.Access());
        if (access.Decide(Right.Read, tenant, Checked(id)) is Ruling.Denied denied)
            return new Denial(denied);
        if (EventStream.IsAsked(context.Request))
            return follows.Begin(context, new EventFilter { Tenant = tenant, Stream = id }, after);
        var request = EventsAsked.PageOf(after, before, backward, limit);
        var page = await explorer.Events(id, request, tenant, cancel);
        var view = new PayloadView(access);
        if (CloudEventBody.IsAsked(context.Request, CloudEventBody.Batch))
            return new CloudEventBatch(names, page, view, request.Backward);
        return new WrittenJson(json => ExploringJson.Write(json, page, view.Write));
    }

    private static Task<IResult> State(
        HttpContext context, StateExplorer explorer, string id, string? at, string? version, CancellationToken cancel) => Answer(
        context,
        id,
        tenant => explorer.At(id, Asked.Moment(at, version), tenant, cancel),
        static (json, view) => ExploringJson.Write(json, view));

    private static Task<IResult> Diff(
        HttpContext context,
        StateExplorer explorer,
        string id,
        string? from,
        string? to,
        string? fromVersion,
        string? toVersion,
        CancellationToken cancel) => Answer(
        context,
        id,
        tenant => explorer.Compare(
            id,
            from is null && fromVersion is null ? Moment.Beginning : Asked.Moment(from, fromVersion, "from", "fromVersion"),
            Asked.Moment(to, toVersion, "to", "toVersion"),
            tenant,
            cancel),
        static (json, view) => ExploringJson.Write(json, view));

    private static Task<IResult> Blame(
        HttpContext context, StateExplorer explorer, string id, string? at, string? version, CancellationToken cancel) => Answer(
        context,
        id,
        tenant => explorer.Blame(id, Asked.Moment(at, version), tenant, cancel),
        static (json, view) => ExploringJson.Write(json, view));

    private static async Task<IResult> Answer<T>(
        HttpContext context, string id, Func<string, ValueTask<StateAnswer<T>>> ask, Action<Utf8JsonWriter, T> fields)
    {
        var tenant = context.TenantToRead();
        return context.Access().Decide(Right.ReadPayload, tenant, Checked(id)) is Ruling.Denied denied
            ? new Denial(denied)
            : Answer(await ask(tenant), fields);
    }

    private static IResult Answer<T>(StateAnswer<T> answer, Action<Utf8JsonWriter, T> fields) => answer switch
    {
        StateAnswer<T>.Computed(var view) => new WrittenJson(json => fields(json, view)),
        StateAnswer<T>.NoDecider(var category) =>
            new Refusal(PlatformProblems.NotFound.Code, $"No system says what the state of a stream of {category} is."),
        StateAnswer<T>.Unfoldable(var position, var error) =>
            new Refusal(PlatformProblems.Unreadable.Code, error) { Facts = [("position", $"{position}")] },
        StateAnswer<T>.TooLong(var events, var most) =>
            Refusal.Of("id", $"a stream with at most {most} events for this question; it has {events}"),
        _ => new Refusal(PlatformProblems.NotFound.Code),
    };

    private static string Checked(string stream) => new EventFilter { Stream = stream }.Check() is { } refused
        ? throw new RefusedException(Refusal.Of("id", refused.Rule))
        : stream;
}
