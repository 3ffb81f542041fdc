using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class A_simulated_disk : DiskContract
{
    private readonly SimulatedDisk _disk = new(1) { WriteBackChance = 0.5 };

    protected override IDisk Missing => _disk;

    protected override IDisk Elsewhere() => _disk.Start();

    [Fact]
    public void Traces_the_same_calls_and_bytes_for_the_same_seed()
    {
        Assert.Equal(Ran(7).Trace.Hash, Ran(7).Trace.Hash);
        Assert.Equal(Ran(7).Trace.Calls, Ran(7).Trace.Calls);
        Assert.NotEqual(Ran(7).Trace.Hash, Ran(8).Trace.Hash);
    }

    [Fact]
    public void Ends_the_same_for_the_same_seed()
    {
        var one = Ran(7);
        var other = Ran(7);
        Assert.Equal(one.Names(), other.Names());
        Assert.All(one.Names(), name => Assert.Equal(one.Content(name), other.Content(name)));
    }

    [Fact]
    public void Counts_its_calls_by_kind()
    {
        _disk.CreateDirectory();
        using var file = _disk.Create("a");
        file.Write("x"u8, 3);
        file.Write("y"u8, 4);
        Assert.Equal(4, _disk.CallCount);
        Assert.Equal(2, _disk.Trace.CallsOf(DiskCallKind.Write));
        Assert.Equal(0, _disk.Trace.CallsOf(DiskCallKind.Sync));
        Assert.Equal(new DiskCall(4, 1, DiskCallKind.Write, "a", 4, 1), _disk.Trace.Calls[^1]);
    }

    [Fact]
    public void Lets_a_test_look_before_each_call()
    {
        var seen = new List<string>();
        _disk.BeforeCall = call => seen.Add($"{call.Kind} {_disk.Names().Count}");
        _disk.CreateDirectory();
        _disk.Create("a").Dispose();
        _disk.Create("b").Dispose();
        Assert.Equal(["CreateDirectory 0", "Create 0", "Create 1"], seen);
    }

    [Fact]
    public void Takes_little_memory_for_a_large_reservation()
    {
        _disk.CreateDirectory();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = _disk.Create("a");
        file.Reserve(256 << 20);
        file.Write("x"u8, 200 << 20);
        file.Sync();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Forks_into_a_disk_of_its_own()
    {
        _disk.CreateDirectory();
        using var file = _disk.Create("a");
        file.Write("one"u8, 0);
        var fork = _disk.Fork(2);
        file.Write("two"u8, 0);
        fork.Create("b").Dispose();
        Assert.Equal("one"u8, fork.Content("a"));
        Assert.Equal("two"u8, _disk.Content("a"));
        Assert.Equal(["a"], _disk.Names());
        Assert.Empty(fork.DurableNames());
    }

    [Fact]
    public void Shows_a_lie_about_the_lock_only_when_told_to()
    {
        _disk.CreateDirectory();
        using var first = _disk.TryLock();
        Assert.Null(_disk.Start().TryLock());
        _disk.LocksDefeated = true;
        Assert.NotNull(_disk.Start().TryLock());
    }

    private static SimulatedDisk Ran(ulong seed)
    {
        var disk = new SimulatedDisk(seed);
        var random = new SeededRandom(seed);
        disk.CreateDirectory();
        for (var step = 0; step < 200; step++)
        {
            var name = $"file-{random.Below(4)}";
            if (!disk.Exists(name))
                disk.Create(name).Dispose();
            using (var file = disk.Open(name, writable: true))
            {
                var bytes = new byte[random.Below(3_000)];
                random.Fill(bytes);
                file.Write(bytes, random.Below(5_000));
                if (random.OneIn(4))
                    file.Sync();
            }

            if (random.OneIn(9))
                disk.SyncDirectory();
            if (random.OneIn(30))
                disk.Crash(random.Coin() ? CrashKind.Kill : CrashKind.PowerCut);
        }

        return disk;
    }
}
