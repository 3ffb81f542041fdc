using System.Collections.Immutable;
using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>A new key, or why there is none. The text must not be kept: not in a log, and not among answers that are given again.</summary>
/// <param name="Answer">What became of it.</param>
/// <param name="Key">The whole key; null where there is none.</param>
internal sealed record NewKey(PolicyAnswer Answer, string? Key);

/// <summary>Draws keys.</summary>
internal sealed class KeyOffice(PolicyDesk desk, IChance chance)
{
    /// <summary>Draws a key that acts for a user within a scope.</summary>
    public async Task<NewKey> Issue(
        string user,
        string label,
        ImmutableArray<Permission> scope,
        DateTimeOffset expiresAt,
        Origin origin,
        CancellationToken cancel = default)
    {
        var key = KeyText.Draw(chance);
        var command = new IssueKey(key.Id, label, user, scope, expiresAt, Secret.DigestOf(key.Secret));
        var answer = await desk.Carry(command, origin, cancel);
        return new NewKey(answer, answer is PolicyAnswer.Done ? key.Reveal() : null);
    }
}
