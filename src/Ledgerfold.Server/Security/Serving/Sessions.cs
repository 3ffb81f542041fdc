using Ledgerfold.Server.Security.Governing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>
/// Keeps people signed in with a cookie. A session ends when nothing is heard of it for a while, after a time in any case, and when
/// something happens to its user: another password, disabled, signed out everywhere.
/// </summary>
internal static class Sessions
{
    /// <summary>Begins the session of somebody who just proved who they are.</summary>
    public static Task Begin(HttpContext http, Caller.Person person) =>
        http.SignInAsync(Schemes.Session, person.AsPrincipal(Schemes.Session));

    /// <summary>Ends the session that the request belongs to.</summary>
    public static Task End(HttpContext http) => http.SignOutAsync(Schemes.Session);

    public static void Configure(CookieAuthenticationOptions options, PolicyWatch watch, SecurityOptions security)
    {
        options.Cookie.Name = "ledgerfold";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // plain HTTP is heard on loopback only
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = security.SessionIdleMax;
        options.SlidingExpiration = true;
        options.TimeProvider = security.Clock;
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = async context =>
            {
                if (Caller.Of(context.Principal) is Caller.Person person && watch.Current.IsIn(person, security.Clock.GetUtcNow()))
                    return;
                context.RejectPrincipal();
                await context.HttpContext.SignOutAsync(Schemes.Session);
            },
            OnRedirectToLogin = static context => Answer(context.HttpContext, StatusCodes.Status401Unauthorized),
            OnRedirectToAccessDenied = static context => Answer(context.HttpContext, StatusCodes.Status403Forbidden),
        };
    }

    // An API answers; where to send somebody who reads a page is the page's business.
    private static Task Answer(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
