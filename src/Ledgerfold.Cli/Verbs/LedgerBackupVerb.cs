using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold ledger backup</c>: copies the ledger as it is now, also while a writer is at work.</summary>
internal static class LedgerBackupVerb
{
    private const string Example = "ledgerfold ledger backup --data ./shop --to ./shop-backup";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var to = LedgerDirectory.Directory("--to", "Where the copy goes; the directory must be empty or not exist.");
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("backup", "Copies the ledger, also while it is written; the copy opens as a ledger.", Example)
        {
            data, to, json,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var options = LedgerDirectory.At(parsed.GetValue(data)!);
            var target = new LinuxDisk(parsed.GetValue(to)!);
            var report = await StandardError.WithProgress("backup", tell => LedgerMaintenance.Backup(options, target, tell), cancel);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, report, ReportJson.Write);
            else
                output.Line($"copied: {report.Bytes} bytes, head {report.Head}, to {SafeText.OneLine(target.Location)}");
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }
}
