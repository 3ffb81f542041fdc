using System.Collections.Immutable;
using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Online;
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
        options.Where.AddTo(verb);
        foreach (var option in options.All)
            verb.Options.Add(option);
        verb.SetAction((parsed, cancel) => Run(parsed, options, cancel));
        return verb;
    }

    private static async Task<int> Run(ParseResult parsed, Options options, CancellationToken cancel)
    {
        var request = RequestOf(parsed, options);
        EventSelection.Check(request);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (request.Follow)
            StandardOutput.WhenClosed(gone.Cancel);
        var output = new StandardOutput();
        try
        {
            await Write(parsed, options, request, output, gone.Token);
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

    private static async Task Write(
        ParseResult parsed, Options options, ReadRequest request, StandardOutput output, CancellationToken cancel)
    {
        var (acrossTenants, asJson) = (options.Selection.AcrossTenants(parsed), parsed.GetValue(options.Json));
        using var server = options.Where.Server(parsed, request.Tenant);
        if (server is not null)
        {
            if (acrossTenants)
                throw new VerbFailedException(ExitCode.Usage, "--all-tenants: only with --data; a server answers for one tenant at a time");
            await OnlineEvents.Write(server, options.Selection.Path(parsed), request, output, asJson, cancel);
            return;
        }

        await using var ledger = EmbeddedLedger.OpenReadOnly(options.Where.Directory(parsed));
        var pages = acrossTenants ? ledger.ReadAcrossTenants(request, cancel) : ledger.Read(request, cancel);
        await (asJson ? WriteLines(pages, output) : WriteTable(pages, output, acrossTenants));
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
        public Whereabouts Where { get; } = new();

        public EventSelection Selection { get; } = new();

        public Option<long?> Limit { get; } = new("--limit") { Description = "At most so many events.", HelpName = "N" };

        public Option<bool> Backward { get; } = new("--backward") { Description = "Newest first." };

        public Option<bool> Follow { get; } =
            new("--follow") { Description = "Goes on with what is appended from now on, until interrupted." };

        public Option<bool> Json { get; } = LedgerDirectory.JsonOption("NDJSON with all fields: one event a line.");

        public ImmutableArray<Option> All => [.. Selection.OfEvents, Limit, Backward, Follow, .. Selection.OfTenants, Json];
    }
}
