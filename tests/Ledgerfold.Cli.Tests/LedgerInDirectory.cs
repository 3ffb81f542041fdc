using System.Text.Json;

namespace Ledgerfold.Cli.Tests;

/// <summary>A directory of the test's own, gone with it, and what the tests say to the program about it.</summary>
internal sealed class LedgerInDirectory : IDisposable
{
    private readonly string _root = Path.Combine(AppContext.BaseDirectory, "runs", Path.GetRandomFileName());

    private LedgerInDirectory() => Directory.CreateDirectory(_root);

    public string Data => Path.Combine(_root, "data");

    /// <summary>The newest segment file.</summary>
    public string Segment => Directory.GetFiles(Data, "segment-*").Max(StringComparer.Ordinal)!;

    public static LedgerInDirectory Empty() => new();

    public static async Task<LedgerInDirectory> Created()
    {
        var ledger = new LedgerInDirectory();
        var ended = await RunningProgram.Run("", "ledger", "create", "--data", ledger.Data);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Output));
        return ledger;
    }

    public string Beside(string name) => Path.Combine(_root, name);

    public Task<Ended> Run(string verb, params IEnumerable<string> more) => Run("", verb, more);

    public Task<Ended> Run(string input, string verb, IEnumerable<string> more) => RunningProgram.Run(input, Arguments(verb, more));

    public RunningProgram Start(string verb, params IEnumerable<string> more) => RunningProgram.Start(Arguments(verb, more));

    /// <summary>Appends these lines to <c>order-1</c>.</summary>
    public Task<Ended> Append(params IEnumerable<string> lines) => Run(string.Join('\n', lines), "events append", ["--stream", "order-1"]);

    /// <summary>All events, one JSON text each.</summary>
    public async Task<string[]> List(params IEnumerable<string> more)
    {
        var ended = await Run("events list", [.. more, "--json"]);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        return ended.Lines;
    }

    /// <summary>Flips one bit of the byte at this place in the newest segment.</summary>
    public void FlipBit(Func<byte[], int> place)
    {
        var bytes = File.ReadAllBytes(Segment);
        var at = place(bytes);
        bytes[at] ^= (byte)(bytes[at] == 1 ? 2 : 1); // an end that becomes zero would look like a write that was torn
        File.WriteAllBytes(Segment, bytes);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private IEnumerable<string> Arguments(string verb, IEnumerable<string> more) => [.. verb.Split(' '), "--data", Data, .. more];
}
