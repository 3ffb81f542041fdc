using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Governing;
using Microsoft.AspNetCore.Antiforgery;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>
/// Turns down what another site made somebody's browser send: whoever comes by cookie and changes something shows a token with it, which
/// only pages of this server could read. Programs with a key need none, because no browser adds a key by itself.
/// </summary>
internal static class Forgery
{
    /// <summary>The header that carries the token.</summary>
    public const string Header = "X-Ledgerfold-Token";

    /// <summary>Stands behind authentication and before everything that changes something.</summary>
    public static async Task Guard(HttpContext http, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(next);
        if (!Changes(http.Request.Method) || Caller.Of(http.User) is not Caller.Person
            || await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
            await next(http);
        else
            await Refusal.Of(Header, "the token that GET /api/v1/sessions/token answers, where a cookie says who calls").ExecuteAsync(http);
    }

    private static bool Changes(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method));
}
