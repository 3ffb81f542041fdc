using System.Collections.Immutable;
using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events list</c>: reads events, also beside a writer, and stays with <c>--follow</c>.</summary>
internal static class EventsListVerb
{
    public const string Example = "ledgerfold events list --data ./shop --category order --tag vendor:V2 --follow";

    public static Command Create()
    {
        var options = new Options();
        var verb = new Verb("list", "Lists events in the order of the ledger.", Example);
        foreach (var option in options.All)
            verb.Options.Add(option);
        verb.SetAction((parsed, cancel) => Run(parsed, options, cancel));
        return verb;
    }

    private static async Task<int> Run(ParseResult parsed, Options options, CancellationToken cancel)
    {
        var request = RequestOf(parsed, options);
        EventSelection.Check(request);
        var acrossTenants = options.Selection.AcrossTenants(parsed);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var ledger = EmbeddedLedger.OpenReadOnly(LedgerDirectory.At(parsed.GetValue(options.Data)!));
        if (request.Follow)
            StandardOutput.WhenClosed(gone.Cancel);
        var pages = acrossTenants ? ledger.ReadAcrossTenants(request, gone.Token) : ledger.Read(request, gone.Token);
        var output = new StandardOutput();
        try
        {
            await (parsed.GetValue(options.Json) ? WriteLines(pages, output) : WriteTable(pages, output, acrossTenants));
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ExitCode.Ok; // the reader of our output had enough
        }
        finally
        {
            output.Flush(); // also what was read before a damaged place
        }
    }

    private static async Task WriteLines(IAsyncEnumerable<EventPage> pages, StandardOutput output)
    {
        using var lines = new JsonLines(output);
        await foreach (var page in pages)
        {
            foreach (var recorded in page.Events)
                lines.Write(recorded, RecordedEventJson.Write);
            lines.Flush();
        }
    }

    private static async Task WriteTable(IAsyncEnumerable<EventPage> pages, StandardOutput output, bool withTenant)
    {
        var table = new EventTable(output, StandardOutput.Columns, withTenant);
        var isEmpty = true;
        await foreach (var page in pages)
        {
            foreach (var recorded in page.Events)
                table.Add(recorded);
            if (page.Events.Length > 0)
                table.Flush();
            isEmpty &= page.Events.Length == 0;
        }

        if (isEmpty)
            StandardError.Say("No event matches.");
    }

    private static ReadRequest RequestOf(ParseResult parsed, Options options) => options.Selection.Read(parsed) with
    {
        Limit = parsed.GetValue(options.Limit),
        Backward = parsed.GetValue(options.Backward),
        Follow = parsed.GetValue(options.Follow),
    };

    private sealed class Options
    {
        public Option<string> Data { get; } = LedgerDirectory.DataOption();

        public EventSelection Selection { get; } = new();

        public Option<long?> Limit { get; } = new("--limit") { Description = "At most so many events.", HelpName = "N" };

        public Option<bool> Backward { get; } = new("--backward") { Description = "Newest first." };

        public Option<bool> Follow { get; } =
            new("--follow") { Description = "Goes on with what is appended from now on, until interrupted." };

        public Option<bool> Json { get; } = LedgerDirectory.JsonOption("NDJSON with all fields: one event a line.");

        public ImmutableArray<Option> All => [Data, .. Selection.OfEvents, Limit, Backward, Follow, .. Selection.OfTenants, Json];
    }
}
