using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Http.Idempotency;

/// <summary>Marks endpoints that create something: the same call twice creates it once.</summary>
public static class IdempotentCalls
{
    /// <summary>The header that names a call.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>The header of an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>
    /// The call needs an <c>Idempotency-Key</c>. Its answer is kept, status and bytes, before it is given; the same key with the same body
    /// is answered with it, and with another body refused. Parameters of the query are not part of the call.
    /// </summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(IdempotentMark.Instance);

    /// <summary>Does what <see cref="Idempotent"/> says; behind authentication, before the endpoints.</summary>
    public static IApplicationBuilder UseIdempotentCalls(this IApplicationBuilder app) => app.UseMiddleware<IdempotencyGate>();

    /// <summary>The id that the call's key gives to the command it sends.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is not <see cref="Idempotent"/>.</exception>
    public static Guid CommandId(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<CallName>()?.CommandId
            ?? throw new InvalidOperationException("The endpoint is not marked as idempotent.");
    }
}

/// <summary>Says of an endpoint that its calls have keys.</summary>
internal sealed class IdempotentMark
{
    public static IdempotentMark Instance { get; } = new();
}
