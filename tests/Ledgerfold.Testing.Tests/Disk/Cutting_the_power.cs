using Ledgerfold.Seams;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Testing.Tests.Disk;

public sealed class Cutting_the_power
{
    private const int Seeds = 300;

    [Fact]
    public void Keeps_what_was_synced_whatever_the_seed()
    {
        Each(disk =>
        {
            using var file = disk.Create("a");
            file.Write(Filled(3_000, 1), 0);
            file.Sync();
            disk.SyncDirectory();
            disk.Crash(CrashKind.PowerCut);
            Assert.Equal(Filled(3_000, 1), disk.Content("a"));
        });
    }

    [Fact]
    public void May_lose_or_keep_a_name_whose_directory_was_not_synced()
    {
        var kept = Count(disk =>
        {
            using var file = disk.Create("a");
            file.Write("x"u8, 0);
            file.Sync();
            disk.Crash(CrashKind.PowerCut);
            return disk.Exists("a");
        });
        Assert.InRange(kept, Seeds / 5, Seeds * 4 / 5);
    }

    [Fact]
    public void May_lose_or_keep_the_bytes_of_a_file_whose_name_is_durable()
    {
        var kept = Count(disk =>
        {
            using var file = disk.Create("a");
            disk.SyncDirectory();
            file.Write("x"u8, 0);
            disk.Crash(CrashKind.PowerCut);
            Assert.True(disk.Content("a") is [] or [0] or [(byte)'x']);
            return disk.Content("a") is [(byte)'x'];
        });
        Assert.InRange(kept, Seeds / 10, Seeds * 4 / 5);
    }

    [Fact]
    public void May_lose_again_what_is_written_after_the_first_time()
    {
        var lost = Count(disk =>
        {
            Put(disk, "a", 1);
            disk.SyncDirectory();
            disk.Crash(CrashKind.PowerCut);
            using (var file = disk.Open("a", writable: true))
                file.Write(Filled(512, 2), 0);
            disk.Crash(CrashKind.PowerCut);
            return disk.Content("a")[0] == 1;
        });
        Assert.InRange(lost, Seeds / 5, Seeds * 4 / 5);
    }

