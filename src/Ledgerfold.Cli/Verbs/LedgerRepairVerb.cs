using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold ledger repair</c>: an operator accepts that the bytes at a suspect end are lost.</summary>
internal static class LedgerRepairVerb
{
    private const string Example = """ledgerfold ledger repair --data ./shop --accept-tail-loss --reason "disk 3 replaced, ticket 4711" """;

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var accept = new Option<bool>("--accept-tail-loss")
        {
            Description = "Yes, the suspect bytes at the end may be lost; they are kept aside.",
            Required = true,
        };
        var reason = new Option<string>("--reason") { Description = "Why; recorded beside the bytes.", HelpName = "TEXT", Required = true };
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("repair", "Seals the log before a suspect end, and does nothing to any other damage.", Example.TrimEnd())
        {
            data, accept, reason, json,
        };
        verb.Validators.Add(result =>
        {
            if (!result.GetValue(accept))
                result.AddError("--accept-tail-loss: without it nothing is repaired");
            if (result.GetResult(reason) is { Implicit: false } && string.IsNullOrWhiteSpace(result.GetValue(reason)))
                result.AddError("--reason: a text that says why");
        });
        verb.SetAction(parsed =>
        {
            var options = LedgerDirectory.At(parsed.GetValue(data)!);
            var report = LedgerMaintenance.Repair(options, parsed.GetValue(reason)!);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, report, ReportJson.Write);
            else if (report.Repaired)
                output.Line($"repaired: head {report.Head}; {report.QuarantinedBytes} bytes were set aside in {report.QuarantineFile}");
            else
                output.Line($"nothing to repair: head {report.Head}");
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }
}
