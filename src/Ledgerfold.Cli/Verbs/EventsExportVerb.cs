using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events export</c>: events as CloudEvents, one a line and sealed, into a file or to standard output.</summary>
internal static class EventsExportVerb
{
    private const string Example = "ledgerfold events export --data ./shop --category order --to orders.ndjson";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var selection = new EventSelection();
        var to = new Option<string?>("--to")
        {
            Description = "The file to write, which must not exist; standard output without it.",
            HelpName = "FILE",
        };
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("export", "Writes events as CloudEvents, one a line, for another ledger or another program.", Example) { data };
        foreach (var option in selection.OfEvents.AddRange(selection.OfTenants).Add(to).Add(json))
            verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(to) is null)
                result.AddError("--json: only with --to, because the events go to standard output");
        });
        verb.SetAction(async (parsed, cancel) =>
        {
            var read = selection.Read(parsed);
            EventSelection.Check(read);
            await using var ledger = EmbeddedLedger.OpenReadOnly(LedgerDirectory.At(parsed.GetValue(data)!));
            var request = new ExportRequest
            {
                Ledger = ledger.StoreId.ToString(),
                Tenant = selection.AcrossTenants(parsed) ? null : read.Tenant,
                Query = read.Query,
                After = read.After,
                Before = read.Before,
            };
            if (parsed.GetValue(to) is not { } file)
            {
                await using var stream = new StandardOutputStream();
                await new Exporter(ledger).Export(request, stream, cancel);
                return ExitCode.Ok;
            }

            Tell(await ToFile(ledger, request, file, cancel), file, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<ExportReport> ToFile(EmbeddedLedger ledger, ExportRequest request, string file, CancellationToken cancel)
    {
        if (File.Exists(file) || Directory.Exists(file))
            throw new VerbFailedException(ExitCode.Conflict, $"{file} exists");
        await using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        try
        {
            return await StandardError.WithProgress("export", tell =>
                new Exporter(ledger).Export(
                    request with { Progress = done => tell(done.Position - request.After, done.Through - request.After) }, output, cancel));
        }
        catch
        {
            File.Delete(file); // half of it would be refused anyway
            throw;
        }
    }

    private static void Tell(ExportReport report, string file, bool asJson)
    {
        var output = new StandardOutput();
        if (asJson)
            JsonLines.WriteOne(output, report, TransferJson.Write);
        else
            output.Line($"exported: {report.Events} events up to position {report.Through} to {SafeText.OneLine(file)}");
        output.Flush();
    }
}
