using System.CommandLine;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Verbs;

/// <summary>
/// <c>ledgerfold streams</c>: where streams stand; and on a server, which knows what their states mean, their state at any time.
/// </summary>
internal static class StreamVerbs
{
    public static Verb Create() => new("streams", "Shows streams, and on a server their states.", StreamsShowVerb.Example)
    {
        List(), StreamsShowVerb.Create(), State(), Diff(), Blame(),
    };

    private static Command List()
    {
        var category = new Option<string>("--category") { Description = "Of which category.", HelpName = "CATEGORY", Required = true };
        return OnlineVerb.List(
            "list",
            "Lists the streams of a category on a server, by the event that began each.",
            "ledgerfold streams list --category order",
            parsed => ServerPath.Of("streams").With("category", parsed.GetValue(category)),
            [new("STREAM", "stream"), new("BEGAN", "recordedAt"), new("POSITION", "position", IsNumber: true), new("TYPE", "type")],
            category);
    }

    private static Command State()
    {
        var stream = Stream();
        var (at, version) = (Place("--at", "As of this position or time."), Version("--version", "As of this version of the stream."));
        return OnlineVerb.Show(
            "state", "Shows the state of a stream, now or then.", "ledgerfold streams state --stream order-42 --at 2026-11-21T12:00:00Z",
            parsed => Path(parsed, stream, "state").With("at", parsed.GetValue(at)).With("version", parsed.GetValue(version)),
            stream, at, version);
    }

    private static Command Diff()
    {
        var stream = Stream();
        var (from, to) = (Place("--from", "From this position or time on."), Place("--to", "To this position or time."));
        var (fromVersion, toVersion) = (Version("--from-version", "From this version on."), Version("--to-version", "To this version."));
        return OnlineVerb.Show(
            "diff", "Shows how the state of a stream differs at two moments.", "ledgerfold streams diff --stream order-42 --from-version 2",
            parsed => Path(parsed, stream, "diff").With("from", parsed.GetValue(from)).With("to", parsed.GetValue(to))
                .With("fromVersion", parsed.GetValue(fromVersion)).With("toVersion", parsed.GetValue(toVersion)),
            stream, from, to, fromVersion, toVersion);
    }

    private static Command Blame()
    {
        var stream = Stream();
        var (at, version) = (Place("--at", "As of this position or time."), Version("--version", "As of this version of the stream."));
        return OnlineVerb.Show(
            "blame", "Shows which event each field of a state comes from.", "ledgerfold streams blame --stream order-42",
            parsed => Path(parsed, stream, "blame").With("at", parsed.GetValue(at)).With("version", parsed.GetValue(version)),
            stream, at, version);
    }

    private static ServerPath Path(ParseResult parsed, Option<string> stream, string noun) =>
        ServerPath.Of("streams", parsed.GetValue(stream)!, noun);

    private static Option<string> Stream() => new("--stream") { Description = "The stream.", HelpName = "STREAM", Required = true };

    private static Option<string?> Place(string name, string description) => new(name) { Description = description, HelpName = "PLACE" };

    private static Option<long?> Version(string name, string description) => new(name) { Description = description, HelpName = "VERSION" };
}
