using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Failing_other_calls
{
    private readonly SimulatedDisk _disk = new(3) { WriteBackChance = 0 };

    public Failing_other_calls() => _disk.CreateDirectory();

    [Fact]
    public void Strikes_the_nth_call_of_a_kind_and_no_other()
    {
        using var file = _disk.Create("a");
        _disk.Faults.Fail(DiskCallKind.Read, nth: 3);
        file.Read(new byte[1], 0);
        file.Write("x"u8, 0);
        file.Read(new byte[1], 0);
        Assert.Throws<IOException>(() => file.Read(new byte[1], 0));
        file.Read(new byte[1], 0);
        Assert.Equal(0, _disk.Faults.Count);
    }

    [Fact]
    public void Strikes_the_file_that_is_named()
    {
        using var one = _disk.Create("a");
        using var other = _disk.Create("b");
        _disk.Faults.Arm(new DiskFault.Failure(), call => call is { Kind: DiskCallKind.Write, File: "b" });
        one.Write("x"u8, 0);
        Assert.Throws<IOException>(() => other.Write("x"u8, 0));
    }

    [Theory]
    [InlineData(DiskCallKind.Create)]
    [InlineData(DiskCallKind.Rename)]
    [InlineData(DiskCallKind.Delete)]
    public void Leaves_open_whether_a_change_of_a_name_happened(DiskCallKind kind)
    {
        var happened = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory();
            disk.Create("old").Dispose();
            disk.Faults.Fail(kind);
            Assert.Throws<IOException>(() => Change(disk, kind));
            happened += disk.Names() is ["old"] ? 0 : 1;
        }

        Assert.InRange(happened, 20, 80);

        static void Change(SimulatedDisk disk, DiskCallKind kind)
        {
            if (kind == DiskCallKind.Create)
                disk.Create("new").Dispose();
            else if (kind == DiskCallKind.Rename)
                disk.Rename("old", "new");
            else
                disk.Delete("old");
        }
    }

    [Fact]
    public void Stops_a_short_write_within_its_bytes()
    {
        var lengths = new HashSet<int>();
        for (var nth = 0; nth < 100; nth++)
        {
            using var file = _disk.Create($"file-{nth}");
            _disk.Faults.Arm(new DiskFault.ShortWrite(), DiskCallKind.Write);
            Assert.Throws<IOException>(() => file.Write([1, 2, 3, 4, 5], 0));
            var content = _disk.Content($"file-{nth}");
            Assert.Equal(new byte[] { 1, 2, 3, 4, 5 }[..content.Length], content);
            lengths.Add(content.Length);
        }

        Assert.Equal([0, 1, 2, 3, 4], lengths.Order());
    }

    [Fact]
    public void Refuses_every_change_of_a_read_only_file_system()
    {
        using var file = _disk.Create("a");
        file.Write("x"u8, 0);
        _disk.ReadOnly = true;
        Assert.Throws<IOException>(() => file.Write("y"u8, 0));
        Assert.Throws<IOException>(() => file.Reserve(10));
        Assert.Throws<IOException>(file.Sync);
        Assert.Throws<IOException>(() => _disk.Create("b"));
        Assert.Throws<IOException>(() => _disk.Rename("a", "b"));
        Assert.Throws<IOException>(() => _disk.Delete("a"));
        Assert.Throws<IOException>(() => _disk.Open("a", writable: true));
        Assert.Equal(1, file.Read(new byte[9], 0));
        using var reader = _disk.Open("a", writable: false);
        Assert.Equal(1, reader.Length);
        _disk.ReadOnly = false;
        file.Sync();
    }

    [Fact]
    public void Does_not_tell_of_a_prefetch_that_failed()
    {
        using var file = _disk.Create("a");
        _disk.Faults.Fail(DiskCallKind.Prefetch);
        file.Prefetch(0, 100);
        Assert.Equal(0, _disk.Faults.Count);
    }

    [Fact]
    public void Stops_when_faults_are_cleared()
    {
        using var file = _disk.Create("a");
        _disk.Faults.Fail(DiskCallKind.Write);
        _disk.Faults.Clear();
        file.Write("x"u8, 0);
    }
}
