using System.Collections.Immutable;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The sources that are read together, newest first; never changes. Readers hold it while they read, so that no table is closed under them.
/// </summary>
internal sealed class FoldVersion
{
    private readonly Action<FoldTable> _unused;
    private int _holders = 1;

    public FoldVersion(ImmutableArray<MemTable> memory, ImmutableArray<FoldTable> tables, Action<FoldTable> unused)
    {
        Memory = memory;
        Tables = tables;
        _unused = unused;
        foreach (var table in tables)
            table.Hold();
    }

    /// <summary>The memory tables: the one that is written to, then those that wait to be written out.</summary>
    public ImmutableArray<MemTable> Memory { get; }

    public ImmutableArray<FoldTable> Tables { get; }

    public FoldVersion With(ImmutableArray<MemTable> memory, ImmutableArray<FoldTable> tables) => new(memory, tables, _unused);

    /// <summary>Holds it, unless it is gone already.</summary>
    public bool TryHold()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var before = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (before == holders)
                return true;
            holders = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        foreach (var table in Tables)
        {
            if (table.Release())
                _unused(table);
        }
    }
}
