using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Rebuilding;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Projections: how far they are, and what operators do with their rows.</summary>
internal static class ProjectionEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var projections = api.MapGroup("/projections").WithTags("projections");
        projections.MapGet("/", List);
        projections.MapGet("/{name}", Show);
        MapWork(projections, "rebuilds", static (name, version) => new RebuildRequest(name, version));
        MapWork(projections, "switches", static (name, version) => new SwitchRequest(name, version));
        MapWork(projections, "roll-backs", static (name, _) => new RollBackRequest(name));
        MapWork(projections, "discards", static (name, _) => new DiscardRequest(name));
    }

    private static void MapWork<TRequest>(RouteGroupBuilder projections, string noun, Func<string, int, TRequest> request)
        where TRequest : notnull => projections.MapPost(
        $"/{{name}}/{noun}",
        (HttpContext context, OperationEngine operations, FoldEngine folds, string name, FoldWorkJson body) =>
            Begin(context, operations, folds, name, body, version => request(name, version))).Idempotent();

    private static async Task<IResult> List(FoldEngine engine, CancellationToken cancel) =>
        Results.Ok(new { items = (await engine.ReadStatus(cancel)).Select(ProjectionJson.Of) });

    private static async Task<IResult> Show(FoldEngine engine, string name, CancellationToken cancel)
    {
        var versions = (await engine.ReadStatus(cancel)).Where(status => status.Fold.Name == name).Select(ProjectionJson.Of).ToArray();
        return versions.Length == 0 ? new Refusal(PlatformProblems.NotFound.Code) : Results.Ok(new { name, versions });
    }

    private static async Task<IResult> Begin<TRequest>(
        HttpContext context, OperationEngine operations, FoldEngine folds, string name, FoldWorkJson body, Func<int, TRequest> request)
        where TRequest : notnull
    {
        var versions = folds.Projections.Where(one => one.Fold.Name == name).ToArray();
        if (versions.Length == 0)
            return new Refusal(PlatformProblems.NotFound.Code);
        if (string.IsNullOrWhiteSpace(body.Reason))
            return Refusal.Of("/reason", "why it is done, for those who read the history");
        var version = body.Version ?? versions.Max(static one => one.Fold.Version);
        if (versions.All(one => one.Fold.Version != version))
            return Refusal.Of("/version", $"one of {string.Join(", ", versions.Select(static one => one.Fold.Version))}");
        var origin = new OperationOrigin(context.Caller(), body.Reason) { Id = context.CommandId() };
        return OperationEndpoints.Began(await operations.Begin(request(version), origin, context.RequestAborted));
    }
}

/// <summary>What is to be done with the rows of a projection.</summary>
/// <param name="Reason">Why, for those who read the history.</param>
/// <param name="Version">With which version of its code; the newest where none is named.</param>
internal sealed record FoldWorkJson(string? Reason, int? Version);

/// <summary>How one version of a projection stands.</summary>
internal sealed record ProjectionJson(
    string Name,
    int Version,
    bool Active,
    FoldPhase Phase,
    FoldHealth Health,
    string Position,
    string Head,
    LagJson Lag,
    double EventsPerSecond,
    double? RemainingSeconds,
    string? Reason,
    string? LastError,
    HeldJson[] Held)
{
    public static ProjectionJson Of(FoldStatus status) => new(
        status.Fold.Name,
        status.Fold.Version,
        status.IsActive,
        status.Phase,
        status.Health,
        $"{status.Position}",
        $"{status.Head}",
        new LagJson(status.LagEvents, status.Lag.TotalSeconds),
        Math.Round(status.EventsPerSecond, 1),
        status.Remaining?.TotalSeconds,
        status.Reason,
        status.LastError?.Message,
        [.. status.Held.Select(static held => new HeldJson(
            held.Tenant, held.Key, held.Stream, $"{held.Position}", held.Since, held.Attempts, held.Waiting, held.LastError))]);
}

/// <summary>How far behind the newest event, counted and in time.</summary>
internal sealed record LagJson(long Events, double Seconds);

/// <summary>A key or stream that waits because an event of it fails.</summary>
internal sealed record HeldJson(
    string Tenant, string? Key, string? Stream, string Position, DateTimeOffset Since, int Attempts, long Waiting, string Error);
