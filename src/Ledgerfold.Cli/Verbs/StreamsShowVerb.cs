using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Exploring;
using Ledgerfold.Model.Timelines;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold streams show</c>: where a stream stands.</summary>
internal static class StreamsShowVerb
{
    public const string Example = "ledgerfold streams show --data ./shop --stream order-42";

    public static Command Create()
    {
        var where = new Whereabouts();
        var stream = new Option<string>("--stream") { Description = "The stream.", HelpName = "STREAM", Required = true };
        stream.Validators.Add(static result =>
        {
            if (!result.Errors.Any() && new EventFilter { Stream = result.GetValueOrDefault<string>() }.Check() is { } refused)
                result.AddError($"--stream: {refused.Rule}");
        });
        var tenant = LedgerDirectory.TenantOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("show", "Shows where a stream stands, and what is in it.", Example) { stream, tenant, json };
        where.AddTo(verb);
        verb.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(stream)!;
            if (where.Server(parsed, parsed.GetValue(tenant)) is { } server)
                return await JsonView.Show(server, ServerPath.Of("streams", name), parsed.GetValue(json), cancel);
            await using var ledger = EmbeddedLedger.OpenReadOnly(where.Directory(parsed));
            var view = await new StreamExplorer(ledger).Show(name, parsed.GetValue(tenant)!, cancel)
                ?? throw new VerbFailedException(ExitCode.NotFound, $"There is no stream {SafeText.OneLine(name)}.");
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, view, ExploringJson.Write);
            else
                Show(view).Write(output);
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }

    private static FactList Show(StreamView view)
    {
        var facts = new FactList()
            .Add("stream", view.Stream)
            .Add("version", view.Version)
            .Add("closed", view.Closed ? "yes" : "no")
            .Add("first", TextOf(view.First))
            .Add("last", TextOf(view.Last));
        foreach (var (type, events) in view.Types)
            facts.Add($"events {SafeText.OneLine(type)}", events);
        return facts;
    }

    private static string? TextOf(EventMark? mark) =>
        mark is null ? null : $"{mark.Type} at {Times.ToText(mark.RecordedAt)}, position {mark.Position}";
}
