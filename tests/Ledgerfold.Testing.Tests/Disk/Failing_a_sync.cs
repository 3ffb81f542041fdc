using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Failing_a_sync
{
    private readonly SimulatedDisk _disk = new(3) { WriteBackChance = 0 };
    private readonly IDiskFile _file;

    public Failing_a_sync()
    {
        _disk.CreateDirectory();
        _file = _disk.Create("a");
        _file.Write(Filled(1), 0);
        _file.Sync();
        _disk.SyncDirectory();
    }

    [Fact]
    public void Answers_with_an_error_once_and_reads_stay_right()
    {
        FailOnce();
        _file.Sync();
        Assert.Equal(Filled(2), _disk.Content("a"));
    }

    [Fact]
    public void Loses_what_was_not_durable_although_the_next_sync_answers_well()
    {
        FailOnce();
        _file.Sync();
        _disk.Crash(CrashKind.PowerCut);
        Assert.NotEqual(Filled(2), _disk.Content("a"));
    }

    [Fact]
    public void Loses_it_for_readers_too_when_the_cache_is_evicted()
    {
        FailOnce();
        _disk.EvictCache();
        Assert.NotEqual(Filled(2), _disk.Content("a"));
    }

    [Fact]
    public void Loses_what_is_written_again_in_place()
    {
        FailOnce();
        _file.Write(Filled(2), 0);
        _file.Sync();
        _disk.Crash(CrashKind.PowerCut);
        Assert.NotEqual(Filled(2), _disk.Content("a"));
    }

    [Fact]
    public void Outlives_the_process()
    {
        FailOnce();
        _disk.Crash(CrashKind.Kill);
        using (var again = _disk.Open("a", writable: true))
        {
            Assert.Equal(Filled(2), _disk.Content("a"));
            again.Sync();
        }

        _disk.Crash(CrashKind.PowerCut);
        Assert.NotEqual(Filled(2), _disk.Content("a"));
    }

    [Fact]
    public void Is_survived_by_a_copy_in_another_file()
    {
        FailOnce();
        using (var copy = _disk.Create("b"))
        {
            copy.Write(_disk.Content("a"), 0);
            copy.Sync();
        }

        _disk.SyncDirectory();
        _disk.Crash(CrashKind.PowerCut);
        Assert.Equal(Filled(2), _disk.Content("b"));
    }

    [Fact]
    public void Ends_with_the_power_cut()
    {
        FailOnce();
        _disk.Crash(CrashKind.PowerCut);
        using (var again = _disk.Open("a", writable: true))
        {
            again.Write(Filled(3), 0);
            again.Sync();
        }

        _disk.Crash(CrashKind.PowerCut);
        Assert.Equal(Filled(3), _disk.Content("a"));
    }

    [Fact]
    public void By_a_lie_answers_well_and_keeps_nothing_for_certain()
    {
        var kept = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory();
            disk.Faults.LyingSyncs = true;
            using var file = disk.Create("a");
            file.Write("x"u8, 0);
            file.Sync();
            disk.SyncDirectory();
            disk.Crash(CrashKind.PowerCut);
            kept += disk.Exists("a") && disk.Content("a") is [(byte)'x'] ? 1 : 0;
        }

        Assert.InRange(kept, 20, 180);
    }

    [Fact]
    public void Of_the_directory_leaves_names_open()
    {
        using var other = _disk.Create("b");
        other.Sync();
        _disk.Faults.Fail(DiskCallKind.SyncDirectory);
        Assert.Throws<IOException>(_disk.SyncDirectory);
        Assert.True(_disk.Exists("b"));
    }

    private static byte[] Filled(byte value) => Enumerable.Repeat(value, 20_000).ToArray();

    private void FailOnce()
    {
        _file.Write(Filled(2), 0);
        _disk.Faults.Fail(DiskCallKind.Sync);
        Assert.Throws<IOException>(_file.Sync);
    }
}
