namespace Ledgerfold.Model.Exporting;

/// <summary>
/// Takes files of CloudEvents, an event a line, into a ledger: those that <see cref="Exporter"/> wrote, and plain ones. Events keep their
/// identity, so that a repeat is harmless; a cursor in the ledger tells where to go on.
/// </summary>
public sealed class Importer(ILedger ledger)
{
    /// <summary>
    /// Imports a file in its order. Where the input can be read twice, all of it is checked before anything is appended; else a line is
    /// checked before anything of its append is, and what the last line of an export tells is told at the end.
    /// </summary>
    public async Task<ImportOutcome> Import(Stream input, ImportOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options ??= new ImportOptions();
        Check(options);
        try
        {
            if (input.CanSeek)
            {
                var beginning = input.Position;
                await ReadThrough(input, options, cancel);
                input.Position = beginning;
            }
        }
        catch (BadFileException bad)
        {
            return new ImportOutcome.Refused(default, bad.Fault);
        }

        using var file = new ExportFile(input, options);
        var run = new ImportRun(ledger, file, options);
        try
        {
            await run.Run(cancel);
            return new ImportOutcome.Imported(run.Counts);
        }
        catch (BadFileException bad)
        {
            return new ImportOutcome.Refused(run.Counts, bad.Fault);
        }
        catch (ImportEndedException ended)
        {
            return ended.Outcome(run.Counts);
        }
    }

    /// <summary>
    /// Compares a file with the ledger, event by event: everything but position, version and recorded time, and where an event came from.
    /// </summary>
    public async Task<FileComparison> Verify(Stream input, ImportOptions? options = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = (options ?? new ImportOptions()) with { Platform = true }; // reading changes nothing
        Check(options);
        var compared = new FileComparison();
        using var file = new ExportFile(input, options);
        try
        {
            while (await file.Next(cancel) is { } line)
                compared = With(compared, line, line.Item is { } item ? await ledger.ReadById(line.Tenant, item.Id, cancel) : null);
            return compared;
        }
        catch (BadFileException bad)
        {
            return compared with { Fault = bad.Fault };
        }
    }

    private static FileComparison With(FileComparison compared, ImportedEvent line, RecordedEvent? standing)
    {
        compared = compared with { Events = compared.Events + 1 };
        if (line.Item is not { } item)
            return compared with { Erased = compared.Erased + 1 };
        var what = standing is null ? "missing" : standing.Erased ? "erased" : line.DifferenceTo(standing, withCauses: true);
        if (what is null)
            return compared with { Same = compared.Same + 1 };
        if (compared.Differences.Length < FileComparison.DifferencesMax)
            compared = compared with { Differences = compared.Differences.Add(new EventDifference(line.Line, item.Id, what)) };
        return standing is null ? compared with { Missing = compared.Missing + 1 } : compared with { Different = compared.Different + 1 };
    }

    private static async Task ReadThrough(Stream input, ImportOptions options, CancellationToken cancel)
    {
        using var file = new ExportFile(input, options);
        while (await file.Next(cancel) is not null)
        {
        }
    }

    private static void Check(ImportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AppendEventsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.AppendEventsMax, Limits.AppendEventsMax);
        if (options.Tenant is { } tenant && !Limits.IsName(tenant))
            throw new ArgumentException("tenant: 1 to 512 bytes of UTF-8 without control characters", nameof(options));
        if (options.Name is { } name && !Limits.IsName($"import:{name}"))
            throw new ArgumentException("name: 1 to 505 bytes of UTF-8 without control characters", nameof(options));
    }
}
