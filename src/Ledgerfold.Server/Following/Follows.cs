using System.Diagnostics.Metrics;
using System.Text.Json;
using Ledgerfold.Http;
using Ledgerfold.Http.Problems;
using Ledgerfold.Model.CloudEvents;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Server.Endpoints;
using Ledgerfold.Server.Security.Counting;
using Ledgerfold.Server.Security.Governing;
using Ledgerfold.Server.Security.Permitting;

namespace Ledgerfold.Server.Following;

/// <summary>Counts the callers that follow the ledger, and bounds them: all together, and each. Any thread.</summary>
internal sealed class Follows : IDisposable
{
    private const int OpenMax = 1_000;

    private readonly ILedger _ledger;
    private readonly PolicyWatch _watch;
    private readonly FollowSlots _slots;
    private readonly TimeProvider _clock;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CloudEventWriter _names;
    private readonly Meter _meter = new(TelemetryNames.Source);
    private int _open;

    public Follows(
        ILedger ledger, PolicyWatch watch, FollowSlots slots, TimeProvider clock, IHostApplicationLifetime lifetime, CloudEventWriter names)
    {
        (_ledger, _watch, _slots, _clock, _lifetime, _names) = (ledger, watch, slots, clock, lifetime, names);
        _meter.CreateObservableGauge(
            TelemetryNames.Metrics.FollowsOpen, () => Open, "{call}", "Callers that follow the ledger now.");
    }

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
            ? Asked.Whole("Last-Event-ID", id)
            : Asked.Whole("after", after);
        var request = new ReadRequest { Tenant = filter.Tenant, Query = filter.ToQuery(), After = position ?? 0, Follow = true };
        if (TryEnter(Caller.Of(context.User), filter) is not { } seat)
            return new Refusal(PlatformProblems.TooManyRequests.Code, "Too many follow the ledger already.");
        return CloudEventBody.IsAsked(context.Request, CloudEventBody.One)
            ? new EventStream(_ledger, request, seat, _clock, _lifetime.ApplicationStopping) { WriteEvent = WriteCloudEvent }
            : new EventStream(_ledger, request, seat, _clock, _lifetime.ApplicationStopping);
    }

    public void Dispose() => _meter.Dispose();

    private void WriteCloudEvent(Utf8JsonWriter json, RecordedEvent recorded, PayloadView payload) => payload.Write(json, recorded, _names);

    private FollowSeat? TryEnter(Caller caller, EventFilter filter)
    {
        if (_slots.TryTake(caller.Name) is not { } slot)
            return null;
        if (Interlocked.Increment(ref _open) > OpenMax)
        {
            Leave(slot);
            return null;
        }

        var lease = _watch.Lease(caller, access => access.DecideQuery(filter.Tenant, filter.ToQuery()));
        return new FollowSeat(lease, () => _watch.AccessOf(caller), () => Leave(slot));
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
