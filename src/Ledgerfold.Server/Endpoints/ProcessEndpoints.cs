using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Processing;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Processes: their instances, what each went through, and how an operator steps in.</summary>
internal static class ProcessEndpoints
{
    private const string Withheld = "withheld";
    private const int HistoryMax = 1_000;

    private const string ActionRule = "retryStep or settleStep with `serial`, fireTimer or cancelTimer with `timer`, "
        + "moveTimer with `timer` and `due`, handIn or passOver with `position`, release, compensate, terminate";

    public static void Map(IEndpointRouteBuilder api)
    {
        var processes = api.MapGroup("/processes").WithTags("processes");
        processes.MapGet("/", List).NeedsEverywhere(Right.Read, Platform.Process);
        processes.MapGet("/{process}/instances", Search).Needs(Right.Read, Platform.Process).Needs(Right.Read, Permission.All);
        processes.MapGet("/{process}/instances/{key}", Show).Needs(Right.Read, Platform.Process).Needs(Right.Read, Permission.All);
        processes.MapPost("/{process}/instances/{key}/actions", Act).Needs(Right.Operate, Platform.Process).CanBeTried();
    }

    private static async Task<IResult> List(HttpContext context, ProcessEngine engine, CancellationToken cancel)
    {
        var withErrors = MayReadPayload(context, Permission.All);
        return Results.Ok(new { items = (await engine.ReadStatus(cancel)).Select(status => ProcessJson.Of(status, withErrors)) });
    }

    /// <summary>
    /// What an instance knows, and why it failed, comes from the events that reached it: any that there are, as far as the platform can
    /// tell.
    /// </summary>
    private static bool MayReadPayload(HttpContext context, string tenant) =>
        context.Access() is var access && access.Decide(Right.ReadPayload, tenant, Platform.Process) is Ruling.Allowed
        && access.Decide(Right.ReadPayload, tenant, Permission.All) is Ruling.Allowed;

    private static async Task<IResult> Search(
        HttpContext context,
        ProcessEngine engine,
        string process,
        string? by,
        string? phase,
        string? key,
        string? after,
        int? limit,
        CancellationToken cancel)
    {
        if (!engine.Processes.Contains(process))
            return new Refusal(PlatformProblems.NotFound.Code);
        var search = new InstanceSearch
        {
            Process = process,
            Tenant = context.Tenant(),
            By = phase is not null ? InstanceSearchBy.Phase
                : key is not null ? InstanceSearchBy.Key
                : Named<InstanceSearchBy>("by", by) ?? InstanceSearchBy.Age,
            Phase = Named<ProcessPhase>("phase", phase) ?? ProcessPhase.Running,
            KeyPrefix = key ?? "",
            Backward = phase is null && key is null && by is null, // the newest first
            Continue = after,
            Limit = PageLimit.Of(limit),
        };
        try
        {
            var page = await engine.Search(search, cancel: cancel);
            var withPayload = MayReadPayload(context, search.Tenant);
            return Results.Ok(new PageJson<InstanceRow>([.. page.Rows.Select(row => withPayload ? row : Withhold(row))], page.Next));
        }
        catch (ArgumentException broken)
        {
            return new Refusal(PlatformProblems.Invalid.Code, broken.Message);
        }
    }

    private static async Task<IResult> Show(
        HttpContext context, ILedger ledger, ProcessEngine engine, string process, string key, string? after, CancellationToken cancel)
    {
        var name = new InstanceName(process, key, context.Tenant());
        if (!engine.Processes.Contains(process) || await engine.Find(name, cancel) is not { } instance)
            return new Refusal(PlatformProblems.NotFound.Code);
        var withPayload = MayReadPayload(context, name.Tenant);
        var from = Asked.Whole("after", after) ?? 0;
        var history = new List<HistoryJson>();
        await foreach (var entry in ProcessHistory.Read(ledger, process, key, name.Tenant, from, cancel))
        {
            history.Add(withPayload ? HistoryJson.Of(entry) : HistoryJson.OfWithheld(entry));
            if (history.Count == HistoryMax)
                break;
        }

        var shown = withPayload ? instance : Withhold(instance);
        return Results.Ok(new InstanceJson(shown, history, history.Count == HistoryMax ? history[^1].Position : null));
    }

