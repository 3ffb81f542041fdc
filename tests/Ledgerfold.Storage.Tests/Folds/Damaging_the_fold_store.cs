using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

/// <summary>Whatever is done to the files: the store says what it held, or that it is damaged, and never anything else.</summary>
public sealed class Damaging_the_fold_store
{
    private const int Batches = 12;

    [Fact]
    public async Task Every_bit_of_a_log_counts()
    {
        var folds = await FoldsOnDisk.Holding(3);
        await EveryBit(folds, folds.Disk.Names().Single(name => name.StartsWith("log-", StringComparison.Ordinal)), 3);
    }

    /// <summary>What was vouched for is not taken for torn, whichever of its sectors the disk loses.</summary>
    [Fact]
    public async Task Every_sector_of_a_log_counts()
    {
        var folds = await FoldsOnDisk.Holding(3);
        var log = NameOfLog(folds);
        var content = folds.Disk.Content(log);
        var vouch = content.AsSpan().LastIndexOfAnyExcept((byte)0) / 512 * 512;
        Assert.True(content.AsSpan(vouch).StartsWith("LFFV"u8));
        for (var sector = 1024; sector < vouch; sector += 512)
        {
            var lost = folds.Fork();
            lost.Disk.Corrupt.Overwrite(log, sector, new byte[512]);
            Assert.Throws<FoldsDamagedException>(() => lost.Open());
        }
    }

    /// <summary>Only what nothing vouches for may have been torn: the sign is gone, and so is the batch, with its position.</summary>
    [Fact]
    public async Task A_last_batch_that_nothing_vouches_for_may_be_dropped_whole()
    {
        var folds = await FoldsOnDisk.Holding(3);
        var log = NameOfLog(folds);
        var vouch = folds.Disk.Content(log).AsSpan().LastIndexOfAnyExcept((byte)0) / 512 * 512;
        folds.Disk.Corrupt.Overwrite(log, vouch, new byte[512]);
        Assert.Equal(await FoldsOnDisk.ContentAfter(3), await FoldsOnDisk.ContentOf(folds.Fork().Open()));
        folds.Disk.Corrupt.Overwrite(log, vouch - 512, new byte[512]);

        Assert.Equal(await FoldsOnDisk.ContentAfter(2), await FoldsOnDisk.ContentOf(folds.Open()));
    }

    [Fact]
    public async Task Every_bit_of_a_manifest_counts()
    {
        var folds = await FoldsOnDisk.Holding(Batches, memoryBytes: 4096);
        await EveryBit(folds, folds.Disk.Names().Single(name => name.StartsWith("manifest-", StringComparison.Ordinal)), Batches);
    }

    [Fact]
    public async Task Bits_of_a_table_count()
    {
        var folds = await FoldsOnDisk.Holding(Batches, memoryBytes: 4096);
        foreach (var table in folds.Disk.Names().Where(name => name.StartsWith("table-", StringComparison.Ordinal)))
            await EveryBit(folds, table, Batches, step: 997);
    }

    [Fact]
    public async Task A_log_may_not_be_cut_anywhere()
    {
        var folds = await FoldsOnDisk.Holding(20);
        await EveryLength(folds, folds.Disk.Names().Single(name => name.StartsWith("log-", StringComparison.Ordinal)), 20, step: 31);
    }

    [Fact]
    public async Task A_manifest_may_not_be_cut_anywhere()
    {
        var folds = await FoldsOnDisk.Holding(Batches, memoryBytes: 4096);
        await EveryLength(folds, folds.Disk.Names().Single(name => name.StartsWith("manifest-", StringComparison.Ordinal)), Batches, step: 1);
    }

    [Fact]
    public async Task A_table_may_not_be_cut_anywhere()
    {
        var folds = await FoldsOnDisk.Holding(Batches, memoryBytes: 4096);
        var table = folds.Disk.Names().First(name => name.StartsWith("table-", StringComparison.Ordinal));
        await EveryLength(folds, table, Batches, step: 61);
    }

    [Fact]
    public async Task Any_one_file_may_be_missing_but_not_unnoticed()
    {
        var folds = await FoldsOnDisk.Holding(Batches, memoryBytes: 4096);
        foreach (var name in folds.Disk.Names())
        {
            var without = folds.Fork();
            without.Disk.Corrupt.Delete(name);
            await IsRightOrDamaged(without, Batches, $"without {name}");
            if (!name.StartsWith("claim-", StringComparison.Ordinal) && IsNamedByManifest(folds, name))
                Assert.Throws<FoldsDamagedException>(() => without.Fork(3).Open());
        }
    }

