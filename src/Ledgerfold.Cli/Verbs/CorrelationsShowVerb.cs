using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold correlations show</c>: what led to what in one conversation.</summary>
internal static class CorrelationsShowVerb
{
    public const string Example = "ledgerfold correlations show checkout-42 --data ./shop";

    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "The correlation id of the conversation." };
        var where = new Whereabouts();
        var after = new Option<long>("--after") { Description = "Only positions above this one.", HelpName = "POSITION" };
        var tenant = LedgerDirectory.TenantOption();
        var json = LedgerDirectory.JsonOption();
        after.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<long>() < 0)
                result.AddError("--after: at least 0");
        });
        id.Validators.Add(result =>
        {
            if (new EventFilter { CorrelationId = result.GetValueOrDefault<string>() }.Check() is not null)
                result.AddError("id: 1 to 500 bytes of UTF-8 without control characters");
        });
        var verb = new Verb("show", "Shows a conversation as a tree of causes, with the time from each to the next.", Example)
        {
            id, after, tenant, json,
        };
        where.AddTo(verb);
        verb.SetAction(async (parsed, cancel) =>
        {
            var tree = await Ask(where, parsed, parsed.GetValue(id)!, parsed.GetValue(tenant)!, parsed.GetValue(after), cancel);
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, tree, ExploringJson.Write);
            else
                new CauseTree(output, StandardOutput.Columns).Write(tree);
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task<CorrelationTree> Ask(
        Whereabouts where, ParseResult parsed, string id, string tenant, long after, CancellationToken cancel)
    {
        using var server = where.Server(parsed, tenant);
        if (server is not null)
        {
            var path = ServerPath.Of("correlations", id).With("after", after);
            return CorrelationTreeJson.Read(await server.Get($"{path}", cancel));
        }

        await using var ledger = EmbeddedLedger.OpenReadOnly(where.Directory(parsed));
        return await new CorrelationExplorer(ledger).Tree(id, tenant, after, maySee: null, cancel)
            ?? throw new VerbFailedException(ExitCode.NotFound, $"There is no event with the correlation id {SafeText.OneLine(id)}.");
    }
}
