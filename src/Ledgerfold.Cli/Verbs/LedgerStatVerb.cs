using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold ledger stat</c>: what the ledger holds, in numbers.</summary>
internal static class LedgerStatVerb
{
    private const string Example = "ledgerfold ledger stat --data ./shop --json";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("stat", "Shows head, streams, segments, bytes by kind, epoch and format.", Example) { data, json };
        verb.SetAction(parsed =>
        {
            var stat = LedgerMaintenance.Stat(LedgerDirectory.At(parsed.GetValue(data)!));
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, stat, ReportJson.Write);
            else
                Show(stat).Write(output);
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }

    private static FactList Show(LedgerStat stat) => new FactList()
        .Add("head", stat.Head)
        .Add("first", stat.First)
        .Add("streams", stat.Streams)
        .Add("cursors", stat.Cursors)
        .Add("segments", stat.Segments)
        .Add("index files", stat.IndexRuns)
        .Add("log bytes", stat.LogBytes)
        .Add("reserved bytes", stat.ReservedBytes)
        .Add("index bytes", stat.IndexBytes)
        .Add("epoch", stat.Epoch)
        .Add("format", stat.Format)
        .Add("created at", Times.ToText(stat.CreatedAt))
        .Add("store", stat.StoreId)
        .Add("trouble", stat.Trouble is { } trouble ? $"{trouble.Code}: {trouble.Reason}" : null);
}
