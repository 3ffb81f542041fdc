using System.Diagnostics;
using Ledgerfold.Cli.Load.Running;

namespace Ledgerfold.Cli.Bench;

/// <summary>Starts this program again with one of its hidden verbs; what it says on standard error goes where ours does.</summary>
internal static class SelfProcess
{
    public static Process Start(params IEnumerable<string> arguments) =>
        OwnProcess.Start(core: null, ["bench", BenchLedgerVerb.Name, .. arguments], environment: null);

    /// <summary>Runs it to its end, and answers the last line it wrote.</summary>
    public static async Task<string> Run(IEnumerable<string> arguments, CancellationToken cancel = default)
    {
        using var process = Start(arguments);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {process.ExitCode}");
            return output.TrimEnd().Split('\n')[^1];
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
