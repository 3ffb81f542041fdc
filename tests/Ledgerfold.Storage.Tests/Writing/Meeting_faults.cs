using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Writing;

public sealed class Meeting_a_disk_that_fails
{
    [Theory]
    [InlineData(DiskCallKind.Sync)]
    [InlineData(DiskCallKind.Write)]
    [InlineData(DiskCallKind.Exists)]
    public async Task Answers_all_as_indeterminate_stops_and_goes_on_reading(DiskCallKind kind)
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        store.Disk.Faults.Fail(kind);
        var cancel = TestContext.Current.CancellationToken;
        var answers = new[] { ledger.Send(Given.Append(2)), ledger.Send(Given.Append(2)), ledger.Send(Given.Append(3)) };
        ledger.StepWriter();
        foreach (var answer in answers)
            Assert.IsType<AppendOutcome.Indeterminate>(await answer);
        Assert.Equal(("disk-failed", false), (ledger.Health.Trouble!.Code, ledger.Health.Trouble.Passing));
        var writes = store.Disk.Trace.CallsOf(DiskCallKind.Write);
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(4)));
        (await ledger.ReadAll()).ShouldBeEvents(1);
        Assert.Equal(1, (await ledger.HeadOf("thing-1")).Version);
        Assert.Equal(default, await ledger.HeadOf("thing-2"));
        Assert.Null(await ledger.FindById(2));
        ledger.Close();
        Assert.Equal(writes, store.Disk.Trace.CallsOf(DiskCallKind.Write));
        store.Disk.Crash(CrashKind.PowerCut);
        var reopened = store.Open();
        (await reopened.ReadAll()).ShouldBeAPrefix();
        Assert.IsType<AppendOutcome.Appended>(await reopened.AppendNow(Given.Append(2)));
    }

    [Fact]
    public async Task Acknowledges_nothing_when_the_zeroing_ahead_met_the_error_first()
    {
        var store = new SimulatedStore { With = options => options with { ZeroAheadBytes = 512 * 1024, SegmentBytes = 4 << 20 } }.Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        var inside = false;
        store.Disk.BeforeCall = call =>
        {
            if (call.Kind != DiskCallKind.Sync || inside)
                return;
            inside = true; // an error of the disk is told to the first sync of the file that comes after it, and to no other
            store.Disk.Faults.Fail(DiskCallKind.Sync);
            ledger.StepSpace();
            Assert.Equal(0, store.Disk.Faults.Count);
        };
        var answer = await ledger.AppendNow(Given.Append(2));
        Assert.True(inside);
        Assert.IsType<AppendOutcome.Indeterminate>(answer);
    }

    [Theory]
    [InlineData(DiskCallKind.Sync, 1)] // of the manifest that names the new segment
    [InlineData(DiskCallKind.Sync, 2)] // of a run
    [InlineData(DiskCallKind.Write, 2)]
    [InlineData(DiskCallKind.Rename, 1)]
    public async Task Stops_when_upkeep_of_the_index_meets_it(DiskCallKind kind, int nth)
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 10; n++)
            await ledger.AppendNow(Given.Append(n, padding: 1000));
        Assert.True(ledger.Log.Segments.Length > 1);
        store.Disk.Faults.Fail(kind, nth);
        while (ledger.StepIndex())
        {
        }

        Assert.Equal(0, store.Disk.Faults.Count);
        Assert.Equal(("disk-failed", false), (ledger.Health.Trouble!.Code, ledger.Health.Trouble.Passing));
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(11)));
        (await ledger.ReadAll()).ShouldBeEvents(10);
        Assert.False(ledger.StepIndex());
        ledger.Close();
        store.Disk.Crash(CrashKind.PowerCut);
        (await store.Open().ReadAll()).ShouldBeEvents(10);
    }

    [Fact]
    public async Task Stops_when_a_segment_cannot_be_made()
    {
        DiskCallKind[] kinds =
        [
            DiskCallKind.Create, DiskCallKind.Rename, DiskCallKind.SyncDirectory,
            DiskCallKind.Sync, DiskCallKind.Write, DiskCallKind.Reserve,
        ];
        foreach (var kind in kinds)
        {
            var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
            var ledger = store.Open();
            var n = 1;
            while (ledger.Log.Last.End < 7500)
                await ledger.AppendNow(Given.Append(n++, padding: 300));
            store.Disk.Faults.Fail(kind);
            Assert.IsType<AppendOutcome.Indeterminate>(await ledger.AppendNow(Given.Append(n, padding: 1500)));
            Assert.Equal("disk-failed", ledger.Health.Trouble?.Code);
            (await ledger.ReadAll()).ShouldBeEvents(n - 1);
            store.Disk.Faults.Clear();
            store.Disk.Crash(CrashKind.PowerCut);
            var reopened = store.Open();
            Assert.Null(reopened.Health.Trouble);
            (await reopened.ReadAll()).ShouldBeEvents(n - 1);
            Assert.IsType<AppendOutcome.Appended>(await reopened.AppendNow(Given.Append(n, padding: 1500)));
        }
    }

    [Fact]
    public async Task Keeps_writing_when_a_stored_event_that_a_repeat_asks_for_is_damaged()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 30; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        store.Disk.Corrupt.FlipBit(ledger.Log.Segments[0].Name, SegmentHeader.Bytes + 168 + 128 + 60, 0);
        var both = AppendRequest.To("thing-1", Expectation.Any, Given.Event(1, 300), Given.Event(1001));
        var half = await Record.ExceptionAsync(() => ledger.AppendNow(both));
        var whole = await Record.ExceptionAsync(() => ledger.AppendNow(Given.Append(1, 300)));
        Assert.Equal(1, Assert.IsType<LedgerDamagedException>(whole).Position);
        Assert.Equal(1, Assert.IsType<LedgerDamagedException>(half).Position);
        Assert.Null(ledger.Health.Trouble);
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(31)));
    }
}

