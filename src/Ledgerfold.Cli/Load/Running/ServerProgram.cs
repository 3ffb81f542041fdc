using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ledgerfold.Cli.Terminal;

namespace Ledgerfold.Cli.Load.Running;

/// <summary>
/// A server of our own for one run: the release's own program, on a free port of this machine, with a clock that can be put forward.
/// Becomes its first owner, and leaves it with SIGTERM, as an operator would.
/// </summary>
internal sealed partial class ServerProgram : IAsyncDisposable
{
    private const string Program = "Ledgerfold.Server.dll";
    private const int Terminate = 15;
    private const int LinesKept = 20;

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Queue<string> _said = new(); // under its own lock
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    private ServerProgram(Process process)
    {
        _process = process;
        _listening = Listen();
    }

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    public static async Task<ServerProgram> Start(string data, Cores cores, CancellationToken cancel)
    {
        string[] commandLine = ["dotnet", Find(), "--data", data, "--urls", "http://127.0.0.1:0", "--clock", "manual"];
        var server = new ServerProgram(OwnProcess.Start(Cores.On(cores.Server, commandLine), environment: null, redirectErrors: true));
        try
        {
            await server.Address().WaitAsync(StartsWithin, TimeProvider.System, cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public Task<Uri> Address() => _address.Task;

    /// <summary>Becomes the first owner, and answers a key that may do everything.</summary>
    public async Task<string> Claim(CancellationToken cancel)
    {
        var token = await _link.Task.WaitAsync(StartsWithin, TimeProvider.System, cancel);
        using var client = new HttpClient { BaseAddress = await Address() };
        var password = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}"; // nobody signs in with it
        var asked = new { token, user = "load", password, key = new { label = "load", expiresInDays = 1 } };
        using var answer = await client.PostAsJsonAsync("/api/v1/first-owner", asked, cancel);
        var body = await answer.Content.ReadAsStringAsync(cancel);
        if (!answer.IsSuccessStatusCode)
            throw new VerbFailedException(ExitCode.Failed, $"no first owner: {(int)answer.StatusCode} {SafeText.OneLine(body)}");
        return JsonDocument.Parse(body).RootElement.GetProperty("key").GetProperty("key").GetString()!;
    }

    /// <summary>That it ended by itself, with the last that it said.</summary>
    public VerbFailedException Gone() => new(ExitCode.Failed, $"the server has ended:\n{Said()}");

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task Stop(CancellationToken cancel)
    {
        _ = Kill(_process.Id, Terminate);
        await _process.WaitForExitAsync(cancel).WaitAsync(EndsWithin, TimeProvider.System, cancel);
        await _listening;
        if (_process.ExitCode != 0)
            throw new VerbFailedException(ExitCode.Failed, $"the server ended with {_process.ExitCode}:\n{Said()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _listening;
        _process.Dispose();
    }

    /// <summary>
    /// Beside the command line's folder in a release, or beside the folder of its project where it was only built. Never in the same
    /// folder: a library and the command line differ in the case of one letter.
    /// </summary>
    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string[] folders =
        [
            Path.Combine(here.FullName, "..", "Server"),
            Path.Combine(here.FullName, "..", "..", "Ledgerfold.Server", here.Name),
        ];
        return folders.Select(static folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists)
            ?? throw new VerbFailedException(ExitCode.Failed, $"{Program} is not beside this program: name a server with --server.");
    }

    /// <summary>Reads what it says until it ends: where it listens, and the link of the first owner.</summary>
    private async Task Listen()
    {
        while (await _process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_said)
            {
                _said.Enqueue(line);
                if (_said.Count > LinesKept)
                    _said.Dequeue();
            }

            var url = line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
                .FirstOrDefault(static word => word.StartsWith("http://", StringComparison.Ordinal));
            if (url is null)
                continue;
            if (url.IndexOf('#', StringComparison.Ordinal) is > 0 and var mark)
                _link.TrySetResult(url[(mark + 1)..]);
            else
                _address.TrySetResult(new Uri(url));
        }

        _address.TrySetException(Gone());
        _link.TrySetException(Gone());
        _ = (_address.Task.Exception, _link.Task.Exception); // seen, should nobody wait for them
    }

    private string Said()
    {
        lock (_said)
            return SafeText.Lines(string.Join('\n', _said));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
