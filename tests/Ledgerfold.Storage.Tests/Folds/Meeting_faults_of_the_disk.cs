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
    public async Task A_full_disk_is_over_before_anybody_writes()
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        folds.Disk.Capacity = folds.Disk.Used;
        var n = 0;
        while (await store.WriteNow(FoldsOnDisk.Batch(n + 1)) is FoldOutcome.Written)
            n++;
        store.StepUpkeep();
        Assert.Equal("disk-full", store.Health.Trouble?.Code);

        folds.Disk.Capacity = long.MaxValue;
        folds.Clock.Advance(TimeSpan.FromSeconds(1));
        store.StepUpkeep();

        Assert.Null(store.Health.Trouble);
        Assert.DoesNotContain(folds.Disk.Names(), name => name != folds.Log && name.StartsWith("log-", StringComparison.Ordinal));
    }

    /// <summary>The less room there is, the earlier opening meets the end of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Opening_on_a_full_disk_shows_what_is_there_and_begins_when_there_is_space(bool isVouchedFor)
    {
        var folds = await FoldsOnDisk.Holding(8);
        if (!isVouchedFor)
            folds.LoseVouch(); // as a power cut may
        var waited = 0;
        for (var room = 0; room < 48 * 1024; room += 2048)
        {
            var full = folds.Fork();
            full.Disk.Capacity = full.Disk.Used + room;
            var store = full.Open();
            if (store.Health.Trouble is { Passing: true, Code: "disk-full" })
            {
                waited++;
                var names = full.Disk.Names();
                Assert.Equal(await FoldsOnDisk.ContentAfter(isVouchedFor ? 8 : 7), await FoldsOnDisk.ContentOf(store));
                Assert.IsType<FoldOutcome.ReadOnly>(await store.Write(FoldsOnDisk.Batch(9), TestContext.Current.CancellationToken));
                await using var view = await store.OpenView(TestContext.Current.CancellationToken);
                full.Clock.Advance(TimeSpan.FromSeconds(1));
                store.StepUpkeep();
                Assert.Equal("disk-full", store.Health.Trouble?.Code);
                Assert.Equal(names, full.Disk.Names());

                full.Disk.Capacity = long.MaxValue;
                full.Clock.Advance(TimeSpan.FromSeconds(1));
                store.StepUpkeep();
                Assert.Equal(await FoldsOnDisk.ContentAfter(isVouchedFor ? 8 : 7), await FoldsOnDisk.ContentOf(view));
            }

            Assert.Null(store.Health.Trouble);
            Assert.Equal(await FoldsOnDisk.ContentAfter(8), await FoldsOnDisk.ContentOf(store));
            full.Disk.Capacity = long.MaxValue;
            Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(9)));
            store.Close();
            Assert.Equal(await FoldsOnDisk.ContentAfter(9), await FoldsOnDisk.ContentOf(full.Open()));
        }

        Assert.InRange(waited, 3, 23);
    }

    [Fact]
    public async Task A_write_begins_what_was_opened_on_a_full_disk()
    {
        var folds = await FoldsOnDisk.Holding(8, memoryBytes: 4096);
        folds.Disk.Capacity = folds.Disk.Used;
        var store = folds.Open();
        folds.Disk.Capacity = long.MaxValue;
        folds.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(9)));
        Assert.Equal(await FoldsOnDisk.ContentAfter(9), await FoldsOnDisk.ContentOf(store));
    }

    [Fact]
    public async Task A_new_store_waits_for_space_too()
    {
        var folds = new FoldsOnDisk();
        folds.Disk.Capacity = 0;
        var store = folds.Open();
        Assert.Empty(await store.List(TestContext.Current.CancellationToken));
        Assert.IsType<FoldOutcome.ReadOnly>(await store.Write(FoldsOnDisk.Batch(1), TestContext.Current.CancellationToken));

        folds.Disk.Capacity = long.MaxValue;
        folds.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(1)));
        Assert.NotEqual(Guid.Empty, store.StoreId);
    }

    [Fact]
    public async Task Damage_that_is_met_when_there_is_space_again_is_said()
    {
        var folds = await FoldsOnDisk.Holding(8, memoryBytes: 4096);
        folds.Disk.Capacity = folds.Disk.Used;
        var store = folds.Open();
        folds.Disk.Corrupt.Delete(folds.Disk.Names().First(name => name.StartsWith("log-", StringComparison.Ordinal)));
        folds.Disk.Capacity = long.MaxValue;
        folds.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<FoldOutcome.ReadOnly>(await store.Write(FoldsOnDisk.Batch(9), TestContext.Current.CancellationToken));
        Assert.Equal("damaged", store.Health.Trouble?.Code);
        Assert.Equal(await FoldsOnDisk.ContentAfter(8), await FoldsOnDisk.ContentOf(store));
    }

    [Fact]
    public async Task A_read_that_fails_in_a_merge_leaves_the_tables_and_lets_writing_go_on()
    {
        var folds = new FoldsOnDisk { MemoryBytes = 4096 };
        var store = folds.Open();
        folds.Disk.Faults.Arm( // the first page is read by merges only: no batch looks for what it replaces
            new DiskFault.Failure(),
            static call => call.Kind == DiskCallKind.Read && call.File.StartsWith("table-", StringComparison.Ordinal) && call.Offset == 0);
        var n = 0;
        while (store.Health.Warnings.Count == 0)
        {
            Assert.True(n < 100, "nothing was merged");
            Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(Plain(++n)));
            while (store.StepUpkeep())
            {
            }
        }

        Assert.Null(store.Health.Trouble);
        Assert.Contains("left as it is", Assert.Single(store.Health.Warnings));
        for (var more = 0; more < 20; more++)
        {
            Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(Plain(++n)));
            while (store.StepUpkeep())
            {
            }
        }

        Assert.Single(store.Health.Warnings);
        folds.Disk.Crash(CrashKind.Kill);
        var again = folds.Open();
        Assert.Equal(n, (await again.Read(new FoldRead { Fold = FoldsOnDisk.Orders, Limit = 1000 }, TestContext.Current.CancellationToken)).Rows.Length);
        for (var more = 0; more < 20; more++)
        {
            Assert.Equal(new FoldOutcome.Written(), await again.WriteNow(Plain(++n)));
            while (again.StepUpkeep())
            {
            }
        }

        Assert.True(again.State.Version.Tables.Length < 8, $"{again.State.Version.Tables.Length} tables: it was never tried again");
    }

    [Fact]
    public async Task A_read_that_fails_while_a_batch_is_decided_is_its_callers_alone()
    {
        var folds = await FoldsOnDisk.Holding(8, memoryBytes: 4096);
        var store = folds.Open();
        folds.Disk.Faults.Fail(DiskCallKind.Read);

        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteNow(FoldsOnDisk.Batch(9)));
        Assert.Null(store.Health.Trouble);
        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(FoldsOnDisk.Batch(9)));
        Assert.Equal(await FoldsOnDisk.ContentAfter(9), await FoldsOnDisk.ContentOf(store));
    }

    /// <summary>One sync may answer well there though the file system dies; zeroed space has no such trap.</summary>
    [Theory]
    [InlineData(100, 1)]
    [InlineData(100_000, 2)]
    public async Task A_commit_in_space_that_is_only_reserved_is_synced_twice(int bytes, int syncs)
    {
        var folds = new FoldsOnDisk();
        var store = folds.Open();
        await store.WriteNow(Plain(1)); // after which there is zeroed space
        var before = folds.Disk.Trace.Calls.Count;

        Assert.Equal(new FoldOutcome.Written(), await store.WriteNow(Plain(2) with { Rows = [FoldsOnDisk.Row("large", 2) with { Data = new byte[bytes] }] }));

        var calls = folds.Disk.Trace.Calls.Skip(before).ToArray();
        var written = Array.FindIndex(calls, call => call.Kind == DiskCallKind.Write && call.Length > bytes);
        Assert.Equal(syncs, calls.Skip(written).Count(call => call.Kind == DiskCallKind.Sync));
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

    private static FoldBatch Plain(int n) =>
        new() { Fold = FoldsOnDisk.Orders, Expected = n - 1, Position = n, Rows = [FoldsOnDisk.Row($"plain-{n:D4} {new string('p', 200)}", n)] };
}
