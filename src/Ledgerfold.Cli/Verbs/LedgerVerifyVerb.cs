using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary>
/// <c>ledgerfold ledger verify</c>: reads everything and says whether it is sound; where not, what is wrong and what is readable.
/// </summary>
internal static class LedgerVerifyVerb
{
    private const string Example = "ledgerfold ledger verify --data ./shop";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("verify", "Reads and checks everything; changes nothing. Exit code 6 where something is damaged.", Example)
        {
            data, json,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var options = LedgerDirectory.At(parsed.GetValue(data)!);
            var report = await StandardError.WithProgress("verify", tell => LedgerMaintenance.Verify(options, tell), cancel);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, report, ReportJson.Write);
            else
                Show(report, output);
            output.Flush();
            return report.IsSound ? ExitCode.Ok : ExitCode.CheckFailed;
        });
        return verb;
    }

    private static void Show(VerifyReport report, StandardOutput output)
    {
        output.Line(
            $"{(report.IsSound ? "sound" : $"damaged: {Count(report.Problems.Count, "problem")}")}; read {Count(report.Events, "event")}"
            + $" of {Count(report.Streams, "stream")} in {Count(report.Segments, "segment")}, head {report.Head}");
        if (!report.IsSound)
            ShowProblems(report, output);
        if (report.TornBytes > 0)
            output.Line($"{report.TornBytes} bytes at the end are of a torn append, of which nobody was told; a writer leaves them behind");
        foreach (var stray in report.Strays)
            output.Line($"no part of the ledger: {SafeText.OneLine(stray)}");
    }

    private static void ShowProblems(VerifyReport report, StandardOutput output)
    {
        var table = new TextTable(
            output, int.MaxValue, new("FILE"), new("OFFSET", IsNumber: true), new("POSITION", IsNumber: true), new("PROBLEM"));
        foreach (var problem in report.Problems)
        {
            table.Add(
                problem.File, problem.Offset.ToString(), problem.Position == 0 ? "-" : problem.Position.ToString(), problem.Problem);
        }

        table.Flush();
        output.Line(report.Readable.Count == 0
            ? "no position can be read"
            : $"readable positions: {string.Join(", ", report.Readable.Select(range => $"{range.From}-{range.Through}"))}");
    }

    private static string Count(long count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
