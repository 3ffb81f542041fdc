using System.CommandLine;
using System.Text.Json;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold operations</c>: long work on a server.</summary>
internal static class OperationVerbs
{
    private const string ListExample = "ledgerfold operations list --open";

    public static Verb Create() => new("operations", "Shows long work on a server, and ends it before its time.", ListExample)
    {
        List(), Show(), Wait(), Cancel(),
    };

    private static Command List()
    {
        var kind = new Option<string?>("--kind") { Description = "Only of this kind.", HelpName = "KIND" };
        var open = new Option<bool>("--open") { Description = "Only what has not ended." };
        return OnlineVerb.List(
            "list",
            "Lists operations, the newest first.",
            ListExample,
            parsed => ServerPath.Of("operations").With("kind", parsed.GetValue(kind)).With("open", parsed.GetValue(open) ? "true" : null),
            [
                new("ID", "id"), new("KIND", "kind"), new("STATE", "state"), new("STARTED", "startedAt"), new("BY", "startedBy"),
                new("REASON", "reason"),
            ],
            kind, open);
    }

    private static Command Show()
    {
        var id = Id();
        return OnlineVerb.Show(
            "show", "Shows how an operation stands.", "ledgerfold operations show 0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05",
            parsed => ServerPath.Of("operations", $"{parsed.GetValue(id)}"), id);
    }

    private static Command Wait()
    {
        var id = Id();
        return OnlineVerb.Watch(
            "wait", "Waits for the end of an operation, and shows how far it is.",
            "ledgerfold operations wait 0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05", parsed => $"{parsed.GetValue(id)}", id);
    }

    private static Command Cancel()
    {
        var id = Id();
        return OnlineVerb.Act(
            "cancel",
            "Ends an operation before its time.",
            "ledgerfold operations cancel 0198c1f0-7b1e-7c7d-8f3a-2b9d1e6a4c05 --reason 'the wrong projection' --yes",
            (parsed, reason) => (HttpMethod.Delete, ServerPath.Of("operations", $"{parsed.GetValue(id)}").With("reason", reason), null),
            id);
    }

    private static Argument<Guid> Id() => new("ID") { Description = "The id of the operation." };
}
