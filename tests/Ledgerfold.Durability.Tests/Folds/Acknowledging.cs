namespace Ledgerfold.Durability.Tests.Folds;

/// <summary>
/// A process that is merely killed loses nothing that the kernel has, synced or not; so here the order of its system calls is the witness.
/// </summary>
public sealed class Acknowledging
{
    [Theory]
    [InlineData(1, "delay_enter=30000", 8)]
    [InlineData(4, "delay_enter=30000", 6)]
    [InlineData(4, "delay_exit=10", 60)]
    public async Task Comes_after_the_sync_of_rows_and_position(int tasks, string delay, int batches)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        var file = Path.Combine(directory.Root, "trace");
        string[] options =
        [
            "-o", file, "-y", "-s", "100000", "-e", "trace=pwrite64,fdatasync,fsync,write", "-e", $"inject=fdatasync:{delay}",
        ];
        await using var child = ChildProcess.StartTraced(options, "fold", folds, "--tasks", $"{tasks}", "--appends", $"{batches}");
        Assert.Equal(0, await child.Ends());

        var calls = SystemCallTrace.Parse(File.ReadLines(file)).Calls;

        var acknowledged = child.Lines.Where(line => line.StartsWith("ack ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(tasks * batches, acknowledged.Length);
        Assert.All(acknowledged, line => Assert.Null(FindFault(calls, line)));
    }

    private static string? FindFault(IReadOnlyList<TracedCall> calls, string acknowledgement)
    {
        var words = acknowledgement.Split(' ');
        var told = calls.Single(call => call.Name == "write" && call.Text.Contains($"\"{acknowledgement}\\n", StringComparison.Ordinal)).Begin;
        var written = calls.FirstOrDefault(call =>
            call.Name == "pwrite64" && IsLog(call.What) && call.Text.Contains($"<{words[1]}.{words[2]}> ", StringComparison.Ordinal));
        if (written is null)
            return $"{acknowledgement} was never written";
        return calls.Any(call =>
            call.Name == "fdatasync" && call.What == written.What && call.Begin > written.End && call.End < told && call.Result == 0)
            ? null
            : $"{acknowledgement} was told at line {told} and written at {written.End}, without a sync of {written.What} between";
    }

    private static bool IsLog(string path) => Path.GetFileName(path).StartsWith("log-", StringComparison.Ordinal);
}
