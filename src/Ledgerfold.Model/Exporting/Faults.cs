namespace Ledgerfold.Model.Exporting;

/// <summary>The file cannot be read further.</summary>
internal sealed class BadFileException(FileFault fault) : Exception(fault.ToString())
{
    public FileFault Fault { get; } = fault;

    public static BadFileException Refused(long line, string field, string rule) => new(new FileFault(line, field, rule, IsDamage: false));

    public static BadFileException Damaged(long line, string what) => new(new FileFault(line, "", what, IsDamage: true));
}

/// <summary>The import cannot go on, for a reason that its outcome tells.</summary>
internal sealed class ImportEndedException(Func<ImportCounts, ImportOutcome> outcome) : Exception
{
    public Func<ImportCounts, ImportOutcome> Outcome { get; } = outcome;

    public static ImportEndedException Conflict(long line, string code, string reason) =>
        new(counts => new ImportOutcome.Conflict(counts, line, code, reason));

    public static ImportEndedException Stopped(string code, string reason) =>
        new(counts => new ImportOutcome.Stopped(counts, code, reason));
}
