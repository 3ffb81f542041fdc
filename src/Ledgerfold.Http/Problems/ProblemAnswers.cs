using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ledgerfold.Http.Problems;

/// <summary>
/// Makes every failed call a problem of the catalogue: what was thrown, what could not be read, what no endpoint answers.
/// </summary>
public static partial class ProblemAnswers
{
    /// <summary>Adds the catalogue: the kinds of the platform and these.</summary>
    public static IServiceCollection AddProblems(this IServiceCollection services, IEnumerable<ProblemKind> kinds)
    {
        services.AddSingleton(new ProblemCatalogue(kinds));
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Answers problems; the first of all.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.Use(static next => context => Answer(context, next));

    /// <summary>What could not be read as JSON, and where.</summary>
    public static Refusal OfJson(JsonException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var path = failure.Path is { } found ? Refusals.PointerOf(found.TrimStart('$')) : "";
        var end = failure.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return Refusal.Of(path, end < 0 ? failure.Message : failure.Message[..end]);
    }

    private static async Task Answer(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentLength: null, ContentType: null }
                && OfStatus(context.Response.StatusCode) is { } kind)
                await new Refusal(kind.Code).ExecuteAsync(context);
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            if (context.RequestAborted.IsCancellationRequested)
                return;
            var refusal = OfFailure(failure);
            if (refusal.Code == PlatformProblems.Failed.Code)
                Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ProblemAnswers)), failure);
            context.Response.Clear();
            await refusal.ExecuteAsync(context);
        }
    }

    private static Refusal OfFailure(Exception failure) => failure switch
    {
        RefusedException refused => refused.Refusal,
        BadHttpRequestException { InnerException: JsonException broken } => OfJson(broken),
        JsonException broken => OfJson(broken),
        BadHttpRequestException bad => new Refusal((OfStatus(bad.StatusCode) ?? PlatformProblems.Invalid).Code, bad.Message),
        _ => new Refusal(PlatformProblems.Failed.Code),
    };

    private static ProblemKind? OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => PlatformProblems.Invalid,
        StatusCodes.Status401Unauthorized => PlatformProblems.Unauthenticated,
        StatusCodes.Status403Forbidden => PlatformProblems.Forbidden,
        StatusCodes.Status404NotFound => PlatformProblems.NotFound,
        StatusCodes.Status405MethodNotAllowed => PlatformProblems.MethodNotAllowed,
        StatusCodes.Status413PayloadTooLarge => PlatformProblems.TooLarge,
        StatusCodes.Status415UnsupportedMediaType => PlatformProblems.UnsupportedMediaType,
        StatusCodes.Status429TooManyRequests => PlatformProblems.TooManyRequests,
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "A call failed in a way that nobody foresaw.")]
    private static partial void Failed(ILogger log, Exception failure);
}
