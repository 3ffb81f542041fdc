using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Operating;
using Ledgerfold.Model.Querying;
using Ledgerfold.Model.Rebuilding;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Projections: how far they are, and what operators do with their rows.</summary>
internal static class ProjectionEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var projections = api.MapGroup("/projections").WithTags("projections");
        projections.MapGet("/", List).DecidesItself();
        projections.MapGet("/{name}", Show).DecidesItself();
        projections.MapGet("/{name}/rows", Rows).DecidesItself();
        projections.MapGet("/{name}/rows/{key}", Row).DecidesItself();
        MapWork(projections, "rebuild", "rebuilds", static (name, version) => new RebuildRequest(name, version));
        MapWork(projections, "switch", "switches", static (name, version) => new SwitchRequest(name, version));
        MapWork(projections, "roll-back", "roll-backs", static (name, _) => new RollBackRequest(name));
        MapWork(projections, "discard", "discards", static (name, _) => new DiscardRequest(name));
    }

    /// <summary>It works on the rows of all tenants, and what it costs is the whole server's.</summary>
    private static void MapWork<TRequest>(RouteGroupBuilder projections, string verb, string noun, Func<string, int, TRequest> request)
        where TRequest : notnull => projections.MapPost(
        $"/{{name}}/{noun}",
        (HttpContext context, OperationEngine operations, FoldEngine folds, string name, FoldWorkJson body) =>
            Begin(context, operations, folds, name, verb, body, version => request(name, version)))
        .NeedsEverywhere(Right.Operate, Permission.All).Idempotent().CanBeTried();

    /// <summary>Those of which the caller may see that there are events; how far one is, is so in all tenants.</summary>
    private static async Task<IResult> List(HttpContext context, FoldEngine engine, CancellationToken cancel)
    {
        var access = context.Access();
        var shown = (await engine.ReadStatus(cancel))
            .Where(status => engine.Decide(status.Fold.Name, access, Right.Read, Permission.All) is Ruling.Allowed);
        var items = shown.Select(status => ProjectionJson.Of(status, MayReadErrors(engine, status.Fold.Name, access)));
        return Results.Ok(new { items });
    }

    private static async Task<IResult> Show(HttpContext context, FoldEngine engine, string name)
    {
        var access = context.Access();
        if (engine.Decide(name, access, Right.Read, Permission.All) is Ruling.Denied denied)
            return new Denial(denied);
        var versions = await Stands(context, engine, name);
        return versions.Length == 0 ? new Refusal(PlatformProblems.NotFound.Code) : Results.Ok(new { name, versions });
    }

    /// <summary>How each version of a projection stands.</summary>
    private static async Task<ProjectionJson[]> Stands(HttpContext context, FoldEngine engine, string name)
    {
        var withErrors = MayReadErrors(engine, name, context.Access());
        return
        [
            .. (await engine.ReadStatus(context.RequestAborted)).Where(status => status.Fold.Name == name)
                .Select(status => ProjectionJson.Of(status, withErrors)),
        ];
    }

    /// <summary>What failed may quote the event that it failed at.</summary>
    private static bool MayReadErrors(FoldEngine engine, string name, Access access) =>
        engine.Decide(name, access, Right.ReadPayload, Permission.All) is Ruling.Allowed;

    /// <summary>Rows are what events say, put together.</summary>
    private static async Task<IResult> Rows(
        HttpContext context,
        FoldEngine engine,
        Projections projections,
        string name,
        [AsParameters] RowsAsked asked,
        CancellationToken cancel)
    {
        if (engine.Decide(name, context.Access(), Right.ReadPayload, context.Tenant()) is Ruling.Denied denied)
            return new Denial(denied);
        if (projections.Find(name) is not { } rows)
            return new Refusal(PlatformProblems.NotFound.Code);
        var query = new RowQuery<JsonElement>
        {
            Tenant = context.Tenant(),
            Index = asked.Index,
            Value = asked.Value,
            Prefix = asked.Prefix,
            Backward = asked.Backward ?? false,
            Limit = PageLimit.Of(asked.Limit),
            Continue = asked.After,
        };
        try
        {
            return await rows.Read(query, asked.Consistency, cancel) is ReadAnswer<RowPage<JsonElement>>.Found found
                ? Results.Ok(new RowsJson(found.Value.Rows, found.Value.Next, $"{found.Freshness.Position}", found.Freshness.Trouble))
                : Stale();
        }
        catch (ArgumentException broken)
        {
            return new Refusal(PlatformProblems.Invalid.Code, broken.Message);
        }
    }

    private static async Task<IResult> Row(
        HttpContext context,
        FoldEngine engine,
        Projections projections,
        string name,
        string key,
        [AsParameters] RowsAsked asked,
        CancellationToken cancel)
    {
        if (engine.Decide(name, context.Access(), Right.ReadPayload, context.Tenant()) is Ruling.Denied denied)
            return new Denial(denied);
        if (projections.Find(name) is not { } rows)
            return new Refusal(PlatformProblems.NotFound.Code);
        return await rows.Get(key, asked.Consistency, context.Tenant(), cancel) switch
        {
            ReadAnswer<JsonElement?>.Found { Value: { } state } found =>
                Results.Ok(new RowJson(key, state, $"{found.Freshness.Position}", found.Freshness.Trouble)),
            ReadAnswer<JsonElement?>.Found => new Refusal(PlatformProblems.NotFound.Code),
            _ => Stale(),
        };
    }

    private static Refusal Stale() => new(PlatformProblems.Stale.Code) { RetryAfter = TimeSpan.FromSeconds(1) };

    private static async Task<IResult> Begin<TRequest>(
        HttpContext context,
        OperationEngine operations,
        FoldEngine folds,
        string name,
        string verb,
        FoldWorkJson body,
        Func<int, TRequest> request)
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
        var act = new AuditAct($"{verb}-projection", $"projection:{name}", Reason: body.Reason);
        if (context.IsDryRun())
            return DryRunJson.Of(act, await Stands(context, folds, name));
        var origin = new OperationOrigin(context.Caller(), body.Reason) { Id = context.CommandId() };
        return await context.Act(act, async () =>
            OperationEndpoints.Began(await operations.Begin(request(version), origin, context.RequestAborted)));
    }
}

