namespace Ledgerfold.Storage.Segments;

/// <summary>A range of positions that cannot be read.</summary>
internal sealed record DamagedRange(string File, long Offset, long From, long Through, string Reason)
{
    /// <summary>What a read answers that comes to it.</summary>
    public LedgerDamagedException ToException(long position) =>
        new($"The events up to position {Through} cannot be read: {Reason}", File, Offset, position);

    public override string ToString() => $"positions {From} to {Through} cannot be read ({File}, offset {Offset}: {Reason})";
}
