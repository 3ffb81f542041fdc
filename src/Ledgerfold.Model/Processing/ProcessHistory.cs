using System.Runtime.CompilerServices;
using Ledgerfold.Model.Comparing;
using Ledgerfold.Model.Folding;

namespace Ledgerfold.Model.Processing;

/// <summary>
/// The whole history of an instance, from its own records: what reached it, what it made of that and which fields that changed, every
/// attempt, everything that operators did, everything that was missed. Read page by page, however long it is.
/// </summary>
public static class ProcessHistory
{
    /// <summary>The records of an instance behind a position, oldest first.</summary>
    /// <exception cref="LedgerTruncatedException">Older records were removed, and the read begins before them.</exception>
    public static async IAsyncEnumerable<HistoryEntry> Read(
        ILedger ledger,
        string process,
        string key,
        string tenant = Tenants.Default,
        long after = 0,
        [EnumeratorCancellation] CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        var before = after == 0 ? null : await ReadAt(ledger, process, key, tenant, after, cancel);
        var query = EventQuery.OfStream(ProcessRecords.StreamOf(process, key));
        var request = new ReadRequest { Tenant = tenant, Query = query, After = after };
        await foreach (var page in ledger.Read(request, cancel))
        {
            foreach (var recorded in page.Events)
            {
                var entry = await Tell(ledger, recorded, before, cancel);
                before = (entry.Said as ProcessEvent.ProcessAdvanced)?.Instance ?? before;
                yield return entry;
            }
        }
    }

    /// <summary>The instance as it stood once everything up to a position was recorded; null where there was none.</summary>
    public static async ValueTask<ProcessInstance?> ReadAt(
        ILedger ledger, string process, string key, string tenant, long position, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        var request = new ReadRequest
        {
            Tenant = tenant,
            Query = ProcessRecords.AdvancesOf(process, key),
            Before = position == long.MaxValue ? position : position + 1,
            Backward = true,
            Limit = 1,
        };
        return await ledger.Read(request, cancel).First() is { } last
            ? ((ProcessEvent.ProcessAdvanced)ProcessRecords.Read(last)).Instance
            : null;
    }

    private static async ValueTask<HistoryEntry> Tell(
        ILedger ledger, RecordedEvent recorded, ProcessInstance? before, CancellationToken cancel)
    {
        var entry = new HistoryEntry
        {
            Position = recorded.Position,
            At = recorded.RecordedAt,
            Actor = recorded.Actor,
            Said = ProcessRecords.Read(recorded),
        };
        return entry.Said switch
        {
            ProcessEvent.ProcessAdvanced advanced => entry with
            {
                In = await ReadCause(ledger, recorded, cancel),
                Before = before,
                Changes = FieldChange.Between(before?.Run == advanced.Instance.Run ? before.State : null, advanced.Instance.State),
            },
            ProcessEvent.ProcessMissed => entry with { In = await ReadCause(ledger, recorded, cancel) },
            _ => entry,
        };
    }

    /// <summary>What was taken up or missed: every record names it as its cause.</summary>
    private static async ValueTask<RecordedEvent?> ReadCause(ILedger ledger, RecordedEvent recorded, CancellationToken cancel) =>
        Guid.TryParse(recorded.CausationId, out var id) ? await ledger.ReadById(recorded.Tenant, id, cancel) : null;
}
