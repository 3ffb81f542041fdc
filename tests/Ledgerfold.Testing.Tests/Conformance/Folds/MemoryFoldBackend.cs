using Ledgerfold.Testing.Conformance.Folds;

namespace Ledgerfold.Testing.Tests.Conformance.Folds;

/// <summary>Fold stores in memory, which has nothing to restart: the same object goes on.</summary>
internal sealed class MemoryFoldBackend : FoldBackend
{
    /// <summary>What stands before every store opened in this flow of calls; null for nothing.</summary>
    public static readonly AsyncLocal<Func<IFoldStore, FaultyFoldStore>?> Around = new();

    private readonly Func<IFoldStore, FaultyFoldStore>? _around = Around.Value;

    public override bool CanReopen => true;

    public override ValueTask<IFoldStore> Open() =>
        new(_around is null ? new InMemoryFoldStore() : _around(new InMemoryFoldStore()));

    public override ValueTask<IFoldStore> Reopen(IFoldStore store) =>
        store is FaultyFoldStore { ForgetsAtRestart: true } ? Open() : new(store);
}