public sealed class Meeting_a_full_disk
{
    private static readonly Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> Small =
        options => options with { SegmentBytes = 32 * 1024, ZeroAheadBytes = 8 * 1024 };

    [Fact]
    public async Task Refuses_reads_on_and_resumes_by_itself()
    {
        var store = new SimulatedStore { With = Small }.Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        store.Disk.Capacity = store.Disk.Used;
        var n = 2;
        AppendOutcome outcome;
        while ((outcome = await ledger.AppendNow(Given.Append(n, padding: 700))) is AppendOutcome.Appended)
            n++;
        Assert.IsType<AppendOutcome.ReadOnly>(outcome);
        Assert.Equal(("disk-full", true), (ledger.Health.Trouble!.Code, ledger.Health.Trouble.Passing));
        (await ledger.ReadAll()).ShouldBeEvents(n - 1);
        store.Clock.Advance(TimeSpan.FromSeconds(1));
        ledger.StepAll();
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.AppendNow(Given.Append(n, padding: 700)));
        store.Disk.Capacity = long.MaxValue;
        Assert.Equal(n, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n, padding: 700))).First);
        Assert.Null(ledger.Health.Trouble);
        ledger.Close();
        (await store.Open().ReadAll()).ShouldBeEvents(n);
        Assert.True(store.Verify().IsSound);
    }

    [Fact]
    public async Task Resumes_in_the_middle_of_a_roll()
    {
        var store = new SimulatedStore { With = Small }.Create();
        var ledger = store.Open();
        var n = 1;
        while (ledger.Log.Last.End < 31_000)
            await ledger.AppendNow(Given.Append(n++, padding: 700));
        for (var free = 0; free < 12; free++)
        {
            store.Disk.Capacity = store.Disk.Used + (free * 512);
            Assert.IsType<AppendOutcome.ReadOnly>(await ledger.AppendNow(Given.Append(n, padding: 1500)));
            store.Disk.Capacity = long.MaxValue;
            store.Disk.Capacity = store.Disk.Used + (free * 512);
        }

        store.Disk.Capacity = long.MaxValue;
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n, padding: 1500)));
        Assert.Equal(2, ledger.Log.Segments.Length);
        store.Disk.Crash(CrashKind.PowerCut);
        (await store.Open().ReadAll()).ShouldBeEvents(n);
    }

    [Fact]
    public async Task Keeps_indexes_in_memory_until_there_is_space()
    {
        var store = new SimulatedStore { With = Small }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 700));
        Assert.True(ledger.Log.Segments.Length > 2);
        store.Disk.Capacity = store.Disk.Used;
        Assert.False(ledger.StepIndex());
        Assert.Contains(ledger.Health.Warnings, warning => warning.Contains("full", StringComparison.Ordinal));
        (await ledger.ReadAll()).ShouldBeEvents(100);
        store.Disk.Capacity = long.MaxValue;
        while (ledger.StepIndex())
        {
        }

        Assert.Single(ledger.Log.UnsealedIndexes);
        (await ledger.ReadAll()).ShouldBeEvents(100);
    }

    [Fact]
    public async Task Closes_and_reopens_though_not_even_a_marker_fits()
    {
        var store = new SimulatedStore { With = Small }.Create();
        var ledger = store.Open();
        store.Disk.Capacity = store.Disk.Used;
        var n = 1;
        while (await ledger.AppendNow(Given.Append(n)) is AppendOutcome.Appended)
            n++;
        ledger.Close();
        var reopened = store.Open();
        (await reopened.ReadAll()).ShouldBeEvents(n - 1);
        Assert.IsType<AppendOutcome.ReadOnly>(await reopened.Send(Given.Append(n)));
        Assert.Equal(("disk-full", true), (reopened.Health.Trouble!.Code, reopened.Health.Trouble.Passing));
        reopened.Close();
        store.Disk.Crash(CrashKind.PowerCut);
        store.Disk.Capacity = long.MaxValue;
        var next = store.Open();
        Assert.Null(next.Health.Trouble);
        Assert.Equal(n, Assert.IsType<AppendOutcome.Appended>(await next.AppendNow(Given.Append(n))).First);
        next.Close();
        Assert.Empty(store.Verify().Problems);
    }

    [Fact]
    public async Task Says_that_it_has_passed_though_nobody_appends()
    {
        var store = new SimulatedStore { With = options => Small(options) with { BatchBytesMax = 16 * 1024 } }.Create();
        var ledger = store.Open();
        store.Disk.Capacity = store.Disk.Used;
        for (var n = 1; await ledger.AppendNow(Given.Append(n, padding: 700)) is AppendOutcome.Appended; n++)
        {
        }

        store.Disk.Capacity += 8 * 1024; // a little is not enough: health would come and go
        ledger.StepSpace();
        Assert.Equal("disk-full", ledger.Health.Trouble?.Code);
        store.Disk.Capacity = long.MaxValue;
        ledger.StepSpace();
        Assert.Null(ledger.Health.Trouble);
        Assert.DoesNotContain(store.Disk.Names(), name => name.Contains("probe", StringComparison.Ordinal));
    }
}

