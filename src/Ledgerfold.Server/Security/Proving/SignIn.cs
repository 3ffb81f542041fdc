using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;

namespace Ledgerfold.Server.Security.Proving;

/// <summary>What became of somebody who wants to come in: a closed family, so that a caller's <c>switch</c> sees every case.</summary>
internal abstract record SignInAnswer
{
    private SignInAnswer()
    {
    }

    /// <summary>They are in.</summary>
    public sealed record Entered(Caller.Person Person) : SignInAnswer;

    /// <summary>Name or password is wrong; which of them is not said.</summary>
    public sealed record Wrong : SignInAnswer;

    /// <summary>Nothing was checked: too many tries failed.</summary>
    /// <param name="For">How long to wait.</param>
    public sealed record Wait(TimeSpan For) : SignInAnswer;

    /// <summary>Nothing was checked: too many come in at this moment.</summary>
    public sealed record Busy : SignInAnswer;
}

/// <summary>
/// Lets people in by their password. Checking one costs much on purpose, so only a few are checked at a time, and whoever fails waits: most
/// of all a name from one address, then an address, then a name from anywhere; the last only briefly, because it could be somebody else
/// who fails. Any thread.
/// </summary>
internal sealed class SignIn(PolicyWatch watch, PolicyDesk desk, AuditLog audit, SecurityOptions options) : IDisposable
{
    private static readonly AuditAct Act = new("sign-in", "server");

    private readonly Backoff _byBoth = Counting(new BackoffRule(5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15)), options);
    private readonly Backoff _bySource = Counting(new BackoffRule(20, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15)), options);
    private readonly Backoff _byUser = Counting(new BackoffRule(20, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)), options);
    private readonly SemaphoreSlim _turns = new(options.Passwords.AtOnce, options.Passwords.AtOnce);
    private int _waiting;

    /// <summary>Checks a name and a password.</summary>
    /// <param name="origin">From where; the caller is nobody yet.</param>
    public async Task<SignInAnswer> Enter(string user, string password, Origin origin, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var answer = await Prove(user, password, origin, cancel);
        if (answer is not SignInAnswer.Entered { Person: var person })
            return answer;
        if (watch.Current.Users.GetValueOrDefault(user)?.Password?.Rounds != options.Passwords.Rounds)
            await desk.Carry(new HashPasswordAgain(user, Hash(password)), Origin.Server, cancel);
        return await audit.Acted(origin with { Caller = person }, Act, "done", cancel) ? answer : new SignInAnswer.Busy();
    }

    /// <summary>
    /// Sets the password of somebody; whoever sets their own says the one they have. Sessions of before are over, so whoever did it for
    /// themselves comes in again.
    /// </summary>
    public async Task<PolicyAnswer> SetPassword(
        string user, string password, string? current, Origin origin, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        if (!PasswordHash.IsAcceptable(password))
            return new PolicyAnswer.Rejected("PASSWORD", "password", PasswordRules.Rule);
        if (origin.Caller is Caller.Person person && person.User == user
            && await Prove(user, current ?? "", origin with { Caller = Caller.Nobody }, cancel) is not SignInAnswer.Entered)
            return new PolicyAnswer.Rejected("PASSWORD_WRONG", "current", "The current password is not this one.");
        return await desk.Carry(new SetPassword(user, Hash(password)), origin, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();

    private async Task<SignInAnswer> Prove(string user, string password, Origin origin, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        var name = PolicyRules.IsName(user) ? user : "?";
        (Backoff Backoff, string Key)[] counted =
            [(_byBoth, $"{name} {origin.Source}"), (_bySource, origin.Source), (_byUser, name)];
        if (counted.Max(static one => one.Backoff.WaitOf(one.Key)) is var wait && wait > TimeSpan.Zero)
            return await Turned(new SignInAnswer.Wait(wait), origin, cancel);
        if (Interlocked.Increment(ref _waiting) > options.Passwords.WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return await Turned(new SignInAnswer.Busy(), origin, cancel);
        }

        foreach (var (backoff, key) in counted)
            backoff.Fail(key);
        if (await Check(name, password, cancel) is not { } known)
            return await Turned(new SignInAnswer.Wrong(), origin, cancel);
        _byBoth.Succeed(counted[0].Key);
        _bySource.TakeBack(counted[1].Key); // or one good account would clear the way for guessing at others
        _byUser.Succeed(counted[2].Key);
        return new SignInAnswer.Entered(new Caller.Person(known.Name, known.Stamp, options.Clock.GetUtcNow() + options.SessionMax));
    }

    private async Task<User?> Check(string name, string password, CancellationToken cancel)
    {
        try
        {
            await _turns.WaitAsync(cancel);
            try
            {
                var known = watch.Current.Users.GetValueOrDefault(name);
                var hash = known?.Password ?? PasswordHash.Nobodys(options.Passwords.Rounds);
                var fits = password.Length <= PasswordHash.LengthMax && hash.Fits(password);
                return fits && known is { IsEnabled: true, Password: not null } ? known : null;
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<SignInAnswer> Turned(SignInAnswer answer, Origin origin, CancellationToken cancel)
    {
        await audit.Denied(origin, Act, "", cancel);
        return answer;
    }

    private PasswordHash Hash(string password) => PasswordHash.Of(password, options.Chance, options.Passwords.Rounds);

    private static Backoff Counting(BackoffRule rule, SecurityOptions options) => new(rule, options.Passwords.TableMax, options.Clock);
}

/// <summary>How passwords are kept and checked.</summary>
internal sealed record PasswordRules
{
    /// <summary>What a password must be.</summary>
    public static readonly string Rule = $"{PasswordHash.LengthMin} to {PasswordHash.LengthMax} characters";

    /// <summary>How often one is hashed. Raised, each is hashed again when its owner comes in the next time.</summary>
    public int Rounds { get; init; } = PasswordHash.RoundsMin;

    /// <summary>How many are checked at the same time.</summary>
    public int AtOnce { get; init; } = 2;

    /// <summary>How many may wait for that, or be checked.</summary>
    public int WaitingMax { get; init; } = 32;

    /// <summary>How many names and addresses are remembered for their failures.</summary>
    public int TableMax { get; init; } = 10_000;
}
