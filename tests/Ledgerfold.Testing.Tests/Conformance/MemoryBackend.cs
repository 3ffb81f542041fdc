using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>
/// Ledgers in memory, faithful or with a fault. Memory has nothing to restart, so the same object goes on: what must survive does, and the
/// facts about it are run too. A fault may choose to forget something at that moment.
/// </summary>
internal sealed class MemoryBackend : LedgerBackend
{
    /// <summary>The fault of every ledger opened in this flow of calls; null for none.</summary>
    public static readonly AsyncLocal<Func<InMemoryLedger, FaultyLedger>?> Fault = new();

    private readonly Func<InMemoryLedger, FaultyLedger>? _fault = Fault.Value;

    public override bool CanReopen => true;

    public override int RandomSequences => _fault is null ? 300 : 60;

    public override TimeSpan Patience => TimeSpan.FromSeconds(_fault is null ? 30 : 2);

    public override ValueTask<ILedger> Open()
    {
        var ledger = new InMemoryLedger();
        return new(_fault is null ? ledger : _fault(ledger));
    }

    public override ValueTask<ILedger> Reopen(ILedger ledger)
    {
        (ledger as FaultyLedger)?.OnRestart();
        return new(ledger);
    }
}
