namespace Ledgerfold.Durability.Tests.Folds;

public sealed class Failing_system_calls
{
    /// <summary>The first n of each thread succeed: enough for recovery, so that it is a commit or a table that meets the failure.</summary>
    [Theory]
    [InlineData("fsync,fdatasync:error=EIO:when=14+", 1)]
    [InlineData("fsync,fdatasync:error=EIO:when=14+", 4)]
    [InlineData("fdatasync:error=EIO:when=14", 4)]
    [InlineData("fdatasync:error=ENOSPC:when=14", 4)]
    [InlineData("pwrite64:error=EIO:when=20+", 1)]
    [InlineData("pwrite64:error=EIO:when=20", 4)]
    [InlineData("pwrite64:error=ENOSPC:when=20", 1)]
    [InlineData("renameat:error=EIO:when=3+", 3)]
    public async Task Acknowledge_nothing_after_the_first_failure(string injection, int tasks)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        await using var child = await WriteUnder(injection, folds, tasks);

        Assert.True(child.ExitCode == 0, await child.Story());
        Assert.True(child.Lines.Contains("trouble disk-failed"), await child.Story());
        Assert.Contains("closed", child.Lines);
        Assert.DoesNotContain(child.Lines, line => line.StartsWith("reads ", StringComparison.Ordinal) && line.Contains("shows", StringComparison.Ordinal));
        for (var task = 1; task <= tasks; task++)
        {
            var said = child.Lines.Where(line => line.StartsWith($"try {task} ", StringComparison.Ordinal) || line.StartsWith($"ack {task} ", StringComparison.Ordinal)).ToArray();
            Assert.StartsWith("try ", said[^1]);
        }

        await RealFolds.Recover(folds, RealFolds.Swear(child));
    }

    [Theory]
    [InlineData("fdatasync:error=EIO:when=", 1)]
    [InlineData("fdatasync:error=EIO:when=", 2)]
    [InlineData("fdatasync:error=EIO:when=", 4)]
    [InlineData("fsync:error=EIO:when=", 1)]
    [InlineData("fsync:error=EIO:when=", 3)]
    [InlineData("pwrite64:error=EIO:when=", 1)]
    [InlineData("pwrite64:error=EIO:when=", 3)]
    public async Task Stop_an_opening_that_meets_them(string injection, int call)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        await using var crashed = ChildProcess.Start("fold", folds, "--tasks", "2", "--appends", "60", "--stay", "true");
        await crashed.Says("finished");
        await crashed.Kill();
        await using var child = await WriteUnder($"{injection}{call}", folds, tasks: 2);

        Assert.DoesNotContain(child.Lines, line => line.StartsWith("opened ", StringComparison.Ordinal));
        await RealFolds.Recover(folds, RealFolds.Swear(crashed, child));
    }

    /// <summary>Only calls that grow a file may answer so, and the next attempt may have better luck.</summary>
    [Theory]
    [InlineData("fallocate:error=ENOSPC:when=1")]
    [InlineData("fallocate:error=ENOSPC:when=2")]
    [InlineData("fallocate:error=EDQUOT:when=3..6")]
    public async Task Pause_the_writer_when_it_is_space_that_they_want(string injection)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        await using var child = await WriteUnder(injection, folds, tasks: 3);

        Assert.True(RealFolds.Swear(child).Acknowledged == 600, await child.Story());
        Assert.Contains(child.Lines, line => line == "waited" || line.StartsWith("waits ", StringComparison.Ordinal));
        Assert.DoesNotContain(child.Lines, line => line.StartsWith("trouble ", StringComparison.Ordinal));
        await RealFolds.Recover(folds, RealFolds.Swear(child));
    }

    [Theory]
    [InlineData("fdatasync:error=EINTR:when=3+4")]
    [InlineData("pwrite64:error=EINTR:when=3+4")]
    [InlineData("pread64:error=EINTR:when=3+4")]
    public async Task Are_made_again_when_a_signal_interrupted_them(string injection)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        var folds = RealFolds.In(directory.Root);
        await using var child = await WriteUnder(injection, folds, tasks: 2);

        Assert.True(RealFolds.Swear(child).Acknowledged == 400, await child.Story());
        await RealFolds.Recover(folds, RealFolds.Swear(child));
    }

    private static async Task<ChildProcess> WriteUnder(string injection, string directory, int tasks)
    {
        string[] options = ["-o", "/dev/null", "-e", $"trace={injection[..injection.IndexOf(':')]}", "-e", $"inject={injection}"];
        var child = ChildProcess.StartTraced(options, "fold", directory, "--tasks", $"{tasks}", "--appends", "200");
        await child.Ends();
        return child;
    }
}
