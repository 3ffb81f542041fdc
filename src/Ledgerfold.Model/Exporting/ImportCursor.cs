using System.Collections.Immutable;

namespace Ledgerfold.Model.Exporting;

/// <summary>
/// How far the events of one tenant are, in the ledger: the cursor <c>import:NAME</c> counts those of the file that stand there, and holds
/// the hash of the lines up to them, so that it is not taken for that of another file. It is moved in the append that brings events; where
/// it lags, events are found by their ids.
/// </summary>
internal sealed class ImportCursor
{
    private readonly string _tenant;
    private readonly string _consumer;
    private readonly long _done;
    private readonly string? _hashAtDone;
    private long _expected;
    private long _next;

    private ImportCursor(string tenant, string consumer, Cursor stored)
    {
        (_tenant, _consumer) = (tenant, consumer);
        (_done, _expected) = (stored.Position, stored.Position);
        _hashAtDone = stored.HeldKeys.FirstOrDefault();
    }

    /// <summary>How many events of the tenant the file had so far.</summary>
    public long Count { get; set; }

    /// <summary>Whether an earlier run did more events than the file had so far.</summary>
    public bool IsAhead => Count < _done;

    public static async ValueTask<ImportCursor> Read(ILedger ledger, string tenant, string name, CancellationToken cancel)
    {
        var consumer = $"import:{name}";
        return new ImportCursor(tenant, consumer, await ledger.ReadCursor(tenant, consumer, 0, cancel));
    }

    /// <summary>Whether an earlier run did the next event; counts it if so.</summary>
    public bool PassesOver()
    {
        if (!IsAhead)
            return false;
        Count++;
        return true;
    }

    /// <summary>Whether the lines passed over are now known to be others than those that an earlier run did.</summary>
    public bool IsOfAnother(Func<string> hash) => Count == _done && hash() != _hashAtDone;

    public CursorMove Move(string hash)
    {
        _next = Count;
        return new CursorMove { Consumer = _consumer, Expected = _expected, Next = _next, HeldKeys = [hash] };
    }

    public void Moved() => _expected = _next;

    public async ValueTask Refresh(ILedger ledger, CancellationToken cancel) =>
        _expected = (await ledger.ReadCursor(_tenant, _consumer, 0, cancel)).Position;
}
