using System.CommandLine;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Where the server is that a verb calls, and the options that say so.</summary>
internal static class ServerAddress
{
    public const string Variable = "LEDGERFOLD_SERVER";
    public const string Default = "http://127.0.0.1:7070";

    /// <summary>The option of a verb that always calls a server.</summary>
    public static Option<string?> Option() => new("--server")
    {
        Description = $"The server (default {Variable}, else {Default}).",
        HelpName = "URL",
    };

    /// <summary>The root of a server's address: what the option said, else what the environment or everybody says.</summary>
    /// <exception cref="VerbFailedException">It is none that may be called.</exception>
    public static Uri Of(string? told)
    {
        var text = told ?? Told ?? Default;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var root) || root.Scheme is not ("http" or "https"))
            throw new VerbFailedException(ExitCode.Usage, $"--server {SafeText.OneLine(text)} is no address such as {Default}.");
        if (root.Scheme == "http" && !root.IsLoopback)
            throw new VerbFailedException(ExitCode.Usage, $"--server {SafeText.OneLine(text)}: without TLS only this machine is called.");
        return root;
    }

    /// <summary>What the environment says.</summary>
    public static string? Told => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } told ? told : null;
}