    [Fact]
    public async Task Nothing_at_all_is_a_new_store()
    {
        var folds = await FoldsOnDisk.Holding(2);
        foreach (var name in folds.Disk.Names())
            folds.Disk.Corrupt.Delete(name);

        Assert.Empty(await folds.Open().List(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Files_of_another_store_are_refused()
    {
        var (mine, other) = (await FoldsOnDisk.Holding(3), new FoldsOnDisk(9));
        other.Chance.Fill(new byte[64]); // so that its ids are others
        var store = other.Open();
        await store.WriteNow(FoldsOnDisk.Batch(1));
        other.Disk.Crash(CrashKind.Kill);
        var (own, foreign) = (NameOfLog(mine), NameOfLog(other));
        mine.Disk.Corrupt.Replace(own, other.Disk.Content(foreign));

        Assert.Throws<FoldsDamagedException>(() => mine.Open());
    }

    [Fact]
    public async Task A_reset_makes_room_for_a_new_store()
    {
        var folds = await FoldsOnDisk.Holding(3);
        folds.Disk.Corrupt.Delete(folds.Disk.Names().Single(name => name.StartsWith("manifest-", StringComparison.Ordinal)));
        Assert.Throws<FoldsDamagedException>(() => folds.Open());
        folds.Disk.Crash(CrashKind.Kill);

        EmbeddedFoldStore.Reset(folds.OptionsOn(folds.Disk.Start()));
        folds.Disk.Crash(CrashKind.PowerCut);

        var store = folds.Open();
        Assert.Empty(await store.List(TestContext.Current.CancellationToken));
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(1)));
    }

    [Fact]
    public async Task A_reset_leaves_what_is_not_the_stores()
    {
        var folds = await FoldsOnDisk.Holding(1);
        folds.Disk.Corrupt.Replace("notes.txt", "mine"u8);

        EmbeddedFoldStore.Reset(folds.OptionsOn(folds.Disk.Start()));

        Assert.Equal(["notes.txt"], folds.Disk.Names());
        Assert.Equal("not-empty", Assert.Throws<LedgerUnavailableException>(() => folds.Open()).Code);
    }

    private static string NameOfLog(FoldsOnDisk folds) =>
        folds.Disk.Names().Single(name => name.StartsWith("log-", StringComparison.Ordinal));

    private static bool IsNamedByManifest(FoldsOnDisk folds, string name)
    {
        var manifest = folds.Disk.Names().Single(one => one.StartsWith("manifest-", StringComparison.Ordinal));
        if (name == manifest)
            return true;
        var nonce = Convert.ToUInt64(name[^16..], 16);
        return folds.Disk.Content(manifest).AsSpan().IndexOf(BitConverter.GetBytes(nonce)) >= 0;
    }

    private static async Task EveryBit(FoldsOnDisk folds, string name, int batches, int step = 1)
    {
        var bits = folds.Disk.Content(name).Length * 8;
        for (var bit = 0; bit < bits; bit += bit < 8 * 1024 ? step : step * 7)
        {
            var flipped = folds.Fork();
            flipped.Disk.Corrupt.FlipBit(name, bit / 8, bit % 8);
            await IsRightOrDamaged(flipped, batches, $"bit {bit} of {name}");
        }
    }

    private static async Task EveryLength(FoldsOnDisk folds, string name, int batches, int step)
    {
        for (var length = 0; length < folds.Disk.Content(name).Length; length += step)
        {
            var cut = folds.Fork();
            cut.Disk.Corrupt.Truncate(name, length);
            Assert.Throws<FoldsDamagedException>(() => cut.Open());
            await IsRightOrDamaged(cut.Fork(), batches, $"{name} cut to {length}");
        }
    }

    private static async Task IsRightOrDamaged(FoldsOnDisk folds, int batches, string what)
    {
        string found;
        try
        {
            found = await FoldsOnDisk.ContentOf(folds.Open());
        }
        catch (Exception report) when (report is FoldsDamagedException or LedgerUnavailableException { Code: "newer-format" })
        {
            return;
        }

        Assert.True(await FoldsOnDisk.ContentAfter(batches) == found, $"{what}: {found}");
    }
}
