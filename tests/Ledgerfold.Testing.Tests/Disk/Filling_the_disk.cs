using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Filling_the_disk
{
    private readonly SimulatedDisk _disk = new(3) { WriteBackChance = 0 };

    public Filling_the_disk() => _disk.CreateDirectory();

    [Fact]
    public void Lets_a_write_in_as_far_as_there_is_space()
    {
        using var file = _disk.Create("a");
        _disk.Capacity = _disk.Used + 1_024;
        Assert.Throws<DiskFullException>(() => file.Write(new byte[2_000], 100));
        Assert.Equal(1_024, file.Length);
    }

    [Fact]
    public void Leaves_the_length_where_a_reservation_finds_no_space()
    {
        using var file = _disk.Create("a");
        file.Write("x"u8, 0);
        _disk.Capacity = _disk.Used + 1_024;
        Assert.Throws<DiskFullException>(() => file.Reserve(10_000));
        Assert.Equal(1, file.Length);
        file.Reserve(1_536);
    }

    [Fact]
    public void Takes_nothing_from_space_that_was_reserved_or_written_before()
    {
        using var file = _disk.Create("a");
        file.Write(new byte[512], 0);
        file.Reserve(4_096);
        _disk.Capacity = _disk.Used;
        file.Write(Enumerable.Repeat((byte)1, 4_096).ToArray(), 0);
        Assert.Throws<DiskFullException>(() => file.Write("x"u8, 4_096));
        file.Sync();
    }

    [Fact]
    public void Refuses_a_new_file()
    {
        _disk.Capacity = _disk.Used + 100;
        Assert.Throws<DiskFullException>(() => _disk.Create("a"));
        Assert.False(_disk.Exists("a"));
    }

    [Fact]
    public void Ends_when_there_is_more_space()
    {
        using var file = _disk.Create("a");
        _disk.Capacity = _disk.Used;
        Assert.Throws<DiskFullException>(() => file.Write("x"u8, 0));
        _disk.Capacity += 512;
        file.Write("x"u8, 0);
    }

    [Fact]
    public void Ends_when_a_file_is_deleted_that_nobody_has_open()
    {
        var old = _disk.Create("old");
        old.Write(new byte[512], 0);
        using var file = _disk.Create("a");
        _disk.Capacity = _disk.Used;
        _disk.Delete("old");
        Assert.Throws<DiskFullException>(() => file.Write("x"u8, 0));
        old.Dispose();
        file.Write("x"u8, 0);
        Assert.Equal(1_024, _disk.Used);
    }

    [Fact]
    public void Strikes_one_call_when_it_is_armed_as_a_fault()
    {
        using var file = _disk.Create("a");
        _disk.Faults.Arm(new DiskFault.Full(), DiskCallKind.Reserve);
        Assert.Throws<DiskFullException>(() => file.Reserve(10));
        Assert.Equal(0, file.Length);
        file.Reserve(10);
        _disk.Faults.Arm(new DiskFault.Full(), DiskCallKind.Write);
        Assert.Throws<DiskFullException>(() => file.Write("x"u8, 0));
    }

    [Fact]
    public void Counts_again_after_a_power_cut()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory();
            using var file = disk.Create("a");
            disk.SyncDirectory();
            file.Write(new byte[3_000], 0);
            file.Reserve(6_000);
            disk.Crash(CrashKind.PowerCut);
            Assert.InRange(disk.Used, 512, 512 + 6_144);
            disk.Capacity = disk.Used;
            using var again = disk.Open("a", writable: true);
            Assert.Throws<DiskFullException>(() => again.Write(new byte[513], 6_144));
        }
    }
}
