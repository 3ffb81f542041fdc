using System.Diagnostics;
using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>Who a call comes from, and what it may do.</summary>
internal static class CallAccess
{
    /// <summary>What the caller may do now.</summary>
    public static Access Access(this HttpContext http) =>
        http.RequestServices.GetRequiredService<PolicyWatch>().AccessOf(Caller.Of(http.User));

    /// <summary>Who calls, and from where, as the audit records it.</summary>
    public static Origin From(this HttpContext http) =>
        new(Caller.Of(http.User), Sources.Of(http.Connection.RemoteIpAddress), Activity.Current?.TraceId.ToString());

    /// <summary>Whose events are to be read: the platform's own can be named here, because an auditor reads those too.</summary>
    public static string TenantToRead(this HttpContext http) =>
        http.Request.Headers[CallOrigin.TenantHeader] is [Platform.Tenant] ? Platform.Tenant : http.Tenant();

    /// <summary>Does what somebody asked for once that is on record: an act that the audit cannot hold does not happen.</summary>
    public static async Task<IResult> Act(this HttpContext http, AuditAct act, Func<Task<IResult>> perform)
    {
        var audit = http.RequestServices.GetRequiredService<AuditLog>();
        return await audit.Acted(http.From(), act, "asked", http.RequestAborted)
            ? await perform()
            : new Refusal(PlatformProblems.ReadOnly.Code, "The audit cannot be written, so that nothing is done.");
    }
}
