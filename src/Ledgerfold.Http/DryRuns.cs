using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Http;

/// <summary>
/// Calls with <c>dryRun=true</c>: they are checked as any other, say what they would do, and do nothing. A call that cannot be tried so is
/// turned down, because whoever sends it believes that nothing will happen.
/// </summary>
public static class DryRuns
{
    /// <summary>The parameter of the query.</summary>
    public const string Parameter = "dryRun";

    /// <summary>The endpoint asks <see cref="IsDryRun"/> and heeds it.</summary>
    public static TBuilder CanBeTried<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(TriedMark.Instance);

    /// <summary>Turns down what cannot be tried; before everything that acts.</summary>
    public static IApplicationBuilder UseDryRuns(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        _ = context.IsDryRun();
        return next(context);
    });

    /// <summary>Whether the call is only to say what it would do.</summary>
    /// <exception cref="RefusedException">It says something else there, or cannot be tried.</exception>
    public static bool IsDryRun(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (string?)context.Request.Query[Parameter] switch
        {
            null or "false" => false,
            "true" when context.GetEndpoint()?.Metadata.GetMetadata<TriedMark>() is not null => true,
            "true" => throw new RefusedException(Refusal.Of(Parameter, "only for a call that can say what it would do; this one cannot")),
            _ => throw new RefusedException(Refusal.Of(Parameter, "true or false")),
        };
    }
}

/// <summary>Says of an endpoint that its calls can be tried.</summary>
internal sealed class TriedMark
{
    public static TriedMark Instance { get; } = new();
}
