using System.Diagnostics;

namespace Ledgerfold.Cli.Bench;

/// <summary>Starts this program again with one of its hidden verbs; what it says on standard error goes where ours does.</summary>
internal static class SelfProcess
{
    public static Process Start(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        var info = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            info.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (var argument in (string[])["bench", BenchLedgerVerb.Name, .. arguments])
            info.ArgumentList.Add(argument);
        return Process.Start(info) ?? throw new InvalidOperationException("this program could not be started again");
    }

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
