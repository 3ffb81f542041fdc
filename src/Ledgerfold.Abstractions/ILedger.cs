namespace Ledgerfold;

/// <summary>
/// All events in one total order. Append, read, and where the ledger begins and ends: a subscription is the same read repeated from the
/// position it had reached.
/// </summary>
public interface ILedger : IAsyncDisposable
{
    /// <summary>
    /// Appends everything in the request or nothing, and answers once that is on disk. Cancelling before it is staged throws
    /// <see cref="OperationCanceledException"/> and leaves no trace; later the answer is <see cref="AppendOutcome.Indeterminate"/>.
    /// </summary>
    ValueTask<AppendOutcome> Append(AppendRequest request, CancellationToken cancel = default);

    /// <summary>
    /// Reads the events of one tenant that match, in pages. A read without <see cref="ReadRequest.Follow"/> ends at the head as it was when
    /// it began; a following one never ends by itself.
    /// </summary>
    /// <exception cref="LedgerTruncatedException">The read begins below the first readable position.</exception>
    /// <exception cref="LedgerDamagedException">A range on the way cannot be read; events before it have been delivered.</exception>
    IAsyncEnumerable<EventPage> Read(ReadRequest request, CancellationToken cancel = default);

    /// <summary>
    /// The same over all tenants, whatever tenant the request names: a call of its own, because it needs a permission of its own.
    /// </summary>
    IAsyncEnumerable<EventPage> ReadAcrossTenants(ReadRequest request, CancellationToken cancel = default);

    /// <summary>The event with this id, or null.</summary>
    ValueTask<RecordedEvent?> ReadById(string tenant, Guid id, CancellationToken cancel = default);

    /// <summary>The version a stream stands at, without reading its events.</summary>
    ValueTask<StreamHead> ReadStreamHead(string tenant, string stream, CancellationToken cancel = default);

    /// <summary>Where a consumer's cursor stands.</summary>
    ValueTask<Cursor> ReadCursor(string tenant, string consumer, int partition, CancellationToken cancel = default);

    /// <summary>The first readable position and the head.</summary>
    ValueTask<LedgerRange> ReadRange(CancellationToken cancel = default);

    /// <summary>The last position recorded at or before a time; 0 if the ledger began later.</summary>
    ValueTask<long> PositionAt(DateTimeOffset time, CancellationToken cancel = default);

    /// <summary>
    /// The ledger's own batches from the one that holds the position after <paramref name="after"/>, as they are stored: for replicas and
    /// backups.
    /// </summary>
    IAsyncEnumerable<RawBatch> ReadBatches(long after, CancellationToken cancel = default);
}

/// <summary>Where a stream stands.</summary>
/// <param name="Version">The version of its last event; 0 where there is none.</param>
/// <param name="Closed">Whether it takes no more events.</param>
public readonly record struct StreamHead(long Version, bool Closed);

/// <summary>A consumer's durable progress.</summary>
/// <param name="Position">Where it stands; 0 where it never moved.</param>
/// <param name="HeldKeys">Keys whose events are held back.</param>
public sealed record Cursor(long Position, System.Collections.Immutable.ImmutableArray<string> HeldKeys)
{
    /// <summary>A cursor that never moved.</summary>
    public static Cursor None { get; } = new(0, []);
}

/// <summary>The readable part of the ledger.</summary>
/// <param name="First">The earliest readable position; 1 unless older ones were removed.</param>
/// <param name="Head">The last durable position; 0 for an empty ledger.</param>
public readonly record struct LedgerRange(long First, long Head);

/// <summary>One batch as the backend stores it.</summary>
/// <param name="FirstPosition">The position of its first event, or of the next one to come where it has none.</param>
/// <param name="Count">How many events it holds.</param>
/// <param name="Bytes">The stored bytes.</param>
public readonly record struct RawBatch(long FirstPosition, int Count, ReadOnlyMemory<byte> Bytes);
