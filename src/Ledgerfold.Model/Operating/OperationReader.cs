using System.Collections.Immutable;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Operating;

/// <summary>
/// Reads operations from their streams. However long one ran, only few of its events count: the turning points, and the last that said how
/// far it is and where it can go on. Folding these gives what folding all of them would.
/// </summary>
internal sealed class OperationReader(ILedger ledger)
{
    public async ValueTask<OperationState?> Find(string tenant, Guid id, CancellationToken cancel)
    {
        var asOf = await ReadHead(cancel);
        var turningPoints = RequestOf(OperationRecords.In(id, OperationRecords.TurningPoints));
        var counting = new List<RecordedEvent>();
        await foreach (var page in ledger.Read(turningPoints, cancel))
            counting.AddRange(page.Events);
        if (counting.Count == 0)
            return null;
        await AddLast(nameof(OperationEvent.OperationAdvanced));
        await AddLast(nameof(OperationEvent.OperationSaved));
        return counting.OrderBy(static recorded => recorded.Version).Aggregate((OperationState?)null, OperationState.Apply);

        ReadRequest RequestOf(EventQuery query) => new() { Tenant = tenant, Query = query, Before = asOf + 1 };

        async ValueTask AddLast(string type)
        {
            var last = RequestOf(OperationRecords.In(id, type)) with { Backward = true, Limit = 1 };
            if (await ledger.Read(last, cancel).First() is { } recorded)
                counting.Add(recorded);
        }
    }

    /// <summary>The open operation on a subject, if there is one, and the position up to which that is so.</summary>
    public async ValueTask<(Guid? Open, long AsOf)> FindOpenOn(string tenant, string subject, CancellationToken cancel)
    {
        var asOf = await ReadHead(cancel);
        var newest = new ReadRequest
        {
            Tenant = tenant,
            Query = OperationRecords.BegunOn(subject),
            Before = asOf + 1,
            Backward = true,
            Limit = 1,
        };
        if (await ledger.Read(newest, cancel).First() is not { } begun)
            return (null, asOf); // and those before it had ended when it was begun
        var isClosed = (await ledger.ReadStreamHead(tenant, begun.Stream, cancel)).Closed;
        return (isClosed ? null : OperationRecords.IdOf(begun.Stream), asOf);
    }

    /// <summary>The operation that failed last, of any tenant.</summary>
    public async ValueTask<OperationState?> FindLastFailed(CancellationToken cancel)
    {
        var query = OperationRecords.Turning(OperationRecords.EndedType, OperationRecords.TagOfOutcome(OperationPhase.Failed));
        var last = new ReadRequest { Query = query, Backward = true, Limit = 1 };
        return await ledger.ReadAcrossTenants(last, cancel).First() is { } failed
            ? await Find(failed.Tenant, OperationRecords.IdOf(failed.Stream), cancel)
            : null;
    }

    /// <summary>A page of operations: of these, or of all that there ever were.</summary>
    public async ValueTask<OperationPage> List(OperationSearch search, ImmutableArray<OpenOperation>? among, CancellationToken cancel)
    {
        var found = among is { } open
            ? open.Where(one => one.Position < search.Before && (search.Kind is null || one.Kind == search.Kind))
                .OrderByDescending(static one => one.Position).Take(search.Limit).ToList()
            : await ReadBegun(search, cancel);
        var states = ImmutableArray.CreateBuilder<OperationState>();
        foreach (var one in found)
        {
            if (await Find(one.Key.Tenant, one.Key.Id, cancel) is { } state && !(search.OpenOnly && state.HasEnded))
                states.Add(state);
        }

        return new OperationPage(states.DrainToImmutable(), found.Count == search.Limit ? found[^1].Position : null);
    }

    /// <summary>What stands in an operation's stream behind a position.</summary>
    public IAsyncEnumerable<EventPage> ReadBehind(string tenant, Guid id, long position, CancellationToken cancel) =>
        ledger.Read(new ReadRequest { Tenant = tenant, Query = OperationRecords.In(id), After = position }, cancel);

    private async ValueTask<List<OpenOperation>> ReadBegun(OperationSearch search, CancellationToken cancel)
    {
        var request = new ReadRequest
        {
            Tenant = search.Tenant,
            Query = OperationRecords.BegunOf(search.Kind),
            Before = search.Before,
            Backward = true,
            Limit = search.Limit,
        };
        var found = new List<OpenOperation>();
        await foreach (var page in ledger.Read(request, cancel))
            found.AddRange(page.Events.Select(OpenOperation.Of).OfType<OpenOperation>());
        return found;
    }

    private async ValueTask<long> ReadHead(CancellationToken cancel) => (await ledger.ReadRange(cancel)).Head;
}
