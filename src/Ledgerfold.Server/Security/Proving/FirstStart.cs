using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>
/// Lets the first owner in. While there is no user and no key, each start prints a new link, once; whoever opens it within a day names
/// themselves and sets their password. The link before it, and each that was used, is void.
/// </summary>
internal sealed class FirstStart(PolicyWatch watch, PolicyDesk desk, AuditLog audit, SecurityOptions options)
{
    /// <summary>How long the link is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    /// <summary>Where the link leads; its token stands behind the <c>#</c>, which no browser sends and no log sees.</summary>
    public const string Path = "/first-owner";

    private readonly Backoff _bySource = new(
        new BackoffRule(5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15)), options.Passwords.TableMax, options.Clock);

    /// <summary>Prints a link where nobody can come in yet.</summary>
    /// <param name="address">Where this server is reached.</param>
    /// <param name="error">Where it is printed to.</param>
    public async Task<PolicyAnswer?> Offer(Uri address, TextWriter error, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!watch.Current.AreUnclaimed)
            return null;
        var token = Secret.Draw(options.Chance);
        var answer = await desk.Carry(new IssueOwnerLink(Secret.DigestOf(token), options.Clock.GetUtcNow() + Life), Origin.Server, cancel);
        if (answer is PolicyAnswer.Done)
        {
            await error.WriteLineAsync($"Nobody can sign in yet. Within {Life.TotalHours} hours, become the owner here, once:");
            await error.WriteLineAsync($"  {new Uri(address, $"{Path}#{token}")}");
        }

        return answer;
    }

    /// <summary>Makes the owner of whoever has the token.</summary>
    public async Task<PolicyAnswer> Redeem(string token, string user, string password, Origin origin, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(origin);
        if (token.Length != Secret.Length || _bySource.WaitOf(origin.Source) > TimeSpan.Zero)
            return await Refuse(origin, cancel);
        if (!PasswordHash.IsAcceptable(password))
            return new PolicyAnswer.Rejected("PASSWORD", "password", PasswordRules.Rule);
        var digest = Secret.DigestOf(token);
        if (watch.Current.OwnerLink is not { } link || link.ExpiresAt <= options.Clock.GetUtcNow() || !Secret.Fits(token, link.Digest))
        {
            _bySource.Fail(origin.Source);
            return await Refuse(origin, cancel);
        }

        var command = new BecomeOwner(digest, user, PasswordHash.Of(password, options.Chance, options.Passwords.Rounds));
        return await desk.Carry(command, origin with { Caller = Caller.Server }, cancel);
    }

    private async Task<PolicyAnswer> Refuse(Origin origin, CancellationToken cancel)
    {
        await audit.Denied(origin, new AuditAct("become-owner", "server"), "", cancel);
        return new PolicyAnswer.Rejected("OWNER_LINK", null, "The link was used, has expired, or never was one.");
    }
}
