using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using static Ledgerfold.TelemetryNames;

namespace Ledgerfold.Server.Tracing;

/// <summary>Says in the span of a call, which the framework begins without a word, what was called and what was answered.</summary>
internal static class CallSpans
{
    /// <summary>Does so; around everything else.</summary>
    public static IApplicationBuilder UseCallSpans(this IApplicationBuilder app) => app.Use(static next => context =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span && span.Source.HasListeners()
            ? Describe(span, context, next)
            : next(context));

    private static async Task Describe(Activity span, HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            var (method, status) = (context.Request.Method, context.Response.StatusCode);
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            span.DisplayName = route is null ? method : $"{method} {route}";
            span.SetTag(Attributes.HttpMethod, method).SetTag(Attributes.HttpRoute, route).SetTag(Attributes.HttpStatus, status);
            if (status >= StatusCodes.Status500InternalServerError)
                span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
