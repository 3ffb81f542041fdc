namespace Ledgerfold.Model.Exporting;

/// <summary>What is exported: the events of a range that match a query, of one tenant or of all.</summary>
public sealed record ExportRequest
{
    /// <summary>How the ledger is named in what is written, best by an id that no other has; null where it has no name.</summary>
    public string? Ledger { get; init; }

    /// <summary>Whose events; null for those of every tenant.</summary>
    public string? Tenant { get; init; } = Tenants.Default;

    /// <summary>Which events; the platform's <c>$…</c> streams only where they are named.</summary>
    public EventQuery Query { get; init; } = EventQuery.All;

    /// <summary>Only positions above this one.</summary>
    public long After { get; init; }

    /// <summary>Only positions below this one; what is appended after the export began is no part of it in any case.</summary>
    public long Before { get; init; } = long.MaxValue;

    /// <summary>Is told now and then how many events were written, and the position that was reached.</summary>
    public Action<ExportProgress>? Progress { get; init; }
}

/// <summary>How far an export is.</summary>
/// <param name="Events">How many events were written.</param>
/// <param name="Position">Up to which position the ledger was looked at.</param>
/// <param name="Through">The last position that belongs to the export.</param>
public readonly record struct ExportProgress(long Events, long Position, long Through);

/// <summary>What was exported.</summary>
/// <param name="After">Positions above this one.</param>
/// <param name="Through">Positions up to this one.</param>
/// <param name="Events">How many events were written.</param>
/// <param name="Erased">How many of them are erased: they stand there without their data.</param>
/// <param name="Bytes">How long the file is.</param>
/// <param name="Sha256">The hash of all lines before the last one, as that one says.</param>
public sealed record ExportReport(long After, long Through, long Events, long Erased, long Bytes, string Sha256);
