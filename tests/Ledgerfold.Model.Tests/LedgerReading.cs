using Ledgerfold.Model.Deciding;
using Ledgerfold.Model.Events;

namespace Ledgerfold.Model.Tests;

/// <summary>The ledger read the plain way: what everything else is compared with.</summary>
internal static class LedgerReading
{
    public static async Task<List<RecordedEvent>> All(this ILedger ledger, EventQuery? query = null, string tenant = Tenants.Default)
    {
        var all = new List<RecordedEvent>();
        await foreach (var page in ledger.Read(new ReadRequest { Tenant = tenant, Query = query ?? EventQuery.All }))
            all.AddRange(page.Events);
        return all;
    }

    /// <summary>The records of commands that left no event.</summary>
    public static Task<List<RecordedEvent>> Answers(this ILedger ledger) => ledger.All(EventQuery.OfCategory("$command"));

    /// <summary>The state of a stream from its first event on.</summary>
    public static async Task<TState> Replay<TState>(this ILedger ledger, Decider<TState> decider, EventTypes types, string id)
    {
        var codec = new EventCodec(types);
        var state = decider.Initial;
        foreach (var recorded in await ledger.All(EventQuery.OfStream(decider.StreamOf(id))))
            state = decider.Apply(state, codec.Decode(recorded)[0]);
        return state;
    }
}
