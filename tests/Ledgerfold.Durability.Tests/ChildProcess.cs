using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// The program that works on a ledger, in a process of its own, perhaps under <c>strace</c>. What it says is gathered from the start;
/// a test waits for a line of it or for its end, never for time to pass.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KilledBySignal = 128 + 9;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly Channel<string> _spoken = Channel.CreateUnbounded<string>();
    private readonly List<string> _lines = [];
    private readonly Task _listening;
    private readonly Task<string> _complaints;
    private Process? _tracer;
    private int _pid;

    private ChildProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _complaints = _process.StandardError.ReadToEndAsync();
        _listening = Listen();
    }

    /// <summary>What it has said and a test has waited past, or all after its end.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether it was killed, by us or at the injected system call.</summary>
    public bool WasKilled => _process.ExitCode == KilledBySignal;

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it with an order such as <c>write DIRECTORY --tasks 4</c>.</summary>
    public static ChildProcess Start(params string[] order) => new(Describe([], order));

    /// <summary>
    /// The same under <c>strace</c> with these options. Without its filter (<c>--seccomp-bpf</c>), under which an injected signal is lost.
    /// </summary>
    public static ChildProcess StartTraced(string[] options, params string[] order) =>
        new(Describe(["strace", "-f", .. options], order));

    /// <summary>Traces it from now on with these options of <c>strace</c>, and returns once every thread of it is traced.</summary>
    public async Task Trace(params string[] options)
    {
        string[] words = ["-f", .. options, "-p", $"{Volatile.Read(ref _pid)}"];
        _tracer = Process.Start(new ProcessStartInfo("strace", words) { RedirectStandardError = true, UseShellExecute = false })!;
        var answer = await _tracer.StandardError.ReadLineAsync() ?? "";
        Assert.SkipWhen(answer.Contains("not permitted", StringComparison.Ordinal), $"no process may be traced here: {answer}");
        Assert.Contains(" attached", answer);
        _ = _tracer.StandardError.ReadToEndAsync();
    }

    /// <summary>Gives it the line that it waits for.</summary>
    public void GoOn() => _process.StandardInput.WriteLine();

    /// <summary>Waits until it says a line that begins so.</summary>
    public async Task<string> Says(string beginning)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            while (true)
            {
                var line = await _spoken.Reader.ReadAsync(patience.Token);
                _lines.Add(line);
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                    return line;
            }
        }
        catch (Exception failure) when (failure is ChannelClosedException or OperationCanceledException)
        {
            throw new InvalidOperationException($"It never said '{beginning}', but:\n{await Story()}", failure);
        }
    }

    /// <summary>Kills it as a crash would: no handler of it runs.</summary>
    public async Task Kill()
    {
        Terminate();
        await Ends();
    }

    /// <summary>Waits for its end, and for all that it said before.</summary>
    public async Task<int> Ends()
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new InvalidOperationException($"It never ended:\n{await Story()}", late);
        }

        await _listening;
        while (_spoken.Reader.TryRead(out var line))
            _lines.Add(line);
        Assert.DoesNotContain(_lines, line => line.StartsWith("lie ", StringComparison.Ordinal));
        return _process.ExitCode;
    }

    /// <summary>All that it said, for the message of a test that fails.</summary>
    public async Task<string> Story()
    {
        Terminate();
        var complaints = await _complaints;
        while (_spoken.Reader.TryRead(out var line))
            _lines.Add(line);
        return string.Join('\n', _lines.TakeLast(40)) + "\n" + complaints;
    }

    public async ValueTask DisposeAsync()
    {
        Terminate();
        await _process.WaitForExitAsync();
        await _listening;
        if (_tracer is not null)
            await _tracer.WaitForExitAsync();
        _tracer?.Dispose();
        _process.Dispose();
    }

    private static ProcessStartInfo Describe(string[] before, string[] order)
    {
        var runtime = RuntimeEnvironment.GetRuntimeDirectory();
        var host = Path.GetFullPath(Path.Combine(runtime, "../../../dotnet"));
        string[] words = [.. before, host, Path.Combine(AppContext.BaseDirectory, "Ledgerfold.Durability.Child.dll"), .. order];
        return new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
    }

    private async Task Listen()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("pid ", StringComparison.Ordinal))
                    Volatile.Write(ref _pid, int.Parse(line[4..]));
                _spoken.Writer.TryWrite(line);
            }
        }
        finally
        {
            _spoken.Writer.Complete();
        }
    }

    /// <summary>The program itself first: a tracer that is killed lets go of what it traces.</summary>
    private void Terminate()
    {
        try
        {
            if (Volatile.Read(ref _pid) is var pid and not 0 && pid != _process.Id)
            {
                using var program = Process.GetProcessById(pid);
                program.Kill();
                return;
            }
        }
        catch (ArgumentException)
        {
            // it has ended
        }

        if (!_process.HasExited)
            _process.Kill();
    }
}

/// <summary>What the tests need beyond the SDK.</summary>
internal static class Needs
{
    public static void Strace() =>
        Assert.SkipUnless(Paths().Any(path => File.Exists(Path.Combine(path, "strace"))), "strace is not installed");

    public static IEnumerable<string> Paths() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
}

/// <summary>Shorthands for oaths.</summary>
internal static class Swearing
{
    /// <summary>Ends up with what the process said.</summary>
    public static Oath Of(params ChildProcess[] children)
    {
        var oath = new Oath();
        foreach (var child in children)
            oath.Take(child.Lines);
        return oath;
    }
}
