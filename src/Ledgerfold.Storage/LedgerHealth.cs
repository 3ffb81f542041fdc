namespace Ledgerfold.Storage;

/// <summary>
/// Whether the ledger takes writes, and if not, why; and what an operator should know. Written by whoever meets the trouble, read by any
/// thread. A final reason stays; a passing one (a full disk) is cleared when it has passed.
/// </summary>
public sealed class LedgerHealth
{
    private readonly Lock _lock = new();
    private readonly List<string> _warnings = [];
    private LedgerTrouble? _trouble;

    /// <summary>Why the ledger takes no writes now; null while it does.</summary>
    public LedgerTrouble? Trouble => Volatile.Read(ref _trouble);

    /// <summary>What happened that someone should look at; the newest hundred.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_lock)
                return [.. _warnings];
        }
    }

    /// <summary>Whether there is neither trouble nor warning.</summary>
    public bool IsGreen => Trouble is null && Warnings.Count == 0;

    internal void Warn(string warning)
    {
        lock (_lock)
        {
            if (_warnings.Count == 100)
                _warnings.RemoveAt(0);
            _warnings.Add(warning);
        }
    }

    internal void Stop(string code, string reason)
    {
        lock (_lock)
        {
            if (_trouble is null or { Passing: true })
                Volatile.Write(ref _trouble, new LedgerTrouble(code, reason, Passing: false));
        }
    }

    internal void Pause(string code, string reason)
    {
        lock (_lock)
        {
            if (_trouble is null)
                Volatile.Write(ref _trouble, new LedgerTrouble(code, reason, Passing: true));
        }
    }

    internal void Resume()
    {
        lock (_lock)
        {
            if (_trouble is { Passing: true })
                Volatile.Write(ref _trouble, null);
        }
    }
}

/// <summary>Why a ledger takes no writes.</summary>
/// <param name="Code">The stable reason, kebab-case.</param>
/// <param name="Reason">The same for people.</param>
/// <param name="Passing">Whether it ends by itself when its cause does.</param>
public sealed record LedgerTrouble(string Code, string Reason, bool Passing);
