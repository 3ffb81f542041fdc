using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Crashing_in_a_call
{
    private readonly SimulatedDisk _disk = new(1) { WriteBackChance = 0 };

    public Crashing_in_a_call() => _disk.CreateDirectory();

    [Fact]
    public void Before_it_leaves_no_effect()
    {
        using var file = _disk.Create("a");
        _disk.Faults.CrashAt(_disk.CallCount + 2, CrashKind.Kill, CrashMoment.Before);
        file.Write("one"u8, 0);
        Assert.Throws<SimulatedCrashException>(() => file.Write("two"u8, 0));
        Assert.Equal("one"u8, _disk.Content("a"));
    }

    [Fact]
    public void After_it_leaves_the_effect_and_no_answer()
    {
        using var file = _disk.Create("a");
        _disk.SyncDirectory();
        file.Write("one"u8, 0);
        _disk.Faults.Arm(new DiskFault.Crash(CrashKind.PowerCut, CrashMoment.After), DiskCallKind.Sync);
        Assert.Throws<SimulatedCrashException>(file.Sync);
        Assert.Equal("one"u8, _disk.Content("a"));
    }

    [Fact]
    public void During_a_write_leaves_any_of_its_sectors()
    {
        var seen = new HashSet<string>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            var disk = new SimulatedDisk(seed);
            disk.CreateDirectory();
            using var file = disk.Create("a");
            file.Write(new byte[1_536], 0);
            disk.Faults.Arm(new DiskFault.Crash(CrashKind.Kill, CrashMoment.During), DiskCallKind.Write);
            var ones = Enumerable.Repeat((byte)1, 1_536).ToArray();
            Assert.Throws<SimulatedCrashException>(() => file.Write(ones, 0));
            var content = disk.Content("a");
            seen.Add($"{content[0]}{content[512]}{content[1_024]}");
        }

        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void Is_possible_at_every_call_of_a_run()
    {
        var calls = Enumerable.Range(1, 1_000).Select(CrashedAt).TakeWhile(crashed => crashed is not null).ToList();
        Assert.Equal(
            [
                DiskCallKind.CreateDirectory, DiskCallKind.Lock, DiskCallKind.Create, DiskCallKind.Reserve, DiskCallKind.Write,
                DiskCallKind.Sync, DiskCallKind.Rename, DiskCallKind.SyncDirectory, DiskCallKind.List, DiskCallKind.Exists,
                DiskCallKind.Open, DiskCallKind.Prefetch, DiskCallKind.Read, DiskCallKind.Delete,
            ],
            calls.Select(kind => kind!.Value));
        Assert.Equal(Enum.GetValues<DiskCallKind>().Length, calls.Count);

        static DiskCallKind? CrashedAt(int number)
        {
            var disk = new SimulatedDisk((ulong)number);
            disk.Faults.CrashAt(number, CrashKind.PowerCut, CrashMoment.Before);
            try
            {
                Run(disk);
                return null;
            }
            catch (SimulatedCrashException)
            {
                return Enum.GetValues<DiskCallKind>().Single(kind => disk.Trace.CrashesIn(kind) == 1);
            }
        }
    }

    [Fact]
    public void Ends_the_process_for_good()
    {
        var process = _disk.Start();
        var file = process.Create("a");
        using var held = process.TryLock();
        process.Kill();
        Assert.False(process.IsAlive);
        Assert.Throws<SimulatedCrashException>(() => file.Write("x"u8, 0));
        Assert.Throws<SimulatedCrashException>(() => file.Length);
        Assert.Throws<SimulatedCrashException>(() => process.Open("a", writable: false));
        Assert.Throws<SimulatedCrashException>(process.SyncDirectory);
        file.Dispose();
        Assert.Empty(_disk.Content("a"));
    }

    [Fact]
    public void By_a_kill_leaves_other_processes_and_the_page_cache_alone()
    {
        var one = _disk.Start();
        var other = _disk.Start();
        using var ours = one.Create("a");
        using var theirs = other.Create("b");
        ours.Write("x"u8, 0);
        _disk.Faults.Arm(new DiskFault.Crash(CrashKind.Kill, CrashMoment.Before), call => call.Process == one.Number);
        Assert.Throws<SimulatedCrashException>(() => ours.Write("y"u8, 0));
        theirs.Write("z"u8, 0);
        Assert.Equal("x"u8, _disk.Content("a"));
        Assert.Equal("z"u8, _disk.Content("b"));
    }

    [Fact]
    public void By_a_power_cut_ends_every_process()
    {
        var one = _disk.Start();
        var other = _disk.Start();
        using var theirs = other.Create("b");
        _disk.Faults.CrashAt(_disk.CallCount + 1, CrashKind.PowerCut, CrashMoment.Before);
        Assert.Throws<SimulatedCrashException>(() => one.Exists("b"));
        Assert.Throws<SimulatedCrashException>(() => theirs.Write("z"u8, 0));
    }

    [Fact]
    public void Frees_the_lock()
    {
        var process = _disk.Start();
        using var held = process.TryLock();
        Assert.NotNull(held);
        process.Kill();
        using var next = _disk.TryLock();
        Assert.NotNull(next);
        held.Dispose();
        Assert.Null(_disk.Start().TryLock());
    }

    [Fact]
    public void Lets_the_same_disk_be_used_by_the_next_process()
    {
        using var old = _disk.Create("a");
        _disk.Crash(CrashKind.Kill);
        Assert.Throws<SimulatedCrashException>(() => old.Write("x"u8, 0));
        using var file = _disk.Open("a", writable: true);
        file.Write("y"u8, 0);
        Assert.Equal("y"u8, _disk.Content("a"));
    }

    [Fact]
    public void From_the_hook_stops_the_call_that_was_about_to_happen()
    {
        using var file = _disk.Create("a");
        _disk.BeforeCall = call => _disk.Crash(CrashKind.Kill);
        Assert.Throws<SimulatedCrashException>(() => file.Write("x"u8, 0));
        Assert.Empty(_disk.Content("a"));
    }

    private static void Run(SimulatedDisk disk)
    {
        var process = disk.Start();
        process.CreateDirectory();
        using var held = process.TryLock();
        using var file = process.Create("a");
        file.Reserve(4_096);
        file.Write("x"u8, 0);
        file.Sync();
        process.Rename("a", "b");
        process.SyncDirectory();
        process.List();
        process.Exists("b");
        using var read = process.Open("b", writable: false);
        read.Prefetch(0, 10);
        read.Read(new byte[10], 0);
        process.Delete("b");
    }
}