    [Fact]
    public void Tears_an_overwrite_at_any_sector()
    {
        var seen = new HashSet<string>();
        Each(disk =>
        {
            using var file = disk.Create("a");
            file.Write(Filled(1_536, 1), 0);
            file.Sync();
            disk.SyncDirectory();
            file.Write(Filled(1_536, 2), 0);
            disk.Crash(CrashKind.PowerCut);
            var content = disk.Content("a");
            Assert.Equal(1_536, content.Length);
            foreach (var sector in content.Chunk(512))
                Assert.True(sector.All(value => value == 1) || sector.All(value => value == 2));
            seen.Add($"{content[0]}{content[512]}{content[1_024]}");
        });
        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void May_keep_a_version_between_two_syncs_that_was_overwritten_since()
    {
        var between = Count(disk =>
        {
            disk.WriteBackChance = 0.5;
            using var file = disk.Create("a");
            disk.SyncDirectory();
            foreach (var version in Enumerable.Range(1, 4))
                file.Write(Filled(512, (byte)version), 0);
            disk.Crash(CrashKind.PowerCut);
            return disk.Content("a") is [1 or 2 or 3, ..];
        });
        Assert.NotEqual(0, between);
    }

    [Fact]
    public void May_grow_a_file_by_a_part_of_what_was_appended()
    {
        var lengths = new HashSet<int>();
        Each(disk =>
        {
            using var file = disk.Create("a");
            file.Write(Filled(700, 1), 0);
            file.Sync();
            disk.SyncDirectory();
            file.Write(Filled(3_000, 2), 700);
            disk.Crash(CrashKind.PowerCut);
            var content = disk.Content("a");
            Assert.Equal(Filled(700, 1), content[..700]);
            Assert.DoesNotContain(content[700..], value => value is not (0 or 2));
            lengths.Add(content.Length);
        });
        Assert.Contains(700, lengths);
        Assert.Contains(3_700, lengths);
        Assert.Contains(lengths, length => length is > 700 and < 3_700);
    }

    [Fact]
    public void Shows_no_bytes_beyond_a_length_that_was_lost()
    {
        Each(disk =>
        {
            using var file = disk.Create("a");
            disk.SyncDirectory();
            file.Write(Filled(3_000, 2), 0);
            disk.Crash(CrashKind.PowerCut);
            var length = disk.Content("a").Length;
            using var again = disk.Open("a", writable: true);
            again.Reserve(4_000);
            var grown = new byte[4_000 - length];
            again.Read(grown, length);
            Assert.Equal(new byte[4_000 - length], grown);
        });
    }

    [Fact]
    public void Keeps_one_of_the_two_names_of_a_rename()
    {
        var moved = Count(disk =>
        {
            Put(disk, "new", 2);
            Put(disk, "old", 1);
            disk.SyncDirectory();
            disk.Rename("new", "old");
            disk.Crash(CrashKind.PowerCut);
            var replaced = !disk.Exists("new");
            Assert.Equal(Filled(600, (byte)(replaced ? 2 : 1)), disk.Content("old"));
            return replaced;
        });
        Assert.InRange(moved, Seeds / 5, Seeds * 4 / 5);
    }

    [Fact]
    public void Never_leaves_a_file_under_two_names()
    {
        Each(disk =>
        {
            Put(disk, "a", 1);
            disk.Rename("a", "b");
            disk.Rename("b", "c");
            disk.Crash(CrashKind.PowerCut);
            Assert.InRange(disk.Names().Count, 0, 1);
        });
    }

    [Fact]
    public void May_bring_back_what_was_deleted()
    {
        var back = Count(disk =>
        {
            Put(disk, "a", 1);
            disk.SyncDirectory();
            disk.Delete("a");
            disk.Crash(CrashKind.PowerCut);
            return disk.Exists("a") && disk.Content("a").SequenceEqual(Filled(600, 1));
        });
        Assert.InRange(back, Seeds / 5, Seeds * 4 / 5);
    }

    [Fact]
    public void Loses_changes_of_names_each_by_itself()
    {
        var seen = new HashSet<string>();
        Each(disk =>
        {
            disk.Create("a").Dispose();
            disk.Create("b").Dispose();
            disk.Create("c").Dispose();
            disk.Crash(CrashKind.PowerCut);
            seen.Add(string.Concat(disk.Names()));
        });
        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void Keeps_names_that_a_directory_sync_made_durable_after_any_changes()
    {
        Each(disk =>
        {
            disk.WriteBackChance = 1;
            Put(disk, "a", 1);
            Put(disk, "b", 2);
            disk.Rename("a", "b");
            Put(disk, "a", 3);
            disk.Rename("a", "c");
            disk.Delete("b");
            disk.SyncDirectory();
            disk.Crash(CrashKind.PowerCut);
            Assert.Equal(["c"], disk.Names());
            Assert.Equal(Filled(600, 3), disk.Content("c"));
        });
    }

    [Fact]
    public void Says_beforehand_what_is_certain()
    {
        var disk = new SimulatedDisk(1) { WriteBackChance = 0 };
        disk.CreateDirectory();
        using var file = disk.Create("a");
        file.Write("first"u8, 0);
        file.Sync();
        Assert.Empty(disk.DurableNames());
        disk.SyncDirectory();
        file.Write("later"u8, 0);
        Assert.Equal(["a"], disk.DurableNames());
        Assert.Equal("first"u8, disk.DurableContent("a"));
        Assert.Equal("later"u8, disk.Content("a"));
    }

    [Fact]
    public void Takes_the_old_name_with_a_rename_even_where_the_file_before_it_was_to_come_back()
    {
        Each(disk =>
        {
            Put(disk, "a", 1);
            disk.SyncDirectory();
            disk.Delete("a");
            Put(disk, "a", 2);
            disk.Rename("a", "b");
            disk.Crash(CrashKind.PowerCut);
            Assert.False(disk.Exists("a") && disk.Exists("b"));
        });
    }

    [Fact]
    public void Leaves_every_sector_at_a_version_it_had_since_the_last_sync()
    {
        Each((disk, seed) =>
        {
            var random = new SeededRandom(seed);
            disk.Create("a").Dispose();
            disk.SyncDirectory();
            var possible = Enumerable.Range(0, 8).Select(_ => new HashSet<byte> { 0 }).ToArray();
            for (byte round = 0; round < 3; round++)
            {
                using var file = disk.Open("a", writable: true);
                for (byte step = 1; step < 20; step++)
                {
                    var first = random.Below(8);
                    var count = random.Between(1, 8 - first);
                    var version = (byte)((round * 20) + step);
                    file.Write(Filled(count * 512, version), first * 512);
                    for (var sector = first; sector < first + count; sector++)
                        possible[sector].Add(version);
                    if (!random.OneIn(6))
                        continue;
                    file.Sync();
                    possible = Versions(disk).Select(only => new HashSet<byte> { only }).ToArray();
                }

                disk.Crash(CrashKind.PowerCut);
                Assert.All(Versions(disk), (version, sector) => Assert.Contains(version, possible[sector]));
                possible = Versions(disk).Select(only => new HashSet<byte> { only }).ToArray();
            }
        });

        static byte[] Versions(SimulatedDisk disk)
        {
            var content = disk.Content("a");
            return [.. Enumerable.Range(0, 8).Select(sector => content.ElementAtOrDefault(sector * 512))];
        }
    }

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static void Put(SimulatedDisk disk, string name, byte value)
    {
        using var file = disk.Create(name);
        file.Write(Filled(600, value), 0);
        file.Sync();
    }

    private static void Each(Action<SimulatedDisk> run) => Each((disk, _) => run(disk));

    private static void Each(Action<SimulatedDisk, ulong> run)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var disk = new SimulatedDisk((ulong)seed);
            disk.CreateDirectory();
            run(disk, (ulong)seed);
        }
    }

    private static int Count(Func<SimulatedDisk, bool> holds)
    {
        var count = 0;
        Each(disk => count += holds(disk) ? 1 : 0);
        return count;
    }
}
