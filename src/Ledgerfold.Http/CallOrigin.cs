using System.Security.Claims;
using Ledgerfold.Http.Idempotency;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Commanding;
using Microsoft.AspNetCore.Http;

namespace Ledgerfold.Http;

/// <summary>Who calls, and for whom.</summary>
public static class CallOrigin
{
    /// <summary>The header that names the tenant; without it, it is the default one.</summary>
    public const string TenantHeader = "Ledgerfold-Tenant";

    /// <summary>The header that names the conversation a call belongs to.</summary>
    public const string CorrelationHeader = "Ledgerfold-Correlation";

    private const string Anonymous = "anonymous";

    /// <summary>Whose events the call is about.</summary>
    /// <exception cref="RefusedException">It names none that there could be, or one of the platform's.</exception>
    public static string Tenant(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var tenant = context.Request.Headers[TenantHeader];
        return tenant.Count == 0 ? Tenants.Default
            : tenant is [{ } one] && Limits.IsName(one) && !one.StartsWith('$') ? one
            : throw new RefusedException(Refusal.Of(TenantHeader, "a header with 1 to 512 bytes that do not begin with $, once"));
    }

    /// <summary>Who calls: the name that authentication gave, different for every person and every key.</summary>
    public static string Caller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? Anonymous;
    }

    /// <summary>The origin of a command that an idempotent call sends.</summary>
    /// <exception cref="RefusedException">A header breaks its rule.</exception>
    public static CommandOrigin Origin(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var correlation = context.Request.Headers[CorrelationHeader];
        if (correlation.Count > 1 || (correlation is [{ } named] && !Limits.IsName(named)))
            throw new RefusedException(Refusal.Of(CorrelationHeader, "a header with 1 to 512 bytes without control characters, once"));
        return new CommandOrigin
        {
            Id = context.CommandId(),
            Caller = context.Caller(),
            Tenant = context.Tenant(),
            CorrelationId = correlation.Count == 0 ? null : correlation[0],
            Actor = context.Caller(),
            Principal = context.User,
        };
    }
}
