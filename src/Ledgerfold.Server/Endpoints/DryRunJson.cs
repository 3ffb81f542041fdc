using Ledgerfold.Server.Security.Auditing;

namespace Ledgerfold.Server.Endpoints;

/// <summary>What a call would do, and did not.</summary>
/// <param name="Would">The act, as the audit would record it.</param>
/// <param name="On">On what.</param>
/// <param name="Now">How that stands now.</param>
internal sealed record DryRunJson(string Would, string On, object Now)
{
    public bool DryRun => true;

    /// <summary>The answer to a call that only asks.</summary>
    public static IResult Of(AuditAct act, object now) => Results.Ok(new DryRunJson(act.What, act.On, now));
}
