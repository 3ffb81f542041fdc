using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Wire;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Conversations: what led to what, and how long it took.</summary>
internal static class CorrelationEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/correlations/{id}", Show).WithTags("correlations");

    private static async Task<IResult> Show(
        HttpContext context, CorrelationExplorer explorer, string id, string? after, CancellationToken cancel)
    {
        if (new EventFilter { CorrelationId = id }.Check() is { } refused)
            return Refusal.Of("id", refused.Rule);
        var from = EventsAsked.PositionOf("after", after) ?? 0;
        return await explorer.Tree(id, context.Tenant(), from, cancel: cancel) is { } tree
            ? new WrittenJson(json => ExploringJson.Write(json, tree))
            : new Refusal(PlatformProblems.NotFound.Code);
    }
}
