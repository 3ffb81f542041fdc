using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Exporting;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events verify</c>: whether a file is sound, and everything in it stands in the ledger.</summary>
internal static class EventsVerifyVerb
{
    private const string Example = "ledgerfold events verify --data ./copy --from orders.ndjson";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var from = EventsImportVerb.FromOption();
        var tenant = EventsImportVerb.IntoTenantOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb(
            "verify", "Compares a file of exported events with the ledger; changes nothing. Exit code 6 where they differ.", Example)
        {
            data, from, tenant, json,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var options = EventsImportVerb.Checked(new ImportOptions { Tenant = parsed.GetValue(tenant) });
            await using var input = EventsImportVerb.Open(parsed.GetValue(from));
            await using var ledger = EmbeddedLedger.OpenReadOnly(LedgerDirectory.At(parsed.GetValue(data)!));
            var compared = await new Importer(ledger).Verify(input, options, cancel);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, compared, TransferJson.Write);
            else
                Show(compared, output);
            output.Flush();
            return compared.IsSame ? ExitCode.Ok : compared.Fault is { IsDamage: false } ? ExitCode.Failed : ExitCode.CheckFailed;
        });
        return verb;
    }

    public static void Show(FileComparison compared, StandardOutput output)
    {
        output.Line(
            $"{(compared.IsSame ? "verified" : "different")}: of {compared.Events} events {compared.Same} are the same,"
            + $" {compared.Missing} are missing, {compared.Different} are different, {compared.Erased} are erased in the file");
        foreach (var one in compared.Differences)
            output.Line($"line {one.Line}: {one.Id}: {one.What}");
        if (compared.Fault is { } fault)
            StandardError.Say($"refused: {fault}");
    }
}
