namespace Ledgerfold.Durability.Tests;

public sealed class Failing_system_calls
{
    /// <summary>The first n of each thread succeed: enough for recovery, so that it is an append that meets the failure.</summary>
    [Theory]
    [InlineData("fsync,fdatasync:error=EIO:when=9+", 1)]
    [InlineData("fsync,fdatasync:error=EIO:when=9+", 4)]
    [InlineData("fsync,fdatasync:error=EIO:when=12", 4)]
    [InlineData("fdatasync:error=ENOSPC:when=12", 4)]
    [InlineData("pwrite64:error=ENOSPC:when=12", 4)]
    [InlineData("pwrite64:error=EIO:when=12+", 1)]
    [InlineData("pwrite64:error=EIO:when=12", 4)]
    [InlineData("pwrite64:error=EROFS:when=15+", 4)]
    public async Task Acknowledge_nothing_after_the_first_failure(string injection, int tasks)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = await WriteUnder(injection, directory.Ledger, tasks);

        Assert.Equal(0, child.ExitCode);
        Assert.Contains("trouble disk-failed", child.Lines);
        Assert.Contains("closed", child.Lines);
        Assert.Contains(child.Lines, line => line.StartsWith("indeterminate ", StringComparison.Ordinal));
        var told = child.Lines.TakeWhile(line => !line.StartsWith("indeterminate ", StringComparison.Ordinal)).ToArray();
        var triedLater = child.Lines.Skip(told.Length).Where(line => line.StartsWith("try ", StringComparison.Ordinal));
        foreach (var deed in triedLater.Select(line => line[4..]))
            Assert.DoesNotContain(child.Lines, line => line.StartsWith($"ack {deed} ", StringComparison.Ordinal));
        Assert.InRange(told.Count(line => line.StartsWith("ack ", StringComparison.Ordinal)), 1, tasks * 12);
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    [Fact]
    public async Task Leave_reads_alive()
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = await WriteUnder("fdatasync:error=EIO:when=9+", directory.Ledger, tasks: 1);

        var acknowledged = Swearing.Of(child).Acknowledged.Count;

        Assert.Contains($"reads {acknowledged}", child.Lines);
    }

    [Theory]
    [InlineData("fdatasync:error=EIO:when=", 1)]
    [InlineData("fdatasync:error=EIO:when=", 2)]
    [InlineData("fdatasync:error=EIO:when=", 3)]
    [InlineData("fdatasync:error=EIO:when=", 4)]
    [InlineData("fsync:error=EIO:when=", 1)]
    [InlineData("fsync:error=EIO:when=", 2)]
    [InlineData("pwrite64:error=EIO:when=", 1)]
    [InlineData("pwrite64:error=EIO:when=", 3)]
    public async Task Stop_an_opening_that_meets_them(string injection, int call)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var crashed = ChildProcess.Start(
            "write", directory.Ledger, "--generation", "1", "--appends", "20", "--stay", "true", "--vouch-seconds", "3600");
        await crashed.Says("finished");
        await crashed.Kill();
        await using var child = await WriteUnder($"{injection}{call}", directory.Ledger, tasks: 2);

        Assert.DoesNotContain(child.Lines, line => line.StartsWith("opened ", StringComparison.Ordinal));
        await OnDisk.Recover(directory.Ledger, Swearing.Of(crashed, child));
    }

    /// <summary>Only calls that grow a file may answer so, and the next attempt may have better luck.</summary>
    [Theory]
    [InlineData("fallocate:error=ENOSPC:when=2")]
    [InlineData("fallocate:error=EDQUOT:when=3..6")]
    [InlineData("fallocate:error=ENOSPC:when=5..12")]
    public async Task Pause_the_writer_when_it_is_space_that_they_want(string injection)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = await WriteUnder(injection, directory.Ledger, tasks: 3, segmentBytes: 16 * 1024);

        Assert.True(Swearing.Of(child).Acknowledged.Count == 600, await child.Story());
        Assert.Equal(0, child.ExitCode);
        Assert.DoesNotContain(child.Lines, line => line.StartsWith("trouble ", StringComparison.Ordinal));
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    [Theory]
    [InlineData("fdatasync:error=EINTR:when=3+4")]
    [InlineData("pwrite64:error=EINTR:when=3+4")]
    [InlineData("fallocate:error=EINTR:when=1+2")]
    public async Task Are_made_again_when_a_signal_interrupted_them(string injection)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = await WriteUnder(injection, directory.Ledger, tasks: 2, segmentBytes: 16 * 1024);

        Assert.True(Swearing.Of(child).Acknowledged.Count == 400, await child.Story());
        Assert.Equal(0, child.ExitCode);
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    /// <summary>A roll, and the index of a sealed segment, name a file and sync the directory.</summary>
    [Theory]
    [InlineData("renameat:error=EIO:when=1+")]
    [InlineData("fsync:error=EIO:when=3+")]
    public async Task Stop_the_writer_when_they_name_files(string injection)
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        await using var child = await WriteUnder(injection, directory.Ledger, tasks: 3, segmentBytes: 8 * 1024);

        Assert.True(child.Lines.Contains("trouble disk-failed"), await child.Story());
        await OnDisk.Recover(directory.Ledger, Swearing.Of(child));
    }

    /// <summary>The injected call answers that it wrote some bytes, and writes none: a disk that lies, in the middle of a batch.</summary>
    [Fact]
    public async Task Are_found_when_a_write_never_reached_the_disk()
    {
        Needs.Strace();
        using var directory = new TestDirectory();
        OnDisk.Create(directory.Ledger);
        var segment = Directory.GetFiles(directory.Ledger, "segment-*").Single();
        string[] options = ["-o", "/dev/null", "-P", segment, "-e", "trace=pwrite64", "-e", "inject=pwrite64:retval=40:when=6"];
        await using var child = ChildProcess.StartTraced(
            options, "write", directory.Ledger, "--generation", "2", "--appends", "20", "--segment", "65536");
        await child.Ends();

        using var disk = new Storage.Disk.LinuxDisk(directory.Ledger);
        Assert.False(Storage.LedgerMaintenance.Verify(OnDisk.OptionsOn(disk)).IsSound);
        await using var ledger = Storage.EmbeddedLedger.Open(OnDisk.OptionsOn(disk));
        Assert.Equal("damaged", ledger.Health.Trouble?.Code);
        Assert.Contains("closed", child.Lines);
    }

    private static async Task<ChildProcess> WriteUnder(string injection, string directory, int tasks, int segmentBytes = 65536)
    {
        string[] options = ["-o", "/dev/null", "-e", $"trace={injection[..injection.IndexOf(':')]}", "-e", $"inject={injection}"];
        var child = ChildProcess.StartTraced(
            options, "write", directory, "--generation", "2", "--tasks", $"{tasks}", "--appends", "200", "--segment", $"{segmentBytes}");
        await child.Ends();
        return child;
    }
}
