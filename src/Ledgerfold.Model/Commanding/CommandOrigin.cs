using System.Security.Claims;

namespace Ledgerfold.Model.Commanding;

/// <summary>Where a command comes from.</summary>
public sealed record CommandOrigin
{
    /// <summary>
    /// The command's id: sent again with the same one, by the same caller and tenant, it is answered as the first time, for ever. Without
    /// one it cannot be repeated.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Who gave the id, so that ids of different callers never meet.</summary>
    public string Caller { get; init; } = "";

    /// <summary>Whose events it is about.</summary>
    public string Tenant { get; init; } = Tenants.Default;

    /// <summary>Names the conversation it belongs to; where none is given, the command begins one under its own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Names the event that led to the command; its events name the command in turn.</summary>
    public string? CausationId { get; init; }

    /// <summary>Who or what wants it.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace parent of the call; that of the current activity where none is given.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Who wants it, as authentication saw them: for authorisation only, never stored.</summary>
    public ClaimsPrincipal? Principal { get; init; }
}
