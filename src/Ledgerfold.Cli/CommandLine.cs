using System.CommandLine;
using System.CommandLine.Help;
using Ledgerfold.Cli.Bench;
using Ledgerfold.Cli.Load;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Cli.Verbs;

namespace Ledgerfold.Cli;

/// <summary>All verbs, and what is the same for each: how it is parsed, interrupted, and how it ends when something goes wrong.</summary>
internal static class CommandLine
{
    // What the parser answers for an action that SIGTERM cancelled.
    private const int TerminatedCode = 143;

    // Longer than an append may wait for its answer, so that what is in flight is answered before the program ends.
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(40);

    public static async Task<int> Run(string[] args)
    {
        // Without response files: a reason or a name may begin with '@'.
        var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                StandardError.Say(error.Message);
            StandardError.Say($"Try: {PathOf(parsed.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        try
        {
            var code = await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = EndWithin,
            });
            return code == TerminatedCode ? ExitCode.Interrupted : code;
        }
        catch (Exception failure) when (Failure.ExitCodeOf(failure) is { } code)
        {
            if (Failure.MessageOf(failure) is { } message)
                StandardError.Say(message);
            return code;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Ledgerfold: one ledger of events in a directory.")
        {
            new Verb("events", "Appends and reads events.", EventsListVerb.Example)
            {
                EventsAppendVerb.Create(), EventsListVerb.Create(), EventsShowVerb.Create(), EventsExportVerb.Create(),
                EventsImportVerb.Create(), EventsVerifyVerb.Create(),
            },
            StreamVerbs.Create(),
            new Verb("correlations", "Shows what led to what.", CorrelationsShowVerb.Example) { CorrelationsShowVerb.Create() },
            ProjectionVerbs.Create(), ProcessVerbs.Create(), OperationVerbs.Create(),
            new Verb("ledger", "Creates, checks and maintains a ledger.", LedgerCreateVerb.Example)
            {
                LedgerCreateVerb.Create(), LedgerVerifyVerb.Create(), LedgerStatVerb.Create(), LedgerRepairVerb.Create(),
                LedgerRebuildIndexVerb.Create(), LedgerBackupVerb.Create(),
            },
            new Verb("bench", "Measures on this machine.", "ledgerfold bench ledger --data ./scratch --seconds 5 --json")
            {
                BenchLedgerVerb.Create(), BenchModelVerb.Create(),
            },
            LoadVerb.Create(),
            ApiVerb.Create(),
            CompletionVerb.Create(),
        };
        foreach (var verb in AccessVerbs.Create())
            root.Subcommands.Add(verb);
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "ledgerfold";
}
