using System.CommandLine;
using Ledgerfold.Storage;

namespace Ledgerfold.Cli.Online;

/// <summary>Where a verb finds the ledger: in a directory, or on a server. One of the two is said.</summary>
internal sealed class Whereabouts
{
    private readonly Option<string?> _data = new("--data") { Description = "The ledger's directory.", HelpName = "DIR" };

    private readonly Option<string?> _server = new("--server")
    {
        Description = $"The server, instead of a directory (default {ServerAddress.Variable}).",
        HelpName = "URL",
    };

    /// <summary>Adds the options, and the rule.</summary>
    public void AddTo(Command verb)
    {
        verb.Options.Add(_data);
        verb.Options.Add(_server);
        verb.Validators.Add(result =>
        {
            var (data, server) = (Said(_data), Said(_server));
            if (data is not null && server is not null)
                result.AddError("--data, --server: one of them, not both");
            else if (data is "")
                result.AddError("--data: a directory, not an empty text");
            else if (data is null && server is null && ServerAddress.Told is null)
                result.AddError("--data DIR or --server URL is needed.");

            string? Said(Option option) => result.GetResult(option) is { } said ? (said.Tokens is [.., var last] ? last.Value : "") : null;
        });
    }

    /// <summary>The server, where the verb is to call one.</summary>
    public ServerCalls? Server(ParseResult parsed, string? tenant = null) =>
        parsed.GetValue(_data) is null ? new ServerCalls(ServerAddress.Of(parsed.GetValue(_server)), tenant) : null;

    /// <summary>The directory, where the verb is to open one.</summary>
    public EmbeddedLedgerOptions Directory(ParseResult parsed) => LedgerDirectory.At(parsed.GetValue(_data)!);

    /// <summary>The same as it was said.</summary>
    public string DirectoryName(ParseResult parsed) => parsed.GetValue(_data)!;
}
