using Ledgerfold.Durability.Child;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// A process that is merely killed loses nothing that the kernel has, synced or not; so here the order of its system calls is the witness.
/// </summary>
public sealed class Acknowledging
{
    /// <summary>With a slow disk an acknowledgement that does not wait has all the time to overtake.</summary>
    [Theory]
    [InlineData(1, "delay_enter=30000", 8)]
    [InlineData(4, "delay_enter=30000", 6)]
    [InlineData(4, "delay_exit=10", 60)]
    public async Task Comes_after_the_sync_of_what_was_written(int tasks, string delay, int appends)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        var file = Path.Combine(directory.Root, "trace");
        string[] options =
        [
            "-o", file, "-y", "-s", "100000", "-e", "trace=pwrite64,fdatasync,fsync,write,renameat", "-e", $"inject=fdatasync:{delay}",
        ];
        await using var child = ChildProcess.StartTraced(
            options, "write", directory.Ledger, "--tasks", $"{tasks}", "--appends", $"{appends}");
        Assert.Equal(0, await child.Ends());

        var calls = SystemCallTrace.Parse(File.ReadLines(file)).Calls;

        var acknowledged = Swearing.Of(child).Acknowledged.Keys;
        Assert.Equal(tasks * appends, acknowledged.Count());
        Assert.All(acknowledged, deed => Assert.Null(FindFault(calls, deed)));
    }

    private static string? FindFault(IReadOnlyList<TracedCall> calls, Deed deed)
    {
        var told = calls.Single(call => call.Name == "write" && call.Text.Contains($"\"ack {deed} ", StringComparison.Ordinal)).Begin;
        var written = calls.SingleOrDefault(call => call.Name == "pwrite64" && call.Text.Contains($"<{deed}>", StringComparison.Ordinal));
        if (written is null)
            return $"{deed} was never written";
        if (!calls.Any(call => call.Name == "fdatasync" && call.What == written.What && IsBetween(call, written.End, told)))
            return $"{deed} was acknowledged at line {told} and written at {written.End}, without a sync of {written.What} between";
        var named = calls.LastOrDefault(call => call.Name == "renameat" && call.End < written.Begin && NamesFile(call, written.What));
        if (named is null)
            return null; // it was there before the trace began
        var directory = Path.GetDirectoryName(written.What);
        return calls.Any(call => call.Name == "fsync" && call.What == directory && IsBetween(call, named.End, told))
            ? null
            : $"{deed} was acknowledged at line {told} in a file named at {named.End}, without a sync of the directory between";
    }

    private static bool IsBetween(TracedCall call, int after, int before) =>
        call.Begin > after && call.End < before && call.Result == 0;

    private static bool NamesFile(TracedCall rename, string path) =>
        rename.Text.Contains($"\"{Path.GetFileName(path)}\") ", StringComparison.Ordinal);
}
