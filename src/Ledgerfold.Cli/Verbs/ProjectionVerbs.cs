using System.CommandLine;
using Ledgerfold.Cli.Online;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold projections</c>: how far projections are on a server, their rows, and what is done with them.</summary>
internal static class ProjectionVerbs
{
    private const string ListExample = "ledgerfold projections list";
    private const string RowsExample = "ledgerfold projections rows orders --index status --value Confirmed";

    public static Verb Create() => new("projections", "Shows and operates the projections of a server.", ListExample)
    {
        List(), Show(), Rows(),
        Work("rebuild", "rebuilds", "Builds the rows anew beside those that are read, and compares.", withVersion: true),
        Work("switch", "switches", "Lets readers have the rows of another version.", withVersion: true),
        Work("roll-back", "roll-backs", "Lets readers have the rows of before again.", withVersion: false),
        Work("discard", "discards", "Removes rows that nobody reads.", withVersion: false),
    };

    private static Command List() => OnlineVerb.List(
        "list",
        "Lists projections, and how far each is.",
        ListExample,
        static _ => ServerPath.Of("projections"),
        [
            new("NAME", "name"), new("VERSION", "version", IsNumber: true), new("ACTIVE", "active"), new("PHASE", "phase"),
            new("HEALTH", "health"), new("POSITION", "position", IsNumber: true), new("LAG", "lag.events", IsNumber: true),
            new("SECONDS", "lag.seconds", IsNumber: true), new("REASON", "reason"),
        ]);

    private static Command Show()
    {
        var name = Name();
        return OnlineVerb.Show(
            "show", "Shows how each version of a projection stands.", "ledgerfold projections show orders",
            parsed => ServerPath.Of("projections", parsed.GetValue(name)!), name);
    }

    private static Command Rows()
    {
        var name = Name();
        var key = new Option<string?>("--key") { Description = "Only the row with this key.", HelpName = "KEY" };
        var index = new Option<string?>("--index") { Description = "By this index; by key where none is named.", HelpName = "NAME" };
        var value = new Option<string?>("--value") { Description = "Only rows with this value of the index.", HelpName = "VALUE" };
        var prefix = new Option<string?>("--prefix") { Description = "Only keys or values that begin so.", HelpName = "TEXT" };
        var backward = new Option<bool>("--backward") { Description = "Highest first." };
        var atLeast = new Option<long?>("--at-least") { Description = "Waits for rows that show this position.", HelpName = "POSITION" };
        return OnlineVerb.List(
            "rows",
            "Lists rows of a projection.",
            RowsExample,
            parsed => ServerPath.Of("projections", parsed.GetValue(name)!, "rows")
                .With("index", parsed.GetValue(index))
                .With("value", parsed.GetValue(key) ?? parsed.GetValue(value))
                .With("prefix", parsed.GetValue(prefix))
                .With("backward", parsed.GetValue(backward) ? "true" : null)
                .With("atLeast", parsed.GetValue(atLeast)),
            [new("KEY", "key"), new("STATE", "state")],
            name, key, index, value, prefix, backward, atLeast);
    }

    private static Command Work(string verb, string noun, string description, bool withVersion)
    {
        var name = Name();
        var version = new Option<int?>("--version")
        {
            Description = "With which version of its code (default the newest).",
            HelpName = "N",
        };
        return OnlineVerb.Act(
            verb,
            description,
            $"ledgerfold projections {verb} orders --reason 'a row looked wrong' --yes",
            (parsed, reason) => (
                HttpMethod.Post,
                ServerPath.Of("projections", parsed.GetValue(name)!, noun),
                new { reason, version = withVersion ? parsed.GetValue(version) : null }),
            withVersion ? [name, version] : [name]);
    }

    private static Argument<string> Name() => new("NAME") { Description = "The projection." };
}
