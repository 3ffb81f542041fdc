using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Following;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Streams: those of a category, where one stands, its events, and its state at any moment.</summary>
internal static class StreamEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var streams = api.MapGroup("/streams").WithTags("streams");
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
        var page = await explorer.List(category, request, context.Tenant(), cancel);
        return new WrittenJson(json => ExploringJson.Write(json, page, ExploringJson.Write));
    }

    private static async Task<IResult> Show(HttpContext context, StreamExplorer explorer, string id, CancellationToken cancel)
    {
        var view = await explorer.Show(Checked(id), context.Tenant(), cancel);
        return view is null
            ? new Refusal(PlatformProblems.NotFound.Code)
            : new WrittenJson(json => ExploringJson.Write(json, view)) { Version = view.Version };
    }

    private static async Task<IResult> Events(
        HttpContext context,
        StreamExplorer explorer,
        Follows follows,
        string id,
        string? after,
        string? before,
        bool? backward,
        int? limit,
        CancellationToken cancel)
    {
        var stream = Checked(id);
        if (EventStream.IsAsked(context.Request))
            return follows.Begin(context, new EventFilter { Tenant = context.Tenant(), Stream = stream }, after);
        var request = EventsAsked.PageOf(after, before, backward, limit);
        var page = await explorer.Events(stream, request, context.Tenant(), cancel);
        return new WrittenJson(json => ExploringJson.Write(json, page, RecordedEventJson.Write));
    }

    private static async Task<IResult> State(
        HttpContext context, StateExplorer explorer, string id, string? at, string? version, CancellationToken cancel) =>
        Answer(
            await explorer.At(Checked(id), MomentOf(at, version), context.Tenant(), cancel),
            static (json, view) => ExploringJson.Write(json, view));

    private static async Task<IResult> Diff(
        HttpContext context,
        StateExplorer explorer,
        string id,
        string? from,
        string? to,
        string? fromVersion,
        string? toVersion,
        CancellationToken cancel) => Answer(
        await explorer.Compare(
            Checked(id),
            from is null && fromVersion is null ? Moment.Beginning : MomentOf(from, fromVersion, "from", "fromVersion"),
            MomentOf(to, toVersion, "to", "toVersion"),
            context.Tenant(),
            cancel),
        static (json, view) => ExploringJson.Write(json, view));

    private static async Task<IResult> Blame(
        HttpContext context, StateExplorer explorer, string id, string? at, string? version, CancellationToken cancel) =>
        Answer(
            await explorer.Blame(Checked(id), MomentOf(at, version), context.Tenant(), cancel),
            static (json, view) => ExploringJson.Write(json, view));

    /// <summary>A time or a position, or a version of the stream; now where nothing is said.</summary>
    private static Moment MomentOf(string? at, string? version, string placeName = "at", string versionName = "version")
    {
        if (at is not null && version is not null)
            throw new RefusedException(Refusal.Of(versionName, $"not together with {placeName}"));
        return version is not null
            ? Moment.AfterVersion(EventsAsked.PositionOf(versionName, version)!.Value)
            : EventsAsked.PlaceOf(placeName, at)?.Moment ?? Moment.Now;
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
