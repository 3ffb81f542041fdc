using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Server.Endpoints;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Following;

/// <summary>Counts the callers that follow the ledger, and bounds them: all together, and each. Any thread.</summary>
internal sealed class Follows(
    ILedger ledger, PolicyWatch watch, FollowSlots slots, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int OpenMax = 1_000;

    private int _open;

    /// <summary>How many there are.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>
    /// Begins to answer with all that matches, from a position on, and goes on with what is appended later, for as long as the caller may
    /// read it. That he may now is for the endpoint to see.
    /// </summary>
    public IResult Begin(HttpContext context, EventFilter filter, string? after)
    {
        if (filter is not { From: null, To: null })
            return Refusal.Of("from", "not in a stream of events, which has after alone");
        var resumed = context.Request.Headers["Last-Event-ID"];
        var position = resumed is [{ Length: > 0 } id]
            ? EventsAsked.PositionOf("Last-Event-ID", id)
            : EventsAsked.PositionOf("after", after);
        var request = new ReadRequest { Tenant = filter.Tenant, Query = filter.ToQuery(), After = position ?? 0, Follow = true };
        if (TryEnter(Caller.Of(context.User), filter) is not { } seat)
            return new Refusal(PlatformProblems.TooManyRequests.Code, "Too many follow the ledger already.");
        return new EventStream(ledger, request, seat, clock, lifetime.ApplicationStopping);
    }

    private FollowSeat? TryEnter(Caller caller, EventFilter filter)
    {
        if (slots.TryTake(caller.Name) is not { } slot)
            return null;
        if (Interlocked.Increment(ref _open) > OpenMax)
        {
            Leave(slot);
            return null;
        }

        var lease = watch.Lease(caller, access => access.DecideQuery(filter.Tenant, filter.ToQuery()));
        return new FollowSeat(lease, () => watch.AccessOf(caller), () => Leave(slot));
    }

    private void Leave(IDisposable slot)
    {
        slot.Dispose();
        Interlocked.Decrement(ref _open);
    }
}

/// <summary>The right to follow, while it lasts.</summary>
/// <param name="lease">Ends when the caller loses access.</param>
/// <param name="access">What the caller may do now.</param>
/// <param name="leave">Gives the place to another.</param>
internal sealed class FollowSeat(AccessLease lease, Func<Access> access, Action leave) : IDisposable
{
    public CancellationToken Lost => lease.Lost;

    public Ruling.Denied? Why => lease.Why;

    public Access Access => access();

    public void Dispose()
    {
        lease.Dispose();
        leave();
    }
}
