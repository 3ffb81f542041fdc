using System.Globalization;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Serving;

/// <summary>Turns down whoever asks more often than they may: by principal, and by address where nobody is known.</summary>
internal static class Throttle
{
    /// <summary>Stands behind authentication.</summary>
    public static Task Guard(HttpContext http, RequestDelegate next)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(next);
        var limits = http.RequestServices.GetRequiredService<SecurityOptions>().Limits;
        var caller = Caller.Of(http.User);
        var wait = http.RequestServices.GetRequiredService<RequestRates>() is var rates && caller is Caller.Anonymous
            ? rates.TryTake($"from {Sources.Of(http.Connection.RemoteIpAddress)}", limits.Anonymous)
            : rates.TryTake(caller.Name, limits.Known);
        if (wait is null)
            return next(http);
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        http.Response.Headers.RetryAfter = Math.Ceiling(wait.Value.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
