using System.CommandLine;
using Ledgerfold.Storage;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Cli;

/// <summary>The directory that a verb works on, and the options that most verbs share.</summary>
internal static class LedgerDirectory
{
    public static Option<string> DataOption() => Directory("--data", "The ledger's directory.");

    public static Option<bool> JsonOption(string description = "Answers in JSON, for scripts.") =>
        new("--json") { Description = description };

    public static Option<string> TenantOption() => new("--tenant")
    {
        Description = "Whose events.",
        HelpName = "TENANT",
        DefaultValueFactory = _ => Tenants.Default,
    };

    public static Option<string> Directory(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "DIR", Required = true };
        option.Validators.Add(result =>
        {
            if (string.IsNullOrEmpty(result.GetValueOrDefault<string>()))
                result.AddError($"{name}: a directory, not an empty text");
        });
        return option;
    }

    public static EmbeddedLedgerOptions At(string directory) => new() { Disk = new LinuxDisk(directory) };
}