public sealed class Opening_on_a_full_disk
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Begins_when_there_is_space_though_nobody_appends(bool withPumps)
    {
        var store = await SimulatedStore.Holding(5, closed: false);
        store.Disk.Capacity = store.Disk.Used;
        var ledger = EmbeddedLedger.Open(store.Options, ReadPlan.Free, withPumps);
        (await ledger.ReadAll()).ShouldBeEvents(4);
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        if (!withPumps)
            ledger.StepSpace();
        Assert.Equal("disk-full", ledger.Health.Trouble?.Code);
        store.Disk.Capacity = long.MaxValue;
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        if (!withPumps)
            ledger.StepSpace();
        Assert.Null(ledger.Health.Trouble);
        (await ledger.ReadAll()).ShouldBeEvents(5);
        await ledger.DisposeAsync();
        Assert.True(store.Verify().IsSound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reads_refuses_to_write_and_begins_when_there_is_space(bool closed)
    {
        var store = await SimulatedStore.Holding(5, closed);
        for (var free = 0L; free <= 40_000; free += 512)
        {
            var full = store.Fork();
            full.Disk.Capacity = full.Disk.Used + free;
            var ledger = full.Open();
            var shown = closed || ledger.Health.Trouble is null ? 5 : 4; // what is in doubt cannot be written again yet
            (await ledger.ReadAll()).ShouldBeEvents(shown);
            Assert.Equal(shown, (await ledger.ReadRange(TestContext.Current.CancellationToken)).Head);
            if (ledger.Health.Trouble is { } trouble)
            {
                Assert.Equal(("disk-full", true), (trouble.Code, trouble.Passing));
                Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(6)));
                full.Disk.Capacity = long.MaxValue;
                full.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.Equal(6, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(6))).First);
            Assert.Null(ledger.Health.Trouble);
            (await ledger.ReadAll()).ShouldBeEvents(6);
            ledger.Close();
            Assert.True(full.Verify().IsSound);
            full.Disk.Crash(CrashKind.PowerCut);
            (await full.Open().ReadAll()).ShouldBeEvents(6);
        }
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 8192)]
    [InlineData(false, 8192)]
    public async Task Takes_no_more_space_with_every_try(bool closed, long free)
    {
        var store = await SimulatedStore.Holding(5, closed, options => options with { ZeroAheadBytes = 64 * 1024 });
        store.Disk.Capacity = store.Disk.Used + free;
        var ledger = store.Open();
        var (names, used) = (0, 0L);
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            store.Clock.Advance(TimeSpan.FromSeconds(2));
            var outcome = await ledger.AppendNow(Given.Append(6));
            if (outcome is AppendOutcome.Appended)
                return; // what was there already is enough
            Assert.IsType<AppendOutcome.ReadOnly>(outcome);
            if (attempt == 2)
                (names, used) = (store.Disk.Names().Count, store.Disk.Used);
        }

        Assert.Equal(names, store.Disk.Names().Count);
        Assert.Equal(used, store.Disk.Used);
    }

    [Fact]
    public async Task Lets_a_follower_go_on_when_it_begins()
    {
        var store = await SimulatedStore.Holding(5, closed: false);
        store.Disk.Capacity = store.Disk.Used;
        var ledger = store.Open();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var positions = new List<long>();
        var following = Task.Run(
            async () =>
            {
                await foreach (var page in ledger.Read(new ReadRequest { Follow = true, Limit = 6 }, source.Token))
                    positions.AddRange(page.Events.Select(recorded => recorded.Position));
            },
            source.Token);
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.AppendNow(Given.Append(6)));
        store.Disk.Capacity = long.MaxValue;
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(6)));
        await following.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 3, 4, 5, 6], positions);
    }
}

