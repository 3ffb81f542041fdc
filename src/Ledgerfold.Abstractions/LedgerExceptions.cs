namespace Ledgerfold;

/// <summary>A read began below the first readable position.</summary>
public sealed class LedgerTruncatedException(long first)
    : Exception($"The ledger begins at position {first}; what stood before was removed.")
{
    /// <summary>The earliest readable position.</summary>
    public long First { get; } = first;
}

/// <summary>Stored bytes are not what was written; nothing is served in their place.</summary>
public sealed class LedgerDamagedException(string message, string file, long offset, long position)
    : Exception($"{message} ({file}, offset {offset}, position {position})")
{
    /// <summary>The file that is damaged.</summary>
    public string File { get; } = file;

    /// <summary>Where in the file.</summary>
    public long Offset { get; } = offset;

    /// <summary>The first position that cannot be trusted.</summary>
    public long Position { get; } = position;
}

/// <summary>
/// The directory cannot be opened as a ledger: missing, taken, foreign, of a newer format, or in a state an operator must judge.
/// </summary>
public sealed class LedgerUnavailableException(string code, string message) : Exception(message)
{
    /// <summary>The stable reason, kebab-case.</summary>
    public string Code { get; } = code;
}
