using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Exporting;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events import</c>: takes a file of CloudEvents in, and looks afterwards whether all of it is there.</summary>
internal static class EventsImportVerb
{
    private const string Example = "ledgerfold events import --data ./copy --from orders.ndjson";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var from = FromOption();
        var name = new Option<string?>("--name")
        {
            Description = "Names the import, for the cursor that tells where to go on; the hash of the first line without it.",
            HelpName = "NAME",
        };
        var tenant = IntoTenantOption();
        var intoExisting = new Option<bool>("--into-existing") { Description = "Also appends to streams that have other events already." };
        var platform = new Option<bool>("--platform") { Description = "Also takes events of the platform's $… streams." };
        var timeAsEffective = new Option<bool>("--time-as-effective")
        {
            Description = "Gives events without an effective time the one at which they were recorded.",
        };
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("import", "Takes in events that were exported, or any CloudEvents, one a line.", Example)
        {
            data, from, name, tenant, intoExisting, platform, timeAsEffective, json,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var options = Checked(new ImportOptions
            {
                Name = parsed.GetValue(name),
                Tenant = parsed.GetValue(tenant),
                IntoExisting = parsed.GetValue(intoExisting),
                Platform = parsed.GetValue(platform),
                TimeAsEffective = parsed.GetValue(timeAsEffective),
            });
            await using var input = Open(parsed.GetValue(from));
            await using var ledger = EventsAppendVerb.Open(parsed.GetValue(data)!);
            var importer = new Importer(ledger);
            var outcome = await StandardError.WithProgress("import", tell => importer.Import(
                input, options with { Progress = _ => Tell(tell, input) }, cancel));
            FileComparison? compared = null;
            if (outcome is ImportOutcome.Imported && input.CanSeek)
            {
                input.Position = 0;
                compared = await StandardError.WithProgress("verify", _ => importer.Verify(input, options, cancel));
            }

            return Answer(outcome, compared, parsed.GetValue(json));
        });
        return verb;
    }

    public static Option<string?> FromOption() =>
        new("--from") { Description = "The file to read; standard input without it.", HelpName = "FILE" };

    public static Option<string?> IntoTenantOption() =>
        new("--tenant") { Description = "Whose events they become; without it the tenant's that a line names.", HelpName = "TENANT" };

    public static Stream Open(string? file) => file is null
        ? Console.OpenStandardInput()
        : File.Exists(file)
            ? new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 256 * 1024, FileOptions.SequentialScan)
            : throw new VerbFailedException(ExitCode.NotFound, $"there is no file {file}");

    public static ImportOptions Checked(ImportOptions options)
    {
        if (options.Tenant is { } tenant && !Limits.IsName(tenant))
            throw new VerbFailedException(ExitCode.Usage, "--tenant: 1 to 512 bytes of UTF-8 without control characters");
        if (options.Name is { } name && !Limits.IsName($"import:{name}"))
            throw new VerbFailedException(ExitCode.Usage, "--name: at most 505 bytes of UTF-8 without control characters");
        return options;
    }

    private static void Tell(Action<long, long> tell, Stream input)
    {
        if (input.CanSeek)
            tell(input.Position, input.Length);
    }

    private static int Answer(ImportOutcome outcome, FileComparison? compared, bool asJson)
    {
        var output = new StandardOutput();
        if (asJson)
            JsonLines.WriteOne(output, (outcome, compared), TransferJson.Write);
        else
            Show(outcome, compared, output);
        output.Flush();
        return outcome switch
        {
            ImportOutcome.Refused { Fault.IsDamage: true } => ExitCode.CheckFailed,
            ImportOutcome.Conflict => ExitCode.Conflict,
            ImportOutcome.Imported when compared is null or { IsSame: true } => ExitCode.Ok,
            ImportOutcome.Imported => ExitCode.CheckFailed,
            _ => ExitCode.Failed,
        };
    }

    private static void Show(ImportOutcome outcome, FileComparison? compared, StandardOutput output)
    {
        var counts = outcome.Counts;
        output.Line(
            $"imported: {counts.Appended} events; {counts.Found} stood there already, {counts.PassedOver} were done by an earlier run,"
            + $" {counts.Erased} are erased and left out");
        if (outcome is ImportOutcome.Refused refused)
            StandardError.Say($"refused: {refused.Fault}");
        else if (outcome is ImportOutcome.Conflict conflict)
            StandardError.Say($"{conflict.Code}: line {conflict.Line}: {conflict.Reason}");
        else if (outcome is ImportOutcome.Stopped stopped)
            StandardError.Say($"{stopped.Code}: {stopped.Reason}; the same call goes on from here");
        if (compared is not null)
            EventsVerifyVerb.Show(compared, output);
    }
}