    private static async Task<IResult> Act(
        HttpContext context, ProcessEngine engine, string process, string key, ActJson body, CancellationToken cancel)
    {
        if (!engine.Processes.Contains(process))
            return new Refusal(PlatformProblems.NotFound.Code);
        if (string.IsNullOrWhiteSpace(body.Reason))
            return Refusal.Of("/reason", "why it is done, for those who read the history");
        if (body.ToAction() is not { } action)
            return Refusal.Of("/action", ActionRule);
        try
        {
            var name = new InstanceName(process, key, context.Tenant());
            var act = new AuditAct($"process-{body.Action}", $"process:{process}/{key}", name.Tenant, body.Reason);
            if (context.IsDryRun())
            {
                return await engine.Find(name, cancel) is { } instance
                    ? DryRunJson.Of(act, MayReadPayload(context, name.Tenant) ? instance : Withhold(instance))
                    : new Refusal(PlatformProblems.NotFound.Code);
            }

            return await context.Act(act, async () =>
                Refusals.Of(await engine.Act(name, action, body.Reason, context.Caller(), cancel)) is { } refusal
                    ? refusal
                    : Results.Accepted());
        }
        catch (ArgumentException broken)
        {
            return new Refusal(PlatformProblems.Invalid.Code, broken.Message);
        }
    }

    private static InstanceRow Withhold(InstanceRow row) => row with
    {
        Reason = row.Reason is null ? null : Withheld,
        Stuck = row.Stuck is null ? null : Withheld,
        Steps = [.. row.Steps.Select(static step => step with { Problem = step.Problem is null ? null : Withheld })],
    };

    private static ProcessInstance Withhold(ProcessInstance instance) => instance with
    {
        State = null,
        Reason = instance.Reason is null ? null : Withheld,
        Error = instance.Error is null ? null : Withheld,
        Associations = [],
        Steps = [.. instance.Steps.Select(static step => step with
        {
            Work = null,
            Undo = null,
            Problem = step.Problem is null ? null : Withheld,
        })],
    };

    private static T? Named<T>(string parameter, string? text)
        where T : struct, Enum
    {
        if (text is null)
            return null;
        var names = Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName).ToArray();
        return names.Contains(text)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw new RefusedException(Refusal.Of(parameter, $"one of {string.Join(", ", names)}"));
    }
}

/// <summary>How far the engine of a process is.</summary>
internal sealed record ProcessJson(
    string Name, int[] Versions, string Position, string Head, long LagEvents, bool Pausing, string? LastError)
{
    public static ProcessJson Of(ProcessStatus status, bool withErrors) => new(
        status.Process,
        [.. status.Versions],
        $"{status.Position}",
        $"{status.Head}",
        status.Head - status.Position,
        status.IsPausing,
        withErrors ? status.LastError?.Message : null);
}

/// <summary>An instance as it stands, and what it went through.</summary>
/// <param name="Instance">As it stands.</param>
/// <param name="History">What it went through, oldest first.</param>
/// <param name="Next">What to send as <c>after</c> for more history; null at the end.</param>
internal sealed record InstanceJson(ProcessInstance Instance, IReadOnlyList<HistoryJson> History, string? Next);

/// <summary>One thing that an instance went through.</summary>
internal sealed record HistoryJson(
    string Position, DateTimeOffset At, string Kind, string? Actor, string? Text, string? Caused, IEnumerable<ChangeJson> Changes)
{
    public static HistoryJson Of(HistoryEntry entry) => new(
        $"{entry.Position}",
        entry.At,
        entry.Said.GetType().Name,
        entry.Actor,
        entry.ToString(),
        entry.In is { } cause ? $"{cause.Position}" : null,
        entry.Changes.Select(static change => new ChangeJson(change.Pointer, change.Before, change.After)));

    /// <summary>That it happened, and not what was said.</summary>
    public static HistoryJson OfWithheld(HistoryEntry entry) => Of(entry) with { Text = null, Changes = [] };
}

/// <summary>What changed at a place in a JSON value.</summary>
internal sealed record ChangeJson(string Pointer, JsonElement? Before, JsonElement? After);

/// <summary>What an operator does to an instance.</summary>
internal sealed record ActJson(string? Action, string? Reason, int? Serial, string? Timer, DateTimeOffset? Due, string? Position)
{
    public OperatorAction? ToAction() => this switch
    {
        { Action: "retryStep", Serial: { } serial } => new OperatorAction.RetryStep(serial),
        { Action: "settleStep", Serial: { } serial } => new OperatorAction.SettleStep(serial),
        { Action: "fireTimer", Timer: { } timer } => new OperatorAction.FireTimer(timer),
        { Action: "cancelTimer", Timer: { } timer } => new OperatorAction.CancelTimer(timer),
        { Action: "moveTimer", Timer: { } timer, Due: { } due } => new OperatorAction.MoveTimer(timer, due),
        { Action: "handIn" } when long.TryParse(Position, out var position) => new OperatorAction.HandIn(position),
        { Action: "passOver" } when long.TryParse(Position, out var position) => new OperatorAction.PassOver(position),
        { Action: "release" } => new OperatorAction.Release(),
        { Action: "compensate" } => new OperatorAction.Compensate(),
        { Action: "terminate" } => new OperatorAction.Terminate(),
        _ => null,
    };
}