public sealed class Telling_the_time
{
    [Fact]
    public async Task Never_goes_back()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var start = store.Clock.GetUtcNow();
        await ledger.AppendNow(Given.Append(1));
        store.Clock.ShiftWallClock(TimeSpan.FromHours(-5));
        await ledger.AppendNow(Given.Append(2));
        store.Clock.Advance(TimeSpan.FromHours(1));
        await ledger.AppendNow(Given.Append(3));
        store.Disk.Crash(CrashKind.Kill);
        var reopened = store.Open();
        await reopened.AppendNow(Given.Append(4));
        Assert.All(await reopened.ReadAll(), recorded => Assert.Equal(start, recorded.RecordedAt));
        store.Clock.Advance(TimeSpan.FromHours(4) + TimeSpan.FromSeconds(1));
        await reopened.AppendNow(Given.Append(5));
        Assert.Equal(start.AddSeconds(1), (await reopened.ReadAll())[^1].RecordedAt);
        Assert.Equal(4, await reopened.PositionAt(start, TestContext.Current.CancellationToken));
        Assert.Equal(0, await reopened.PositionAt(start.AddMicroseconds(-1), TestContext.Current.CancellationToken));
        Assert.Equal(5, await reopened.PositionAt(DateTimeOffset.MaxValue, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Warns_of_a_jump_ahead_and_flags_the_batch()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        store.Clock.ShiftWallClock(TimeSpan.FromSeconds(59));
        await ledger.AppendNow(Given.Append(2));
        store.Clock.Advance(TimeSpan.FromHours(3));
        await ledger.AppendNow(Given.Append(3));
        Assert.True(ledger.Health.IsGreen);
        store.Clock.ShiftWallClock(TimeSpan.FromSeconds(61));
        await ledger.AppendNow(Given.Append(4));
        Assert.Contains("position 4", Assert.Single(ledger.Health.Warnings), StringComparison.Ordinal);
        Assert.False(ledger.Health.IsGreen);
        await ledger.AppendNow(Given.Append(5));
        Assert.Single(ledger.Health.Warnings);
        var flags = new List<byte>();
        await foreach (var batch in ledger.ReadBatches(0, TestContext.Current.CancellationToken))
        {
            Assert.True(BatchHeader.TryRead(batch.Bytes.Span, out var header));
            flags.Add(header.Flags);
        }

        Assert.Equal([0, 0, 0, 1, 0], flags);
    }

    [Fact]
    public async Task Resumes_from_the_last_recorded_time()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var last = store.Clock.GetUtcNow();
        var earlier = new SimulatedStore(store.Disk) { Clock = new Ledgerfold.Testing.ManualClock(last.AddYears(-3)), With = store.With };
        var ledger = earlier.Open();
        await ledger.AppendNow(Given.Append(4));
        Assert.All(await ledger.ReadAll(), recorded => Assert.Equal(last, recorded.RecordedAt));
        ledger.Close();
        Assert.True(earlier.Verify().IsSound);
    }
}
