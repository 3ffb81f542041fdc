using System.CommandLine;
using Ledgerfold.Cli.Terminal;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Verbs;

/// <summary><c>ledgerfold ledger create</c>: an empty ledger in a directory that holds nothing.</summary>
internal static class LedgerCreateVerb
{
    public const string Example = "ledgerfold ledger create --data ./shop";

    public static Command Create()
    {
        var data = LedgerDirectory.DataOption();
        var verb = new Verb("create", "Creates a ledger; the directory must be empty or not exist.", Example) { data };
        verb.SetAction(parsed =>
        {
            var options = LedgerDirectory.At(parsed.GetValue(data)!);
            EmbeddedLedger.Create(options);
            StandardError.Say($"Created a ledger in {options.Disk.Location}.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
