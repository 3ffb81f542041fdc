using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;
using Microsoft.Net.Http.Headers;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>
/// Tells a caller that they may not, and which permission they lack; tells the audit first. What is denied by name is denied before it is
/// looked up, so that the answer is the same whether or not there is such a thing.
/// </summary>
/// <param name="ruling">What they lack; null where it is not known who they are.</param>
internal sealed class Denial(Ruling.Denied? ruling) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var route = (httpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        var act = new AuditAct($"{httpContext.Request.Method} {route}", $"category:{ruling?.Category}", ruling?.Tenant);
        await httpContext.RequestServices.GetRequiredService<AuditLog>()
            .Denied(httpContext.From(), act, ruling?.Reason ?? "", httpContext.RequestAborted);
        if (ruling is null)
            httpContext.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        await (ruling is null ? new Refusal(PlatformProblems.Unauthenticated.Code) : Of(ruling)).ExecuteAsync(httpContext);
    }

    /// <summary>The answer alone, where the audit knows already.</summary>
    public static Refusal Of(Ruling.Denied ruling) => new(PlatformProblems.Forbidden.Code, ruling.Reason)
    {
        Facts = [("permission", Permission.Describe(ruling))],
    };
}
