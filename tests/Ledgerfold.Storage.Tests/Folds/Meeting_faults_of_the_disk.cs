using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Folds;

public sealed class Meeting_faults_of_the_disk
{
    [Theory]
    [InlineData(DiskCallKind.Sync)]
    [InlineData(DiskCallKind.Write)]
    public async Task After_a_failed_write_or_sync_nothing_more_is_acknowledged(DiskCallKind kind)
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        await store.WriteNow(FoldsOnDisk.Batch(1));
        folds.Disk.Faults.Fail(kind);

        Assert.IsType<FoldOutcome.Indeterminate>(await store.WriteNow(FoldsOnDisk.Batch(2)));
        Assert.IsType<FoldOutcome.ReadOnly>(await store.WriteNow(FoldsOnDisk.Batch(2)));
        Assert.Equal("disk-failed", store.Health.Trouble?.Code);
        Assert.Equal(await FoldsOnDisk.ContentAfter(1), await FoldsOnDisk.ContentOf(store));
    }

    [Fact]
    public async Task A_full_disk_is_a_pause_and_not_an_end()
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        await store.WriteNow(FoldsOnDisk.Batch(1));
        folds.Disk.Capacity = folds.Disk.Used;
        FoldOutcome outcome = new FoldOutcome.Written();
        var n = 1;
        while (outcome is FoldOutcome.Written)
            outcome = await store.WriteNow(FoldsOnDisk.Batch(++n));

        Assert.IsType<FoldOutcome.ReadOnly>(outcome);
        Assert.True(store.Health.Trouble?.Passing);
        Assert.Equal(await FoldsOnDisk.ContentAfter(n - 1), await FoldsOnDisk.ContentOf(store));

        folds.Disk.Capacity = long.MaxValue;
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(n)));
        Assert.Null(store.Health.Trouble);
    }

    [Fact]
    public async Task Opening_on_a_full_disk_leaves_everything_for_the_next_time()
    {
        var folds = await FoldsOnDisk.Holding(8, memoryBytes: 4096);
        for (var room = 0; room < 12 * 1024; room += 512)
        {
            var full = folds.Fork();
            full.Disk.Capacity = full.Disk.Used + room;
            try
            {
                Assert.Equal(await FoldsOnDisk.ContentAfter(8), await FoldsOnDisk.ContentOf(full.Open()));
            }
            catch (Seams.DiskFullException)
            {
                full.Disk.Crash(CrashKind.PowerCut);
            }

            full.Disk.Crash(CrashKind.Kill);
            full.Disk.Capacity = long.MaxValue;
            Assert.Equal(await FoldsOnDisk.ContentAfter(8), await FoldsOnDisk.ContentOf(full.Open()));
        }
    }

    [Fact]
    public void A_second_process_is_refused()
    {
        var folds = new FoldsOnDisk();
        folds.Open();

        Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(() => folds.Open()).Code);
    }

    [Fact]
    public async Task A_writer_whose_lock_was_defeated_stops_before_it_acknowledges()
    {
        var folds = new FoldsOnDisk();
        folds.Disk.LocksDefeated = true;
        var first = folds.Open();
        await first.WriteNow(FoldsOnDisk.Batch(1));
        var second = folds.Open();

        Assert.IsType<FoldOutcome.Indeterminate>(await first.WriteNow(FoldsOnDisk.Batch(2)));
        Assert.Equal("fenced", first.Health.Trouble?.Code);
        Assert.Equal(new FoldOutcome.Written(), await second.WriteNow(FoldsOnDisk.Batch(2)));
    }

    [Fact]
    public async Task Cancelling_before_the_writer_comes_leaves_no_trace()
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        using var cancel = new CancellationTokenSource();
        var answer = store.Write(FoldsOnDisk.Batch(1), cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        store.StepWriter();
        Assert.Equal(0, await store.ReadPosition(FoldsOnDisk.Orders, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Closing_commits_what_waits()
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        var answer = store.Write(FoldsOnDisk.Batch(1), TestContext.Current.CancellationToken).AsTask();
        store.Close();

        Assert.Equal(new FoldOutcome.Written(), await answer);
        Assert.IsType<FoldOutcome.ReadOnly>(await store.Write(FoldsOnDisk.Batch(2), TestContext.Current.CancellationToken));
        Assert.Equal(await FoldsOnDisk.ContentAfter(1), await FoldsOnDisk.ContentOf(folds.Open()));
    }
}
