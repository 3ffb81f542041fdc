using System.Globalization;
using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Paging;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Operating;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Long work: what there is, how far it is, and its end before its time.</summary>
internal static class OperationEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("operations");
        operations.MapGet("/", List).Needs(Right.Read, Platform.Operation);
        operations.MapGet("/{id:guid}", Show).Needs(Right.Read, Platform.Operation);
        operations.MapDelete("/{id:guid}", Cancel).Needs(Right.Operate, Platform.Operation).CanBeTried();
    }

    /// <summary>The answer to work that was asked for: where it can be watched.</summary>
    public static IResult Began(BeginAnswer answer) => Refusals.Of(answer) is { } refusal
        ? refusal
        : Results.Accepted($"/api/v1/operations/{((BeginAnswer.Begun)answer).Id}", new OperationBegunJson(((BeginAnswer.Begun)answer).Id));

    private static async Task<IResult> List(
        HttpContext context, OperationEngine engine, string? after, int? limit, string? kind, bool? open, CancellationToken cancel)
    {
        var page = await engine.List(
            new OperationSearch
            {
                Tenant = context.Tenant(),
                Kind = kind,
                OpenOnly = open ?? false,
                Before = Asked.Whole("after", after) ?? long.MaxValue, // the newest stand first
                Limit = PageLimit.Of(limit, OperationSearch.LimitMax),
            },
            cancel);
        var maySee = MayReadPayload(context);
        var next = page.Next?.ToString(CultureInfo.InvariantCulture);
        return Results.Ok(new PageJson<OperationJson>([.. page.Operations.Select(state => OperationJson.Of(state, maySee))], next));
    }

    private static async Task<IResult> Show(HttpContext context, OperationEngine engine, Guid id, CancellationToken cancel) =>
        await engine.Find(id, context.Tenant(), cancel) is { } state
            ? Results.Ok(OperationJson.Of(state, MayReadPayload(context)))
            : new Refusal(PlatformProblems.NotFound.Code);

    private static bool MayReadPayload(HttpContext context) =>
        context.Access().Decide(Right.ReadPayload, context.Tenant(), Platform.Operation) is Ruling.Allowed;

    private static async Task<IResult> Cancel(
        HttpContext context, OperationEngine engine, Guid id, string? reason, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(reason))
            return Refusal.Of("reason", "why it is ended, for those who read the history");
        var tenant = context.Tenant();
        if (await engine.Find(id, tenant, cancel) is not { } state)
            return new Refusal(PlatformProblems.NotFound.Code);
        var act = new AuditAct("cancel-operation", $"operation:{id}", tenant, reason);
        if (context.IsDryRun())
            return DryRunJson.Of(act, OperationJson.Of(state, MayReadPayload(context)));
        return await context.Act(act, async () =>
            await engine.Cancel(id, reason, context.Caller(), tenant, cancel) switch
            {
                CancelAnswer.Unknown => new Refusal(PlatformProblems.NotFound.Code),
                CancelAnswer.Refused refused => Refusal.Of(Refusals.PointerOf(refused.Field), refused.Rule),
                CancelAnswer.Unavailable unavailable => new Refusal(PlatformProblems.Indeterminate.Code, unavailable.Reason),
                _ => Results.Accepted($"/api/v1/operations/{id}", new OperationBegunJson(id)),
            });
    }
}

/// <summary>Which operation it is.</summary>
internal sealed record OperationBegunJson(Guid Id);

/// <summary>How an operation stands.</summary>
internal sealed record OperationJson(
    Guid Id,
    string Kind,
    OperationPhase State,
    ProgressJson? Progress,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset? Eta,
    string? StartedBy,
    string Reason,
    string? Waits,
    JsonElement? Request,
    JsonElement? Result,
    string? Error)
{
    /// <summary>What was asked for, and what came of it, is withheld from whoever may not read what events say.</summary>
    public static OperationJson Of(OperationState state, bool withPayload) => new(
        state.Id,
        state.Kind,
        state.Phase,
        state.Progress is { } progress ? new ProgressJson(progress.Done, progress.Of, progress.Message) : null,
        state.BegunAt,
        state.EndedAt,
        state.ExpectedAt,
        state.Actor,
        state.Reason,
        state.Waits,
        withPayload ? state.Request : null,
        withPayload ? state.Result : null,
        withPayload ? state.Error : null);
}

/// <summary>How far it is: so many of so many.</summary>
internal sealed record ProgressJson(long Done, long? Total, string? Message);