/// <summary>Which rows, and how new.</summary>
/// <param name="Index">By which index; by key where none is named.</param>
/// <param name="Value">Only rows with this value of the index, or this key.</param>
/// <param name="Prefix">Only keys or values that begin so.</param>
/// <param name="Backward">Highest first.</param>
/// <param name="AtLeast">Rows that show this position, which is waited for.</param>
/// <param name="After">What <c>next</c> of the last page said.</param>
/// <param name="Limit">How many.</param>
internal sealed record RowsAsked(
    string? Index, string? Value, string? Prefix, bool? Backward, long? AtLeast, string? After, int? Limit)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    public Consistency Consistency => AtLeast is { } position ? Consistency.AtLeast(position, Within) : Consistency.Eventual;
}

/// <summary>Rows of a projection.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">What to send as <c>after</c> for the rows behind; null at the end.</param>
/// <param name="Position">Everything up to here shows in them.</param>
/// <param name="Trouble">Why they are not what they should be, if so.</param>
internal sealed record RowsJson(IEnumerable<Row<JsonElement>> Items, string? Next, string Position, string? Trouble);

/// <summary>A row of a projection.</summary>
internal sealed record RowJson(string Key, JsonElement State, string Position, string? Trouble);

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
    public static ProjectionJson Of(FoldStatus status, bool withErrors) => new(
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
        withErrors ? status.LastError?.Message : null,
        [.. status.Held.Select(held => new HeldJson(
            held.Tenant, held.Key, held.Stream, $"{held.Position}", held.Since, held.Attempts, held.Waiting,
            withErrors ? held.LastError : null))]);
}

/// <summary>How far behind the newest event, counted and in time.</summary>
internal sealed record LagJson(long Events, double Seconds);

/// <summary>A key or stream that waits because an event of it fails.</summary>
internal sealed record HeldJson(
    string Tenant, string? Key, string? Stream, string Position, DateTimeOffset Since, int Attempts, long Waiting, string? Error);
