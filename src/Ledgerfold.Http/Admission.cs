using Ledgerfold.Http.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Http;

/// <summary>
/// Turns calls down while there is no room for what they would begin: before anybody is asked who they are and before a body is read, so
/// that saying no costs next to nothing when everything else costs too much.
/// </summary>
public static class Admission
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(1);

    /// <summary>Calls are taken only while this is so. It is asked for every call, so it looks at something that is known.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="hasRoom">Whether there is room; asks the services of the server.</param>
    /// <param name="why">What a caller is told who is turned down.</param>
    public static TBuilder OnlyWhile<TBuilder>(this TBuilder builder, Func<IServiceProvider, bool> hasRoom, string why)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new AdmissionMark(hasRoom, why));

    /// <summary>Does what <see cref="OnlyWhile"/> says; right behind routing.</summary>
    public static IApplicationBuilder UseAdmission(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ApplicationServices;
        return app.Use(next => context =>
            context.GetEndpoint()?.Metadata.GetMetadata<AdmissionMark>() is { } mark && !mark.HasRoom(services)
                ? new Refusal(PlatformProblems.Overloaded.Code, mark.Why) { RetryAfter = Later }.ExecuteAsync(context)
                : next(context));
    }
}

/// <summary>Says of an endpoint when its calls are taken.</summary>
internal sealed record AdmissionMark(Func<IServiceProvider, bool> HasRoom, string Why);
