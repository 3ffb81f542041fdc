using System.CommandLine;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold processes</c>: the instances of processes on a server, and how an operator steps in.</summary>
internal static class ProcessVerbs
{
    private const string ListExample = "ledgerfold processes list";

    // what the server takes, as people type it
    private static readonly string[] Actions =
    [
        "retry-step", "settle-step", "fire-timer", "cancel-timer", "move-timer", "hand-in", "pass-over", "release", "compensate",
        "terminate",
    ];

    public static Verb Create() => new("processes", "Shows and operates the processes of a server.", ListExample)
    {
        List(), Search(), Show(), Act(),
    };

    private static Command List() => OnlineVerb.List(
        "list",
        "Lists processes, and how far each is.",
        ListExample,
        static _ => ServerPath.Of("processes"),
        [
            new("NAME", "name"), new("VERSIONS", "versions"), new("POSITION", "position", IsNumber: true),
            new("LAG", "lagEvents", IsNumber: true), new("PAUSING", "pausing"), new("ERROR", "lastError"),
        ]);

    private static Command Search()
    {
        var process = Process();
        var by = new Option<string?>("--by") { Description = "age, stuck, missed or overdueTimer.", HelpName = "WHAT" };
        var phase = new Option<string?>("--phase") { Description = "Only those in this phase.", HelpName = "PHASE" };
        var key = new Option<string?>("--key") { Description = "Only those whose key begins so.", HelpName = "TEXT" };
        return OnlineVerb.List(
            "search",
            "Lists instances of a process, the newest first where nothing is said.",
            "ledgerfold processes search checkout --by stuck",
            parsed => ServerPath.Of("processes", parsed.GetValue(process)!, "instances")
                .With("by", parsed.GetValue(by)).With("phase", parsed.GetValue(phase)).With("key", parsed.GetValue(key)),
            [
                new("KEY", "key"), new("PHASE", "phase"), new("STARTED", "startedAt"), new("CHANGED", "changedAt"),
                new("MISSED", "missed", IsNumber: true), new("STUCK", "stuck"),
            ],
            process, by, phase, key);
    }

    private static Command Show()
    {
        var (process, key) = (Process(), Key());
        var after = new Option<string?>("--after")
        {
            Description = "Only what it went through behind this position.",
            HelpName = "POSITION",
        };
        return OnlineVerb.Show(
            "show", "Shows an instance with what it went through.", "ledgerfold processes show checkout order-42",
            parsed => ServerPath.Of("processes", parsed.GetValue(process)!, "instances", parsed.GetValue(key)!)
                .With("after", parsed.GetValue(after)),
            process, key, after);
    }

    private static Command Act()
    {
        var (process, key) = (Process(), Key());
        var action = new Argument<string>("ACTION") { Description = string.Join(", ", Actions) + "." };
        action.AcceptOnlyFromAmong(Actions);
        var serial = new Option<int?>("--serial") { Description = "The number of the step that is retried or settled.", HelpName = "N" };
        var timer = new Option<string?>("--timer") { Description = "The timer that is fired, cancelled or moved.", HelpName = "NAME" };
        var due = new Option<DateTimeOffset?>("--due") { Description = "When a timer that is moved fires.", HelpName = "TIME" };
        var position = new Option<string?>("--position")
        {
            Description = "The input that is handed in or passed over.",
            HelpName = "POSITION",
        };
        return OnlineVerb.Act(
            "act",
            "Steps in where a process cannot go on by itself.",
            "ledgerfold processes act checkout order-42 retry-step --serial 3 --reason 'the provider is back' --yes",
            (parsed, reason) => (
                HttpMethod.Post,
                ServerPath.Of("processes", parsed.GetValue(process)!, "instances", parsed.GetValue(key)!, "actions"),
                new
                {
                    action = CamelOf(parsed.GetValue(action)!),
                    reason,
                    serial = parsed.GetValue(serial),
                    timer = parsed.GetValue(timer),
                    due = parsed.GetValue(due),
                    position = parsed.GetValue(position),
                }),
            process, key, action, serial, timer, due, position);
    }

    private static string CamelOf(string kebab) =>
        string.Concat(kebab.Split('-').Select(static (part, at) => at == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));

    private static Argument<string> Process() => new("PROCESS") { Description = "The process." };

    private static Argument<string> Key() => new("KEY") { Description = "The key of the instance." };
}
