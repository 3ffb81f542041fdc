using Ledgerfold.Http.Problems;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Server.Endpoints;

namespace Ledgerfold.Server.Following;

/// <summary>Counts the callers that follow the ledger, and bounds them. Any thread.</summary>
internal sealed class Follows(ILedger ledger, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const int OpenMax = 1_000;

    private int _open;

    /// <summary>How many there are.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Begins to answer with all that matches, from a position on, and goes on with what is appended later.</summary>
    public IResult Begin(HttpContext context, EventFilter filter, string? after)
    {
        if (filter is not { From: null, To: null })
            return Refusal.Of("from", "not in a stream of events, which has after alone");
        var resumed = context.Request.Headers["Last-Event-ID"];
        var position = resumed is [{ Length: > 0 } id]
            ? EventsAsked.PositionOf("Last-Event-ID", id)
            : EventsAsked.PositionOf("after", after);
        var request = new ReadRequest { Tenant = filter.Tenant, Query = filter.ToQuery(), After = position ?? 0, Follow = true };
        return new EventStream(ledger, request, clock, TryEnter, Leave, lifetime.ApplicationStopping);
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= OpenMax)
            return true;
        Leave();
        return false;
    }

    private void Leave() => Interlocked.Decrement(ref _open);
}
