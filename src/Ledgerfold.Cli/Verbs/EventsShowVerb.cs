using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Online;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold events show</c>: one event by its id.</summary>
internal static class EventsShowVerb
{
    private const string Example = "ledgerfold events show --data ./shop --id 0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05";

    public static Command Create()
    {
        var where = new Whereabouts();
        var id = new Option<Guid>("--id") { Description = "The id of the event.", HelpName = "UUID", Required = true };
        var tenant = LedgerDirectory.TenantOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("show", "Shows one event.", Example) { id, tenant, json };
        where.AddTo(verb);
        verb.SetAction(async (parsed, cancel) =>
        {
            var wanted = parsed.GetValue(id);
            if (where.Server(parsed, parsed.GetValue(tenant)) is { } server)
                return await JsonView.Show(server, ServerPath.Of("events", $"{wanted}"), parsed.GetValue(json), cancel);
            await using var ledger = EmbeddedLedger.OpenReadOnly(where.Directory(parsed));
            var recorded = await ledger.ReadById(parsed.GetValue(tenant)!, wanted, cancel)
                ?? throw new VerbFailedException(ExitCode.NotFound, $"There is no event with the id {wanted}.");
            var output = new StandardOutput();
            if (parsed.GetValue(json))
                JsonLines.WriteOne(output, recorded, RecordedEventJson.Write);
            else
                Show(recorded).Write(output);
            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }

    private static FactList Show(RecordedEvent recorded)
    {
        var facts = new FactList()
            .Add("position", recorded.Position)
            .Add("id", recorded.Id)
            .Add("tenant", recorded.Tenant)
            .Add("stream", recorded.Stream)
            .Add("version", recorded.Version)
            .Add("type", recorded.Type)
            .Add("schema version", recorded.SchemaVersion)
            .Add("recorded at", Times.ToText(recorded.RecordedAt))
            .Add("effective at", recorded.EffectiveAt is { } effectiveAt ? Times.ToText(effectiveAt) : null)
            .Add("correlation", recorded.CorrelationId)
            .Add("causation", recorded.CausationId)
            .Add("actor", recorded.Actor)
            .Add("trace parent", recorded.TraceParent)
            .Add("content type", recorded.ContentType);
        foreach (var tag in recorded.Tags)
            facts.Add("tag", tag);
        foreach (var (name, value) in recorded.Headers)
            facts.Add($"header {SafeText.OneLine(name)}", value);
        return facts.Add("data", EventTable.PreviewOf(recorded, bytesMax: int.MaxValue));
    }
}
