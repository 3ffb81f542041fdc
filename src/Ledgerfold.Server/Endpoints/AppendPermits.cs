using Ledgerfold.Http.Permitting;
using Ledgerfold.Http.Problems;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Endpoints;

/// <summary>
/// What an append needs: the right to append to each stream it writes to, to read each that it only checks and all that its condition
/// speaks of, and to operate where it moves cursors, which belong to the consumers of the whole ledger.
/// </summary>
internal static class AppendPermits
{
    /// <summary>Whether it may be tried.</summary>
    public static Ruling Decide(Access access, AppendRequest request)
    {
        foreach (var write in request.Writes)
        {
            var right = write.Events.IsDefaultOrEmpty && !write.Close ? Right.Read : Right.Append;
            if (access.Decide(right, request.Tenant, write.Stream) is Ruling.Denied denied)
                return denied;
        }

        if (request.Condition is { } condition && access.DecideQuery(request.Tenant, condition.FailIfMatch) is Ruling.Denied unseen)
            return unseen;
        return request.CursorMoves.IsDefaultOrEmpty ? Ruling.Yes : access.Decide(Right.Operate, Permission.All, Permission.All);
    }

    /// <summary>
    /// Why it was not made. Whoever may add to a stream and not read it learns that others were faster, and not where the stream stands.
    /// </summary>
    public static Refusal? Explain(Access access, AppendRequest request, AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.WrongVersion or AppendOutcome.StreamClosed or AppendOutcome.ConditionFailed
            when request.Writes.Any(write => access.Decide(Right.Read, request.Tenant, write.Stream) is Ruling.Denied) =>
            new Refusal(PlatformProblems.Conflict.Code),
        _ => Refusals.Of(outcome),
    };
}
