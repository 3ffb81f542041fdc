using Ledgerfold.Testing.Conformance;

namespace Ledgerfold.Testing.Tests.Conformance;

/// <summary>
/// Ledgers in memory, faithful or with a fault. Memory has nothing to restart, so the same object goes on: what must survive does, and the
/// facts about it are run too. A fault may choose to forget something at that moment.
/// </summary>
internal sealed class MemoryBackend : LedgerBackend
{
    /// <summary>What stands before every ledger opened in this flow of calls; null for nothing.</summary>
    public static readonly AsyncLocal<Hooks?> Around = new();

    private readonly Hooks? _hooks = Around.Value;

    public override bool CanReopen => true;

    public override int RandomSequences => _hooks is null ? 300 : 60;

    public override TimeSpan Patience => _hooks?.Patience ?? base.Patience;

    public override ValueTask<ILedger> Open()
    {
        var ledger = new InMemoryLedger();
        return new(_hooks is null ? ledger : _hooks.Make(ledger));
    }

    public override ValueTask<ILedger> Reopen(ILedger ledger)
    {
        (ledger as FaultyLedger)?.OnRestart();
        return new(ledger);
    }

    /// <summary>A faulty ledger around a faithful one, and how long its silence is waited for.</summary>
    public sealed record Hooks(Func<InMemoryLedger, FaultyLedger> Make, TimeSpan Patience);
}
