using System.Collections.Immutable;
using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Auditing;

/// <summary>Who did something, and from where.</summary>
internal sealed record AuditWho(string Name, string? User, string Source, string? TraceId)
{
    public static AuditWho Of(Origin origin) => new(
        origin.Caller.Name,
        (origin.Caller as Caller.Key)?.User,
        AuditRecords.Cut(origin.Source),
        origin.TraceId is null ? null : AuditRecords.Cut(origin.TraceId));
}

/// <summary>What somebody did, or wanted to do.</summary>
/// <param name="What">What, as a short stable name: <c>rebuild-projection</c>.</param>
/// <param name="On">On what: <c>projection:orders</c>. Never a raw address or body, because secrets stand in those.</param>
/// <param name="Tenant">In which tenant, where it is about one.</param>
/// <param name="Reason">Why they said they did it.</param>
internal sealed record AuditAct(string What, string On, string? Tenant = null, string? Reason = null)
{
    /// <summary>The same, cut to what is kept.</summary>
    public AuditAct Cut() => new(
        AuditRecords.Cut(What),
        AuditRecords.Cut(On),
        Tenant is null ? null : AuditRecords.Cut(Tenant),
        Reason is null ? null : AuditRecords.Cut(Reason));
}

/// <summary>So many denials of those who came from one address.</summary>
internal sealed record DeniedFrom(string Source, long Count);

/// <summary>What was done and what was denied: the events of the streams <c>$audit-…</c>.</summary>
internal abstract record AuditEvent
{
    /// <summary>Somebody did something.</summary>
    public sealed record Acted(AuditWho Who, AuditAct Act, string Outcome) : AuditEvent;

    /// <summary>Somebody who is known was denied something.</summary>
    public sealed record Denied(AuditWho Who, AuditAct Act, string Why) : AuditEvent;

    /// <summary>Somebody who is known was denied so often that not every time was recorded.</summary>
    public sealed record DenialsOmitted(string Name, DateTimeOffset From, long Count) : AuditEvent;

    /// <summary>Nobody who is known was denied something, so often in the minute from then on, by address.</summary>
    public sealed record AnonymousDenied(DateTimeOffset Minute, ImmutableArray<DeniedFrom> Sources, long FromOthers) : AuditEvent;
}
