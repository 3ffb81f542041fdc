using Ledgerfold.Http;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;
using Microsoft.AspNetCore.Authorization;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>
/// Lets nobody through to an endpoint whose need they do not meet. Deny by default: an endpoint that declares no need is closed to
/// everybody, and one that decides itself is closed to those who are not known.
/// </summary>
internal static class PermissionGate
{
    /// <summary>Stands behind authentication, and before everything that answers for an endpoint.</summary>
    public static Task Guard(HttpContext http, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(next);
        // what is no route is the framework's own answer to a path or method that nothing here has
        if (http.GetEndpoint() is not RouteEndpoint { Metadata: var said } || said.GetMetadata<IAllowAnonymous>() is not null)
            return next(http);
        return Refuse(http, said) is { } refusal ? refusal.ExecuteAsync(http) : next(http);
    }

    private static IResult? Refuse(HttpContext http, EndpointMetadataCollection said)
    {
        if (Caller.Of(http.User) is Caller.Anonymous)
            return new Denial(null);
        var needed = said.GetOrderedMetadata<NeededRight>();
        if (needed.Count == 0)
        {
            return said.GetMetadata<DecidesItselfMark>() is null
                ? new Refusal(PlatformProblems.Forbidden.Code, "Nobody said who may call this.")
                : null;
        }

        var access = http.Access();
        foreach (var one in needed)
        {
            if (access.Decide(one.Right, one.IsEverywhere ? Permission.All : http.Tenant(), one.Category) is Ruling.Denied denied)
                return new Denial(denied);
        }

        return null;
    }
}
