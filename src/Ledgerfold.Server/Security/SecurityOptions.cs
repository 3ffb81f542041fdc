using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Proving;
using Ledgerfold.Server.Security.Serving;

namespace Ledgerfold.Server.Security;

/// <summary>How the server guards itself.</summary>
internal sealed record SecurityOptions
{
    /// <summary>Where everything is kept; the keys that protect cookies stand in <c>keys</c> below it.</summary>
    public required string Directory { get; init; }

    /// <summary>The time that keys, links and sessions go by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where secrets and ids come from.</summary>
    public IChance Chance { get; init; } = SystemChance.Instance;

    /// <summary>How passwords are kept and checked.</summary>
    public PasswordRules Passwords { get; init; } = new();

    /// <summary>How much is remembered of denials.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>How much may be asked for.</summary>
    public RequestLimits Limits { get; init; } = new();

    /// <summary>A session of which nothing is heard for so long is over.</summary>
    public TimeSpan SessionIdleMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A session is over after so long, whatever is heard of it.</summary>
    public TimeSpan SessionMax { get; init; } = TimeSpan.FromHours(12);
}
