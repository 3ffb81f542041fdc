using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold ledger rebuild-index</c>: throws the index away and builds it again from the log.</summary>
internal static class LedgerRebuildIndexVerb
{
    private const string Example = "ledgerfold ledger rebuild-index --data ./shop";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("rebuild-index", "Builds the index again from the log.", Example) { data, json };
        verb.SetAction(async (parsed, cancel) =>
        {
            var options = LedgerDirectory.At(parsed.GetValue(data)!);
            var segments = await StandardError.WithProgress("rebuild", tell => LedgerMaintenance.RebuildIndex(options, tell), cancel);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, segments, static (json, count) => json.WriteNumber("indexedSegments", count));
            else
                output.Line($"rebuilt: {segments} sealed segments are indexed; the active one is indexed in memory");
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }
}
