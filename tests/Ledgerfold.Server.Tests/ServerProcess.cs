using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ledgerfold.Server.Tests;

/// <summary>The built server as a process of its own, on a free port. One that hangs is killed after a minute, which fails the test.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;

    private readonly Process _process;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));

    private ServerProcess(Process process)
    {
        _process = process;
        _patience.Token.Register(() => process.Kill());
    }

    public HttpClient Client { get; } = new();

    public static async Task<ServerProcess> Start(string data, params string[] options)
    {
        var server = new ServerProcess(Begin(["--data", data, .. options.Length == 0 ? (string[])["--urls", "http://127.0.0.1:0"] : options]));
        var line = await server._process.StandardError.ReadLineAsync(server._patience.Token) ?? "it ended";
        var address = line.Split(' ').FirstOrDefault(static word => word.StartsWith("http", StringComparison.Ordinal));
        Assert.True(address is not null, line);
        server.Client.BaseAddress = new Uri(address);
        return server;
    }

    /// <summary>The token of the link that it prints while nobody can come in.</summary>
    public async Task<string> ReadOwnerToken()
    {
        while (await _process.StandardError.ReadLineAsync(_patience.Token) is { } line)
        {
            if (line.Split('#') is [_, var token])
                return token.Trim();
        }

        throw new InvalidOperationException("It printed no link.");
    }

    /// <summary>What else it printed, once it has ended.</summary>
    public async Task<string> ReadRest() =>
        await _process.StandardOutput.ReadToEndAsync(_patience.Token) + await _process.StandardError.ReadToEndAsync(_patience.Token);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> Run(params string[] arguments)
    {
        await using var server = new ServerProcess(Begin(arguments));
        var errors = server._process.StandardError.ReadToEndAsync(server._patience.Token);
        var output = await server._process.StandardOutput.ReadToEndAsync(server._patience.Token);
        await server._process.WaitForExitAsync(server._patience.Token);
        return (server._process.ExitCode, output, await errors);
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<int> Stop()
    {
        _ = Kill(_process.Id, Terminate);
        await _process.WaitForExitAsync(_patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills it at once, as <c>kill -9</c> does.</summary>
    public async Task Murder()
    {
        _process.Kill();
        await _process.WaitForExitAsync(_patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await Murder();
        Client.Dispose();
        _process.Dispose();
        _patience.Dispose();
    }

    private static Process Begin(params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Ledgerfold.Server.dll"));
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        return Process.Start(info)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
