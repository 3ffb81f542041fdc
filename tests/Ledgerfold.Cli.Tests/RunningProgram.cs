using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Ledgerfold.Cli.Tests;

/// <summary>The built command line as a process of its own. One that hangs is killed after a minute, which fails the test.</summary>
internal sealed partial class RunningProgram : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    private readonly Process _process;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));
    private readonly Task<string> _errors;

    private RunningProgram(Process process)
    {
        _process = process;
        _patience.Token.Register(() => process.Kill());
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    public static RunningProgram Start(params IEnumerable<string> arguments) => Start(null, arguments);

    /// <summary>Starts it with the key of a server in its environment.</summary>
    public static RunningProgram Start(string? key, IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ledgerfold.dll"));
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        info.Environment["TERM"] = "xterm"; // as if a terminal were near, which must not bring colour codes into files
        info.Environment.Remove("COLUMNS");
        info.Environment.Remove("LEDGERFOLD_SERVER");
        if (key is not null)
            info.Environment["LEDGERFOLD_API_KEY"] = key;
        else
            info.Environment.Remove("LEDGERFOLD_API_KEY");
        return new RunningProgram(Process.Start(info)!);
    }

    /// <summary>Runs it with this input to its end.</summary>
    public static Task<Ended> Run(string input, params IEnumerable<string> arguments) => Run(Encoding.UTF8.GetBytes(input), arguments);

    public static async Task<Ended> Run(byte[] input, params IEnumerable<string> arguments)
    {
        await using var program = Start(arguments);
        return await program.Finish(input);
    }

    /// <summary>The same with the key of a server in its environment.</summary>
    public static async Task<Ended> RunWithKey(string key, string input, IEnumerable<string> arguments)
    {
        await using var program = Start(key, arguments);
        return await program.Finish(Encoding.UTF8.GetBytes(input));
    }

    /// <summary>The same for what may take longer.</summary>
    public static async Task<Ended> Run(TimeSpan patience, params IEnumerable<string> arguments)
    {
        await using var program = Start(null, arguments);
        program._patience.CancelAfter(patience);
        return await program.Finish();
    }

    public async Task Send(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync(_patience.Token);
    }

    public async Task<string> Receive() =>
        await _process.StandardOutput.ReadLineAsync(_patience.Token)
        ?? throw new InvalidOperationException($"it ended: {await _errors}");

    public void Signal(int signal)
    {
        Assert.SkipWhen(IsIgnored(signal), $"signal {signal} is ignored here, as in a background job of a shell, and the program inherits that");
        _ = Kill(_process.Id, signal);
    }

    /// <summary>Kills it at once, as <c>kill -9</c> does.</summary>
    public async Task Murder()
    {
        _process.Kill();
        await _process.WaitForExitAsync(_patience.Token);
    }

    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Sends the last input and ends it, then waits for the program's own end.</summary>
    public async Task<Ended> Finish(byte[]? input = null)
    {
        var sending = SendAll(input ?? []);
        var output = await _process.StandardOutput.ReadToEndAsync(_patience.Token);
        await sending;
        return await WaitForEnd(output);
    }

    /// <summary>Waits for the end without ending the input.</summary>
    public async Task<Ended> WaitForEnd(string? output = null)
    {
        output ??= await _process.StandardOutput.ReadToEndAsync(_patience.Token);
        await _process.WaitForExitAsync(_patience.Token);
        return new Ended(_process.ExitCode, output, await _errors);
    }

    public async Task<int> WaitForExitCode()
    {
        await _process.WaitForExitAsync(_patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await Murder();
        _process.Dispose();
        _patience.Dispose();
    }

    private static bool IsIgnored(int signal)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (ulong.Parse(line[7..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;
    }

    private async Task SendAll(byte[] input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input, _patience.Token);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading everything; how is what the test looks at.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}

/// <summary>How a process ended, and all it said.</summary>
internal sealed record Ended(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
