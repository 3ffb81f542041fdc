namespace Ledgerfold.Storage;

/// <summary>What opening a ledger met at the end of its log.</summary>
public sealed record RecoveryReport
{
    /// <summary>Whether the writer before ended in good order.</summary>
    public bool WasClosed { get; init; }

    /// <summary>Bytes of a torn batch, of which nobody was told, that were left behind.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>Events of the last batch that were written again because nobody vouched for it.</summary>
    public int RewrittenEvents { get; init; }
}
