using Ledgerfold.Seams;
using Ledgerfold.Storage.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class A_linux_disk : DiskContract, IDisposable
{
    // Beside the built tests, because the temporary directory is in memory on many machines.
    private readonly string _root = Path.Combine(AppContext.BaseDirectory, "disks", Path.GetRandomFileName());
    private readonly List<LinuxDisk> _opened = [];
    private readonly LinuxDisk _disk;

    public A_linux_disk() => _disk = Opened(Path.Combine(_root, "ledger"));

    protected override IDisk Missing => _disk;

    public void Dispose()
    {
        foreach (var disk in _opened)
            disk.Dispose();
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Creates_missing_parents()
    {
        var deep = Opened(Path.Combine(_root, "a", "b", "c"));
        deep.CreateDirectory();
        Assert.True(Directory.Exists(deep.Location));
    }

    [Fact]
    public void Refuses_a_directory_where_a_file_stands()
    {
        Directory.CreateDirectory(_root);
        File.WriteAllText(Path.Combine(_root, "file"), "x");
        foreach (var path in new[] { "file", "file/below" })
        {
            var disk = Opened(Path.Combine(_root, path));
            Assert.False(disk.DirectoryExists);
            Assert.Throws<IOException>(disk.CreateDirectory);
        }
    }

    [Fact]
    public void Gives_files_to_their_owner_and_group_only()
    {
        _disk.CreateDirectory();
        _disk.Create("a").Dispose();
        var mode = new FileInfo(Path.Combine(_disk.Location, "a")).UnixFileMode;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode & ~UnixFileMode.GroupRead);
    }

    [Fact]
    public void Keeps_meaning_the_same_directory_when_it_is_renamed()
    {
        _disk.CreateDirectory();
        _disk.Create("a").Dispose();
        Directory.Move(_disk.Location, _disk.Location + "-moved");
        _disk.Create("b").Dispose();
        Assert.Equal(["a", "b"], _disk.List().Order());
        Assert.False(_disk.DirectoryExists);
    }

    [Fact]
    public void Gives_no_lock_on_a_directory_that_was_replaced()
    {
        _disk.CreateDirectory();
        _ = _disk.List();
        Directory.Move(_disk.Location, _disk.Location + "-moved");
        Directory.CreateDirectory(_disk.Location);
        var refusal = Assert.Throws<IOException>(() => _disk.TryLock());
        Assert.Contains("replaced", refusal.Message, StringComparison.Ordinal);
        using var free = Opened(_disk.Location + "-moved").TryLock();
        Assert.NotNull(free);
    }

    [Fact]
    public void Says_that_the_device_is_full()
    {
        using var file = Opened("/dev").Open("full", writable: true);
        var full = Assert.Throws<DiskFullException>(() => file.Write("x"u8, 0));
        Assert.Contains("/dev/full", full.Message, StringComparison.Ordinal);
        Assert.Contains("errno 28", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Never_hides_a_failed_sync()
    {
        // This device cannot be synced: the call answers EINVAL, which the framework's own flush turns into success.
        using var file = Opened("/dev").Open("zero", writable: true);
        var failure = Assert.Throws<IOException>(file.Sync);
        Assert.Contains("fdatasync", failure.Message, StringComparison.Ordinal);
        Assert.Equal(22, failure.HResult);
        Assert.Contains("earlier sync", Assert.Throws<IOException>(file.Sync).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_which_call_on_which_file_failed()
    {
        Directory.CreateDirectory(Path.Combine(_disk.Location, "folder"));
        using var file = _disk.Open("folder", writable: false);
        var failure = Assert.Throws<IOException>(() => file.Read(new byte[1], 0));
        Assert.Contains("read at 0", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_disk.Location, "folder"), failure.Message, StringComparison.Ordinal);
        Assert.Contains("errno 21", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reserves_space_for_real()
    {
        _disk.CreateDirectory();
        using var file = _disk.Create("a");
        file.Reserve(1_000_000);
        Assert.Equal(1_000_000, file.Length);
        var failure = Assert.ThrowsAny<IOException>(() => file.Reserve(1L << 50));
        Assert.Contains("reservation", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1_000_000, file.Length);
    }

    protected override IDisk Elsewhere() => Opened(_disk.Location);

    private LinuxDisk Opened(string directory)
    {
        var disk = new LinuxDisk(directory);
        _opened.Add(disk);
        return disk;
    }
}
