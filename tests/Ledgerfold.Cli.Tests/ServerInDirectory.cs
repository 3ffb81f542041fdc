using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Ledgerfold.Cli.Tests;

/// <summary>The built server on a ledger of the test's own, and the command line that asks it.</summary>
internal sealed class ServerInDirectory : IAsyncDisposable
{
    private readonly LedgerInDirectory _ledger;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));
    private Process _process;

    private ServerInDirectory(LedgerInDirectory ledger, Process process)
    {
        (_ledger, _process) = (ledger, process);
        _patience.Token.Register(() => _process.Kill());
    }

    public string Address { get; private set; } = "";

    /// <summary>The key of its owner.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The ledger's directory, for the time behind the server's end.</summary>
    public string Data => Path.Combine(_ledger.Data, "ledger");

    public static async Task<ServerInDirectory> Start()
    {
        var ledger = LedgerInDirectory.Empty();
        var server = new ServerInDirectory(ledger, BeginServer(ledger.Data, "http://127.0.0.1:0"));
        try
        {
            await server.Listen();
            await server.BecomeOwner();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the command line on the server.</summary>
    public Task<Ended> Run(string verb, params IEnumerable<string> more) => Send("", verb, more);

    public Task<Ended> Send(string input, string verb, params IEnumerable<string> more) =>
        RunningProgram.RunWithKey(Key, input, [.. verb.Split(' '), "--server", Address, .. more]);

    public RunningProgram Begin(string verb, params IEnumerable<string> more) =>
        RunningProgram.Start(Key, [.. verb.Split(' '), "--server", Address, .. more]);

    /// <summary>Runs the command line on the directory, beside the server or behind its end.</summary>
    public Task<Ended> RunOnDirectory(string verb, params IEnumerable<string> more) =>
        RunningProgram.Run("", [.. verb.Split(' '), "--data", Data, .. more]);

    /// <summary>Starts it again where it was; kills it first, unless that was done.</summary>
    public async Task Restart(bool alreadyDead = false)
    {
        if (!alreadyDead)
            await Murder();
        _process = BeginServer(_ledger.Data, Address);
        await Listen();
    }

    public async Task Murder()
    {
        _process.Kill();
        await _process.WaitForExitAsync(_patience.Token);
        _process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Murder();
        _patience.Dispose();
        _ledger.Dispose();
    }

    private static Process BeginServer(string data, string address)
    {
        var info = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = Path.GetTempPath() };
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Ledgerfold.Server", configuration, "Ledgerfold.Server.dll");
        string[] arguments = [program, "--data", data, "--urls", address];
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        return Process.Start(info)!;
    }

    /// <summary>The first start prints a link; whoever has its token becomes the owner, here with a key.</summary>
    private async Task BecomeOwner()
    {
        string? line;
        do
            line = await _process.StandardError.ReadLineAsync(_patience.Token) ?? throw new InvalidOperationException("it printed no link");
        while (!line.Contains('#', StringComparison.Ordinal));
        using var client = new HttpClient();
        var body = JsonContent.Create(new { token = line.Trim().Split('#')[1], user = "ann", password = "a long password", key = new { label = "tests" } });
        using var answer = await client.PostAsync(new Uri($"{Address}/api/v1/first-owner"), body, _patience.Token);
        Key = JsonNode.Parse(await answer.Content.ReadAsStringAsync(_patience.Token))!["key"]!["key"]!.GetValue<string>();
    }

    private async Task Listen()
    {
        var line = await _process.StandardError.ReadLineAsync(_patience.Token) ?? "it ended";
        Address = line.Split(' ').FirstOrDefault(static word => word.StartsWith("http://", StringComparison.Ordinal))
            ?? throw new InvalidOperationException(line);
    }
}
