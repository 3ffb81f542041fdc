using System.Diagnostics;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>Starts this program again on a core; what it says on standard error goes where ours does.</summary>
internal static class OwnProcess
{
    public static Process Start(int? core, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known");
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, Environment.GetCommandLineArgs()[0]]
            : [program];
        return Start(Cores.On(core, [.. self, .. arguments]), environment, redirectErrors: false);
    }

    /// <summary>Starts a program; what it says on standard output is read by whoever started it.</summary>
    public static Process Start(string[] commandLine, IReadOnlyDictionary<string, string>? environment, bool redirectErrors)
    {
        var info = new ProcessStartInfo(commandLine[0], commandLine[1..])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = redirectErrors,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            info.Environment[name] = value;
        return Process.Start(info) ?? throw new InvalidOperationException($"{commandLine[0]} could not be started");
    }

    /// <summary>Runs this program to its end, and answers the last line it wrote; a check that failed is an answer, too.</summary>
    public static async Task<string> Run(
        int? core, string[] arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancel)
    {
        using var process = Start(core, arguments, environment);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            return process.ExitCode is ExitCode.Ok or ExitCode.CheckFailed
                ? output.TrimEnd().Split('\n')[^1]
                : throw new VerbFailedException(ExitCode.Failed, $"{string.Join(' ', arguments[..2])} ended with {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
