using System.CommandLine;
using Ledgerfold.Cli.Appending;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events append</c>: each line of standard input is one append, answered by one line once it is durable.</summary>
internal static class EventsAppendVerb
{
    private const int InFlightMax = 10_000;

    private const string Example =
        """
        echo '{"type":"OrderCreated","data":{"total":"12.30"},"tags":["vendor:V2"]}' |
          ledgerfold events append --data ./shop --stream order-42 --expect none
        """;

    public static Command Create()
    {
        var where = new Whereabouts();
        var stream = new Option<string?>("--stream")
        {
            Description = "The stream of lines that are an event or an array of events; a full request names its own.",
            HelpName = "STREAM",
        };
        var expect = new Option<string>("--expect")
        {
            Description = "What that stream is expected to be at: any, none (no event yet), or a version.",
            HelpName = "any|none|N",
            DefaultValueFactory = _ => "any",
        };
        expect.Validators.Add(result =>
        {
            if (!ExpectationText.TryParse(result.GetValueOrDefault<string>() ?? "", out _))
                result.AddError("--expect: any, none, or a version");
        });
        var pipeline = new Option<int>("--pipeline")
        {
            Description = "How many requests may be in flight at once.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        pipeline.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is < 1 or > InFlightMax)
                result.AddError($"--pipeline: from 1 to {InFlightMax}");
        });
        var tenant = LedgerDirectory.TenantOption();
        var verb = new Verb("append", "Appends the NDJSON on standard input, a line at a time.", Example)
        {
            stream, expect, pipeline, tenant,
        };
        where.AddTo(verb);
        verb.SetAction(async (parsed, cancel) =>
        {
            _ = ExpectationText.TryParse(parsed.GetValue(expect)!, out var expected);
            var (whose, name) = (parsed.GetValue(tenant)!, parsed.GetValue(stream));
            using var server = where.Server(parsed, whose);
            if (server is not null)
                return await Run(new ServerAppends(server, name, expected), parsed.GetValue(pipeline), cancel);
            await using var ledger = Open(where.DirectoryName(parsed));
            return await Run(new LedgerAppends(ledger, ReaderOf(whose, name, expected)), parsed.GetValue(pipeline), cancel);
        });
        return verb;
    }

    private static async Task<int> Run(ILineAppends appends, int inFlightMax, CancellationToken cancel)
    {
        await using var input = Console.OpenStandardInput();
        var lines = new LineReader(input, AppendPipeline.LineBytesMax);
        using var pipeline = new AppendPipeline(appends, new StandardOutput(), inFlightMax);
        return await pipeline.Run(lines, cancel);
    }

    /// <summary>Reads lines; how deep their data is nested is nobody's business but its author's.</summary>
    public static AppendRequestReader ReaderOf(string tenant, string? stream, Expectation expect) =>
        new(tenant, stream, expect, static () => Guid.CreateVersion7(TimeProvider.System.GetUtcNow()))
        {
            InputName = "line",
            StreamRule = "named by --stream, or by a full request in the line",
            DepthMax = int.MaxValue,
        };

    public static EmbeddedLedger Open(string directory)
    {
        var ledger = EmbeddedLedger.Open(LedgerDirectory.At(directory));
        if (ledger.Recovery.DroppedBytes > 0)
        {
            StandardError.Say(
                $"recovered: {ledger.Recovery.DroppedBytes} bytes of a torn append, of which nobody was told, were left behind");
        }

        foreach (var warning in ledger.Health.Warnings)
            StandardError.Say($"warning: {warning}");
        if (ledger.Health.Trouble is not { Passing: false } trouble)
            return ledger;
        throw new VerbFailedException(ExitCode.Failed, $"{trouble.Code}: {trouble.Reason}");
    }
}
