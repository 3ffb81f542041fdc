using System.CommandLine;
using Ledgerfold.Cli.Json;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Model.Wire;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold streams show</c>: where a stream stands.</summary>
internal static class StreamsShowVerb
{
    public const string Example = "ledgerfold streams show --data ./shop --stream order-42";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var stream = new Option<string>("--stream") { Description = "The stream.", HelpName = "STREAM", Required = true };
        var tenant = LedgerDirectory.TenantOption();
        var json = LedgerDirectory.JsonOption();
        var verb = new Verb("show", "Shows the version of a stream, and whether it is closed.", Example) { data, stream, tenant, json };
        verb.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(stream)!;
            await using var ledger = EmbeddedLedger.OpenReadOnly(LedgerDirectory.At(parsed.GetValue(data)!));
            var head = await ledger.ReadStreamHead(parsed.GetValue(tenant)!, name, cancel);
            if (head.Version == 0)
                throw new VerbFailedException(ExitCode.NotFound, $"There is no stream {SafeText.OneLine(name)}.");
            var output = new StandardOutput();
            if (parsed.GetValue(json))
            {
                JsonLines.WriteOne(output, (Name: name, Head: head), static (json, it) =>
                {
                    json.WriteString("stream", it.Name);
                    json.WriteWhole("version", it.Head.Version);
                    json.WriteBoolean("closed", it.Head.Closed);
                });
            }
            else
            {
                new FactList().Add("stream", name).Add("version", head.Version).Add("closed", head.Closed ? "yes" : "no").Write(output);
            }

            output.Flush();
            return ExitCode.Ok;
        });
        return verb;
    }
}
