using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Timelines;

namespace Ledgerfold.Model.Exploring;

/// <summary>Finds streams, and says where they stand. Any thread.</summary>
public sealed class StreamExplorer
{
    private readonly ILedger _ledger;
    private readonly EventExplorer _events;
    private readonly BoundedRead _read;

    /// <summary>Questions to a ledger.</summary>
    public StreamExplorer(ILedger ledger, ExploreLimits? limits = null)
    {
        _ledger = ledger;
        _events = new EventExplorer(ledger, limits);
        _read = new BoundedRead(ledger, _events.Limits);
    }

    /// <summary>
    /// The streams of a category, each by the event that began it, in that order. The ledger keeps no list of streams, so this reads the
    /// events of the category and shows those of version 1: a page may hold few, and says so.
    /// </summary>
    /// <exception cref="ArgumentException">The category or the page breaks a rule.</exception>
    public async ValueTask<ExplorePage<EventMark>> List(
        string category, PageRequest page, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var filter = new EventFilter { Tenant = tenant, Category = category };
        _events.Check(filter, page);
        var found = await _read.Read(BoundedRead.Question.Of(filter), page, static recorded => recorded.Version == 1, cancel);
        return new ExplorePage<EventMark>([.. found.Items.Select(EventMark.Of)], found.Next, found.Prev, found.Searched, found.Stop);
    }

    /// <summary>A page of a stream's events.</summary>
    /// <exception cref="ArgumentException">The stream's name or the page breaks a rule.</exception>
    public ValueTask<ExplorePage<RecordedEvent>> Events(
        string stream, PageRequest page, string tenant = Tenants.Default, CancellationToken cancel = default) =>
        _events.List(new EventFilter { Tenant = tenant, Stream = stream }, page, cancel);

    /// <summary>Where a stream stands; null where there is none.</summary>
    /// <exception cref="ArgumentException">No stream can have this name.</exception>
    public async ValueTask<StreamView?> Show(string stream, string tenant = Tenants.Default, CancellationToken cancel = default)
    {
        var filter = new EventFilter { Tenant = tenant, Stream = stream };
        _events.Check(filter, new PageRequest());
        var head = await _ledger.ReadStreamHead(tenant, stream, cancel);
        if (head.Version == 0)
            return null;
        var readable = await _ledger.ReadRange(cancel);
        var request = new ReadRequest { Tenant = tenant, Query = filter.ToQuery(), After = readable.First - 1 };
        var last = await _ledger.Read(request with { Backward = true, Limit = 1 }, cancel).First();
        var types = new Dictionary<string, long>(StringComparer.Ordinal);
        RecordedEvent? first = null;
        await foreach (var page in _ledger.Read(request with { Limit = _events.Limits.CountedMax }, cancel))
        {
            foreach (var recorded in page.Events)
            {
                first ??= recorded;
                types[recorded.Type] = types.GetValueOrDefault(recorded.Type) + 1;
            }
        }

        return new StreamView(
            tenant,
            stream,
            head.Version,
            head.Closed,
            first is null ? null : EventMark.Of(first),
            last is null ? null : EventMark.Of(last),
            [.. types.Select(static one => new TypeCount(one.Key, one.Value))],
            types.Values.Sum());
    }
}
