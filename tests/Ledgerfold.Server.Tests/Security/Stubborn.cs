namespace Ledgerfold.Server.Tests.Security;

/// <summary>A ledger that takes nothing while it is told so; one that is somebody else's stays open.</summary>
internal sealed class Stubborn(ILedger ledger, bool isBorrowed = false) : ILedger
{
    public bool IsReadOnly { get; set; }

    public ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default) =>
        IsReadOnly ? new(new AppendOutcome.ReadOnly("for a test")) : ledger.Append(request, cancel);

    public IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default) => ledger.Read(request, cancel);

    public IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default) =>
        ledger.ReadAcrossTenants(request, cancel);

    public ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default) => ledger.ReadById(tenant, id, cancel);

    public ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default) =>
        ledger.ReadStreamHead(tenant, stream, cancel);

    public ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default) =>
        ledger.ReadCursor(tenant, consumer, partition, cancel);

    public ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default) => ledger.ReadRange(cancel);

    public ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default) => ledger.PositionAt(time, cancel);

    public IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default) => ledger.ReadBatches(after, cancel);

    public ValueTask DisposeAsync() => isBorrowed ? ValueTask.CompletedTask : ledger.DisposeAsync();
}
