using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ledgerfold.Cli;

/// <summary>A verb, or a group of them, with an example that can be typed as it stands.</summary>
internal sealed class Verb(string name, string description, string example) : Command(name, description)
{
    public string Example { get; } = example;
}

/// <summary>Help that leads with an example: that of the verb, or of the group it is in.</summary>
internal sealed class HelpWithExample(HelpAction help) : SynchronousCommandLineAction
{
    private const string RootExample = "ledgerfold ledger create --data ./shop";

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        foreach (var line in ExampleOf(parseResult.CommandResult.Command).Split('\n'))
            output.WriteLine($"  {line}");
        output.WriteLine();
        return help.Invoke(parseResult);
    }

    private static string ExampleOf(Symbol symbol) =>
        (symbol as Verb)?.Example ?? (symbol.Parents.FirstOrDefault() is { } parent ? ExampleOf(parent) : RootExample);
}
