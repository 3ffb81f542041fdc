using System.Runtime.CompilerServices;

namespace Ledgerfold.Model.Tests;

/// <summary>
/// A ledger between the code under test and the real one: it lets others in between calls, counts what is asked, and says something else
/// than the truth where a test wants that.
/// </summary>
internal sealed class WatchedLedger(ILedger inner) : ILedger
{
    /// <summary>Whether each call lets whatever is ready run before it and after it.</summary>
    public bool Yields { get; init; }

    /// <summary>Stands around each append.</summary>
    public Func<AppendRequest, Func<ValueTask<AppendOutcome>>, ValueTask<AppendOutcome>>? OnAppend { get; set; }

    /// <summary>Changes what is found by an id.</summary>
    public Func<RecordedEvent?, RecordedEvent?> OnFound { get; set; } = static found => found;

    /// <summary>Changes what a read of one tenant finds.</summary>
    public Func<RecordedEvent, RecordedEvent> OnRead { get; init; } = static found => found;

    public List<AppendRequest> Appends { get; } = [];

    public List<ReadRequest> Reads { get; } = [];

    public async ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default)
    {
        await Pass();
        Appends.Add(request);
        var outcome = OnAppend is { } around ? await around(request, () => inner.Append(request, cancel)) : await inner.Append(request, cancel);
        await Pass();
        return outcome;
    }

    public async IAsyncEnumerable<EventPage> Read(ReadRequest request, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        Reads.Add(request);
        await Pass();
        await foreach (var page in inner.Read(request, cancel))
        {
            await Pass();
            yield return page with { Events = [.. page.Events.Select(OnRead)] };
        }
    }

    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        inner.ReadAcrossTenants(request, cancel);

    public async ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default)
    {
        await Pass();
        var found = await inner.ReadById(tenant, id, cancel);
        await Pass();
        return OnFound(found);
    }

    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) =>
        inner.ReadStreamHead(tenant, stream, cancel);

    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default) =>
        inner.ReadCursor(tenant, consumer, partition, cancel);

    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) => inner.ReadRange(cancel);

    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) => inner.PositionAt(time, cancel);

    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) => inner.ReadBatches(after, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask Pass()
    {
        if (Yields)
            await Task.Yield();
    }
}
