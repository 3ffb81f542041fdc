using Ledgerfold.Http;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Wire;
using Ledgerfold.Server.Security.Permitting;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Endpoints;

/// <summary>Conversations: what led to what, and how long it took.</summary>
internal static class CorrelationEndpoints
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/correlations/{id}", Show).WithTags("correlations").DecidesItself();

    /// <summary>Events that may not be read are not there; without others, neither is the conversation.</summary>
    private static async Task<IResult> Show(
        HttpContext context, CorrelationExplorer explorer, string id, string? after, CancellationToken cancel)
    {
        if (new EventFilter { CorrelationId = id }.Check() is { } refused)
            return Refusal.Of("id", refused.Rule);
        var from = Asked.Whole("after", after) ?? 0;
        var (tenant, access) = (context.Tenant(), context.Access());
        return await explorer.Tree(id, tenant, from, MaySee, cancel) is { } tree && (tree.Next is not null || !tree.Nodes.IsEmpty)
            ? new WrittenJson(json => ExploringJson.Write(json, tree))
            : new Refusal(PlatformProblems.NotFound.Code);

        bool MaySee(string stream) => access.Decide(Right.Read, tenant, stream) is Ruling.Allowed;
    }
}
