using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Online;

/// <summary>Asks before something is done that cannot be taken back.</summary>
internal static class Question
{
    /// <summary>Goes on only where somebody says yes.</summary>
    /// <exception cref="VerbFailedException">They do not, or there is nobody to ask.</exception>
    public static void Ask(string question)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            throw new VerbFailedException(
                ExitCode.Usage, "There is nobody to ask: --yes does it without asking, --dry-run only says what would be done.");
        }

        Console.Error.Write($"{SafeText.OneLine(question)} [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new VerbFailedException(ExitCode.Interrupted, "Nothing was done.");
    }
}
