using System.Collections.Immutable;
using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
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
        if (Limits.Check(request) is { } refused)
            throw new VerbFailedException(ExitCode.Usage, $"{OptionOf(refused.Field)}: {refused.Rule}");
        var acrossTenants = parsed.GetValue(options.AllTenants);
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
                lines.Write(recorded, EventJson.Write);
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

    private static ReadRequest RequestOf(ParseResult parsed, Options options)
    {
        var item = new QueryItem
        {
            Types = [.. parsed.GetValue(options.Type) ?? []],
            Tags = [.. parsed.GetValue(options.Tag) ?? []],
            Stream = parsed.GetValue(options.Stream),
            Category = parsed.GetValue(options.Category),
        };
        return new ReadRequest
        {
            Tenant = parsed.GetValue(options.Tenant)!,
            Query = EventQuery.Of(item),
            After = parsed.GetValue(options.After),
            Before = parsed.GetValue(options.Before) ?? long.MaxValue,
            Limit = parsed.GetValue(options.Limit),
            Backward = parsed.GetValue(options.Backward),
            Follow = parsed.GetValue(options.Follow),
        };
    }

    private static string OptionOf(string field) => field[(field.LastIndexOf('.') + 1)..] switch
    {
        "types" => "--type",
        "tags" => "--tag",
        "items[0]" => "--type, --tag",
        var name => $"--{name}",
    };

    private sealed class Options
    {
        public Option<string> Data { get; } = LedgerDirectory.DataOption();

        public Option<string?> Stream { get; } = new("--stream") { Description = "Only events of this stream.", HelpName = "STREAM" };

        public Option<string?> Category { get; } =
            new("--category") { Description = "Only events of streams of this category.", HelpName = "CATEGORY" };

        public Option<string[]> Type { get; } =
            new("--type") { Description = "Only events of this type; repeated: of any of them.", HelpName = "TYPE" };

        public Option<string[]> Tag { get; } =
            new("--tag") { Description = "Only events with this tag; repeated: with all of them.", HelpName = "NAME:VALUE" };

        public Option<long> After { get; } = new("--after") { Description = "Only positions above this one.", HelpName = "POSITION" };

        public Option<long?> Before { get; } = new("--before") { Description = "Only positions below this one.", HelpName = "POSITION" };

        public Option<long?> Limit { get; } = new("--limit") { Description = "At most so many events.", HelpName = "N" };

        public Option<bool> Backward { get; } = new("--backward") { Description = "Newest first." };

        public Option<bool> Follow { get; } =
            new("--follow") { Description = "Goes on with what is appended from now on, until interrupted." };

        public Option<string> Tenant { get; } = LedgerDirectory.TenantOption();

        public Option<bool> AllTenants { get; } = new("--all-tenants") { Description = "The events of every tenant." };

        public Option<bool> Json { get; } = LedgerDirectory.JsonOption("NDJSON with all fields: one event a line.");

        public ImmutableArray<Option> All =>
            [Data, Stream, Category, Type, Tag, After, Before, Limit, Backward, Follow, Tenant, AllTenants, Json];
    }
}
