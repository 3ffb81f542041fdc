using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

public sealed class Merging_tables
{
    [Fact]
    public async Task Many_tables_become_few()
    {
        var folds = await FoldsOnDisk.Holding(120, memoryBytes: 4096);
        var store = folds.Open();

        Assert.True(store.State.Version.Tables.Length <= 8, $"{store.State.Version.Tables.Length} tables");
        Assert.Equal(await FoldsOnDisk.ContentAfter(120), await FoldsOnDisk.ContentOf(store));
    }

    [Fact]
    public async Task What_a_dropped_fold_held_vanishes_from_the_disk()
    {
        var folds = new FoldsOnDisk { MemoryBytes = 4096 };
        var store = folds.Open();
        for (var n = 1; n <= 200; n++)
            await Settled(store, FoldsOnDisk.Batch(n));
        var before = folds.Disk.Used;
        await store.DropNow(FoldsOnDisk.Orders);
        for (var n = 1; n <= 40; n++)
            await Settled(store, FoldsOnDisk.Batch(n) with { Fold = new FoldName("other"), Rows = [FoldsOnDisk.Row("one", n)] });

        Assert.True(folds.Disk.Used < before / 2, $"{before} bytes before, {folds.Disk.Used} after");
        Assert.DoesNotContain(store.State.Version.Tables, table => table.Census.Any(one => one.Fold == 1 && one.Bytes > 2000));
    }

    [Fact]
    public async Task A_view_reads_tables_that_are_merged_away_under_it()
    {
        var folds = new FoldsOnDisk { MemoryBytes = 4096 };
        var store = folds.Open();
        for (var n = 1; n <= 30; n++)
            await Settled(store, FoldsOnDisk.Batch(n));
        await using (var view = await store.OpenView(TestContext.Current.CancellationToken))
        {
            for (var n = 31; n <= 90; n++)
                await Settled(store, FoldsOnDisk.Batch(n));
            Assert.Equal(await FoldsOnDisk.ContentAfter(30), await FoldsOnDisk.ContentOf(view));
        }

        while (store.StepUpkeep())
        {
        }

        var named = store.State.Version.Tables.Select(table => table.Name);
        Assert.Equal(named.Order(), folds.Disk.Names().Where(name => name.StartsWith("table-", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Memory_for_pages_is_bounded_and_given_back()
    {
        var folds = await FoldsOnDisk.Holding(60, memoryBytes: 4096); // one page may be kept
        var store = folds.Open();

        for (var round = 0; round < 3; round++)
            Assert.Equal(await FoldsOnDisk.ContentAfter(60), await FoldsOnDisk.ContentOf(store));
    }

    /// <summary>Of pages that fit into memory as filters do, a value that nobody holds costs no read, however many tables there are.</summary>
    [Fact]
    public async Task A_unique_value_that_is_new_is_looked_for_in_filters_only()
    {
        var folds = new FoldsOnDisk { MemoryBytes = 64 * 1024 };
        var store = folds.Open();
        var n = 0;
        while (store.State.Version.Tables.Length < 3)
            await Settled(store, New(++n));
        await store.WriteNow(New(++n)); // which reads the filters
        var before = folds.Disk.Trace.CallsOf(DiskCallKind.Read);
        for (var more = 0; more < 20; more++)
            Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(New(++n)));

        Assert.InRange(folds.Disk.Trace.CallsOf(DiskCallKind.Read) - before, 0, 4);
        var taken = New(n + 1) with { Rows = [FoldsOnDisk.Row("other", n + 1, new FoldIndexEntry("mail", "m00001", Unique: true))] };
        Assert.IsType<FoldOutcome.NotUnique>(await store.WriteNow(taken));

        static FoldBatch New(int n) => new()
        {
            Fold = FoldsOnDisk.Orders,
            Expected = n - 1,
            Position = n,
            Rows = [FoldsOnDisk.Row($"row-{n:D5} {new string('r', 300)}", n, new FoldIndexEntry("mail", $"m{n:D5}", Unique: true))],
        };
    }

    private static async Task Settled(EmbeddedFoldStore store, FoldBatch batch)
    {
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(batch));
        while (store.StepUpkeep())
        {
        }
    }
}
