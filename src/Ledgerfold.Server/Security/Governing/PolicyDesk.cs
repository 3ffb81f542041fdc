using System.Collections.Immutable;
using System.Diagnostics;
using Ledgerfold.Http.Permitting;
using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Deciding;
using Ledgerfold.Seams;
using Ledgerfold.Server.Security.Auditing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Security.Governing;

/// <summary>
/// Changes who may do what: authorise, decide, append, see it in force, answer. The change and its record in the audit are one append, and
/// it holds only if the policies still are what authority and decision rest on.
/// </summary>
internal sealed class PolicyDesk(ILedger ledger, PolicyWatch watch, AuditLog audit, TimeProvider clock, IChance chance)
{
    private const int TriesMax = 10;

    /// <summary>Carries out a change.</summary>
    public async Task<PolicyAnswer> Carry(PolicyCommand command, Origin origin, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(origin);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var policies = watch.Current;
            var at = clock.GetUtcNow();
            if (Authorise(command, origin.Caller, policies, at) is Ruling.Denied denied)
            {
                await audit.Denied(origin, new AuditAct(command.What, command.On), denied.Reason, cancel);
                return new PolicyAnswer.Denied(denied);
            }

            switch (PolicyRules.Decide(command, policies, at))
            {
                case Decision.Rejection rejection:
                    return new PolicyAnswer.Rejected(rejection.Code, rejection.Field, rejection.Message);
                case Decision.Events { Facts.IsEmpty: true }:
                    return new PolicyAnswer.Done(0);
                case Decision.Events { Facts: var facts }:
                    if (await Append(command, facts, policies, origin, cancel) is { } answer)
                        return answer;
                    break;
            }
        }

        return new PolicyAnswer.Unavailable("Others changed the policies again and again.");
    }

    /// <summary>
    /// Administrators may change everything; people who signed in may change what is only theirs. The server itself makes the first owner:
    /// who has the token is judged by the rule.
    /// </summary>
    private static Ruling Authorise(PolicyCommand command, Caller caller, Policies policies, DateTimeOffset at)
    {
        if (caller is Caller.Itself)
        {
            return command is IssueOwnerLink or BecomeOwner or HashPasswordAgain
                ? Ruling.Yes
                : new Ruling.Denied(Right.Administer, Platform.Tenant, Platform.Access, "The server does not do this of itself.");
        }

        var access = policies.AccessOf(caller, at);
        var ruling = access.Decide(Right.Administer, Platform.Tenant, Platform.Access);
        return caller is Caller.Person person && policies.IsIn(person, at) && IsTheirOwn(command, person.User, policies)
            ? Ruling.Yes
            : ruling;
    }

    private static bool IsTheirOwn(PolicyCommand command, string user, Policies policies) => command switch
    {
        SetPassword set => set.User == user,
        EndSessions end => end.User == user,
        IssueKey issue => issue.User == user,
        RevokeKey revoke => policies.Keys.GetValueOrDefault(revoke.Key)?.User == user,
        _ => false,
    };

    /// <summary>What became of it; null where somebody else was faster, and it is to be decided again.</summary>
    private async Task<PolicyAnswer?> Append(
        PolicyCommand command, ImmutableArray<object> facts, Policies policies, Origin origin, CancellationToken cancel)
    {
        var said = new AuditEvent.Acted(AuditWho.Of(origin), new AuditAct(command.What, command.On), "done");
        var request = new AppendRequest
        {
            Tenant = Platform.Tenant,
            Writes =
            [
                .. PolicyRecords.Write(facts, policies, origin, Activity.Current?.Id, () => RandomId.Draw(chance)),
                AuditRecords.Write(said, RandomId.Draw(chance)),
            ],
        };
        AppendOutcome outcome = new AppendOutcome.Indeterminate("");
        for (var tries = 0; tries < 3 && outcome is AppendOutcome.Indeterminate; tries++)
            outcome = await ledger.Append(request, tries == 0 ? cancel : CancellationToken.None); // the same ids settle what happened
        switch (outcome)
        {
            case AppendOutcome.Appended appended:
                await watch.Reach(appended.Last, CancellationToken.None);
                return new PolicyAnswer.Done(appended.Last);
            case AppendOutcome.WrongVersion:
                await watch.Reach((await ledger.ReadRange(cancel)).Head, cancel);
                return null;
            default:
                return new PolicyAnswer.Unavailable(outcome.Code);
        }
    }
}
