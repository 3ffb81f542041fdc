using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Load.Recounting;

/// <summary><c>ledgerfold load recount</c>: counts again, from exported events alone, what must never have happened.</summary>
internal static class RecountVerb
{
    public const string Name = "recount";

    private const string Example = "ledgerfold load recount --events shop.ndjson --hot v-1:hot";

    public static Command Create()
    {
        var events = new Option<string>("--events")
        {
            Description = "The file of events, one a line in the order of the ledger: of events export, or of events list --json.",
            HelpName = "FILE",
            Required = true,
        };
        var provider = new Option<string?>("--provider")
        {
            Description = "The journal of the simulated payment provider.",
            HelpName = "FILE",
        };
        var answers = new Option<string?>("--answers")
        {
            Description = "What callers were told: {\"orderId\",\"status\"}, one a line.",
            HelpName = "FILE",
        };
        var hot = new Option<string?>("--hot")
        {
            Description = "An article of which every unit is accounted for.",
            HelpName = "VENDOR:SKU",
        };
        var once = new Option<bool>("--once-per-card") { Description = "Each card is for one purchase: a second one was paid twice." };
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb(Name, "Counts oversold units, double payments and orphaned holds from exported events.", Example)
        {
            events, provider, answers, hot, once, json,
        };
        verb.SetAction(parsed =>
        {
            var findings = new Findings(
                Recount.Read(parsed.GetValue(events)!),
                AnswersOf(parsed.GetValue(answers)),
                parsed.GetValue(provider) is { } journal ? ProviderCount.Read(journal) : null,
                parsed.GetValue(once));
            var report = findings.Report(parsed.GetValue(hot));
            Tell(report, parsed.GetValue(json));
            return report.IsClean ? ExitCode.Ok : ExitCode.CheckFailed;
        });
        return verb;
    }

    private static Dictionary<string, string> AnswersOf(string? file)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in file is null ? [] : File.ReadLines(file))
        {
            using var answer = JsonDocument.Parse(line);
            told[answer.RootElement.GetProperty("orderId").GetString()!] = answer.RootElement.GetProperty("status").GetString()!;
        }

        return told;
    }

    private static void Tell(RecountReport report, bool asJson)
    {
        var output = new StandardOutput();
        if (asJson)
        {
            output.Line(JsonSerializer.Serialize(report, BenchReport.Json));
            output.Flush();
            return;
        }

        var facts = new FactList()
            .Add("oversold", report.Oversold).Add("paid twice", report.PaidTwice).Add("orphaned holds", report.OrphanedHolds)
            .Add("confirmed unpaid", report.ConfirmedUnpaid).Add("lost", report.Lost).Add("uneven articles", report.UnevenArticles)
            .Add("wrong parts", report.WrongParts).Add("wrong ends", report.WrongEnds)
            .Add("orders", $"{report.Created}: {report.Confirmed} confirmed, {report.Rejected} rejected, {report.OnHold} on hold, "
                + $"{report.Cancelled} cancelled, {report.Open} open");
        if (report.Hot is { } hot)
            facts.Add(hot.Article, $"{hot.Confirmed} of {hot.Units} units confirmed, {hot.Unexplained} unexplained");
        foreach (var finding in report.Findings)
            facts.Add("finding", finding);
        facts.Write(output);
    }
}
