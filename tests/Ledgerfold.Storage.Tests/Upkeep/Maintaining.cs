using Ledgerfold.Storage.Disk;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Upkeep;

public sealed class Reading_beside_a_writer
{
    [Fact]
    public async Task Shows_what_is_vouched_for_and_follows_over_rolls()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var writer = store.Open();
        await writer.AppendNow(Given.Append(1));
        await writer.AppendNow(Given.Append(2));
        var reader = store.OpenReadOnly();
        (await reader.ReadAll()).ShouldBeEvents(1);
        for (var n = 3; n <= 100; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            if (n % 20 == 0)
                writer.StepAll();
            (await reader.ReadAll()).ShouldBeAPrefix();
            Assert.InRange((await reader.ReadRange(TestContext.Current.CancellationToken)).Head, n - 1, n);
            Assert.Equal(((n - 2) / 3) + 1, (await reader.FindById(n - 1))!.Version);
        }

        store.Clock.Advance(TimeSpan.FromMilliseconds(100));
        writer.StepWriter();
        (await reader.ReadAll()).ShouldBeEvents(100);
        Assert.Equal(34, (await reader.HeadOf("thing-1")).Version);
        Assert.IsType<AppendOutcome.ReadOnly>(await reader.Send(Given.Append(101)));
        await reader.DisposeAsync();
        writer.Close();
        Assert.True(store.Verify().IsSound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Goes_on_when_the_writer_crashes_and_another_takes_over(bool openedBetween)
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var process = store.Disk.Start();
        var writer = EmbeddedLedger.OpenStepped(store.OptionsOn(process));
        for (var n = 1; n <= 9; n++)
            await writer.AppendNow(Given.Append(n));
        var reader = openedBetween ? null : store.OpenReadOnly();
        process.Kill();
        reader ??= store.OpenReadOnly();
        var shown = (await reader.ReadAll()).Count;
        Assert.InRange(shown, 8, 9);
        var next = store.Open();
        (await reader.ReadAll()).ShouldBeEvents(9);
        var backward = new ReadRequest { Query = EventQuery.OfStream("thing-0"), Backward = true };
        Assert.Equal([9, 6, 3], (await reader.ReadAll(backward)).Select(recorded => recorded.Position));
        for (var n = 10; n <= 40; n++)
        {
            await next.AppendNow(Given.Append(n, padding: 300));
            (await reader.ReadAll()).ShouldBeEvents(n - 1);
            Assert.Equal(((n - 2) / 3) + 1, (await reader.HeadOf("thing-1")).Version);
        }

        await reader.DisposeAsync();
    }

    [Fact]
    public async Task Shows_what_it_showed_at_every_call_of_a_writer_that_takes_over()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var process = store.Disk.Start();
        var writer = EmbeddedLedger.OpenStepped(store.OptionsOn(process));
        for (var n = 1; n <= 9; n++)
            await writer.AppendNow(Given.Append(n));
        process.Kill();
        var reader = store.OpenReadOnly();
        var shown = 8; // the ninth is in doubt until a writer has written it again
        (await reader.ReadAll()).ShouldBeEvents(shown);
        var calls = 0;
        store.Disk.BeforeCall = call =>
        {
            var before = store.Disk.BeforeCall;
            store.Disk.BeforeCall = null;
            var events = reader.ReadAll().GetAwaiter().GetResult();
            events.ShouldBeAPrefix();
            Assert.InRange(events.Count, shown, 9);
            shown = events.Count;
            var backward = new ReadRequest { Query = EventQuery.OfStream("thing-0"), Backward = true, Before = shown + 1 };
            long[] expected = shown == 9 ? [9, 6, 3] : [6, 3];
            Assert.Equal(expected, reader.ReadAll(backward).GetAwaiter().GetResult().Select(recorded => recorded.Position));
            reader.FindById(shown).GetAwaiter().GetResult()!.ShouldBeEvent(shown);
            calls++;
            store.Disk.BeforeCall = before;
        };
        store.Open();
        Assert.True(calls > 30);
        (await reader.ReadAll()).ShouldBeEvents(9);
    }

    [Fact]
    public Task Turns_no_writer_away_while_it_verifies_or_counts() => LetsAWriterStart(
        options => LedgerMaintenance.Verify(options),
        options => LedgerMaintenance.Stat(options));

    [Fact]
    public Task Turns_no_writer_away_while_it_opens_for_reading_or_copies() => LetsAWriterStart(
        options => EmbeddedLedger.OpenReadOnly(options),
        options => LedgerMaintenance.Backup(options, new SimulatedDisk(5)));

    /// <summary>Does each of these, again and again, while a writer starts and ends at its first call, its second, and so on.</summary>
    private static async Task LetsAWriterStart(params Action<EmbeddedLedgerOptions>[] acts)
    {
        var store = await SimulatedStore.Holding(5, closed: true);
        foreach (var act in acts)
        {
            for (var (nth, started) = (1, true); started; nth++)
            {
                var (fork, left) = (store.Fork(), nth);
                started = false;
                fork.Disk.BeforeCall = _ =>
                {
                    if (--left > 0)
                        return;
                    fork.Disk.BeforeCall = null;
                    fork.Open().Close();
                    started = true;
                };
                act(fork.OptionsOn(fork.Disk.Start()));
            }
        }
    }

    [Fact]
    public async Task Follows_by_the_clock()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var writer = store.Open();
        var reader = store.OpenReadOnly();
        var pages = reader.Follow();
        await pages.MoveNextAsync();
        var seen = new List<RecordedEvent>();
        var pending = pages.MoveNextAsync().AsTask();
        for (var n = 1; n <= 60; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            writer.StepWriter();
            store.Clock.Advance(TimeSpan.FromMilliseconds(50));
            while (seen.Count < n)
            {
                Assert.True(await pending.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
                seen.AddRange(pages.Current.Events);
                pending = pages.MoveNextAsync().AsTask();
            }
        }

        seen.ShouldBeEvents(60);
        await reader.DisposeAsync();
        Assert.False(await pending.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Finds_a_manifest_though_the_writer_changes_meanwhile()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var changed = false;
        store.Disk.BeforeCall = call =>
        {
            if (changed || call.Kind != DiskCallKind.Open || !call.File.StartsWith("manifest-", StringComparison.Ordinal))
                return;
            changed = true; // the listing is old by now
            store.Disk.BeforeCall = null;
            store.Open();
        };
        store.Disk.LocksDefeated = true;
        (await store.OpenReadOnly().ReadAll()).ShouldBeEvents(3);
        Assert.True(changed);
    }

    [Fact]
    public async Task Verifies_at_every_call_of_a_writer()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var writer = store.Open();
        var calls = 0;
        store.Disk.BeforeCall = call =>
        {
            if (call.Process != 2 || calls++ % 3 != 0)
                return;
            var before = store.Disk.BeforeCall;
            store.Disk.BeforeCall = null;
            var report = store.Verify();
            Assert.True(report.IsSound, $"{call}: {string.Join("; ", report.Problems)}");
            store.Disk.BeforeCall = before;
        };
        for (var n = 1; n <= 40; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            if (n % 10 == 0)
                writer.StepAll();
        }

        Assert.True(calls > 100);
    }

    [Fact]
    public async Task Backs_up_a_prefix_at_every_call_of_a_writer()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var writer = store.Open();
        var (calls, appended) = (0, 0);
        store.Disk.BeforeCall = call =>
        {
            if (call.Process != 2 || calls++ % 5 != 0)
                return;
            var before = store.Disk.BeforeCall;
            store.Disk.BeforeCall = null;
            var target = new SimulatedStore(9) { With = SimulatedStore.TinySegments };
            var report = LedgerMaintenance.Backup(store.OptionsOn(store.Disk.Start()), target.Disk);
            Assert.InRange(report.Head, appended - 1, appended + 1);
            Assert.Empty(target.Verify().Problems);
            target.Disk.Crash(CrashKind.PowerCut);
            var copy = target.Open();
            Assert.Null(copy.Health.Trouble);
            copy.ReadAll().GetAwaiter().GetResult().ShouldBeEvents((int)report.Head);
            copy.Close();
            store.Disk.BeforeCall = before;
        };
        for (var n = 1; n <= 30; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            appended = n;
            if (n % 10 == 0)
                writer.StepAll();
        }

        Assert.True(calls > 100);
    }

    [Fact]
    public async Task Counts_and_verifies_the_last_event_after_a_crash_and_copies_it_once_a_writer_vouched_for_it()
    {
        var store = await SimulatedStore.Holding(7, closed: false);
        var report = store.Verify();
        Assert.Equal((7L, 7L), (report.Head, report.Events));
        Assert.Equal(7, LedgerMaintenance.Stat(store.Options).Head);
        var target = new SimulatedStore(9);
        Assert.Equal(6, LedgerMaintenance.Backup(store.Options, target.Disk).Head);
        (await target.Open().ReadAll()).ShouldBeEvents(6);
        store.Open().Close();
        var later = new SimulatedStore(10);
        Assert.Equal(7, LedgerMaintenance.Backup(store.Options, later.Disk).Head);
        (await later.Open().ReadAll()).ShouldBeEvents(7);
    }

    [Fact]
    public async Task Shows_no_event_that_is_lost_later()
    {
        var whole = await SimulatedStore.Holding(3, closed: false);
        for (var seed = 1UL; seed <= 30; seed++)
        {
            var store = whole.Fork(seed);
            var ledger = store.Open();
            store.Disk.Faults.Fail(DiskCallKind.Sync);
            Assert.IsType<AppendOutcome.Indeterminate>(await ledger.AppendNow(Given.Append(4)));
            store.Disk.Crash(CrashKind.Kill); // the page cache shows the batch, and its file takes every sync in good faith
            var reader = store.OpenReadOnly();
            var shown = (await reader.ReadAll()).Count;
            store.Disk.Crash(CrashKind.PowerCut);
            Assert.True((await store.Open().ReadAll()).Count >= shown, $"seed {seed}: event {shown} was shown and is gone");
        }
    }

    [Fact]
    public async Task Shows_the_last_event_where_something_stands_behind_it()
    {
        var whole = await SimulatedStore.Holding(3, closed: false);
        (await whole.OpenReadOnly().ReadAll()).ShouldBeEvents(2);

        var torn = whole.Fork();
        var writer = torn.Open();
        await writer.AppendNow(Given.Append(4));
        torn.Disk.Faults.Arm(new DiskFault.Crash(CrashKind.Kill, CrashMoment.During), call => call.Kind == DiskCallKind.Write);
        await Assert.ThrowsAsync<SimulatedCrashException>(() => writer.AppendNow(Given.Append(5, padding: 4000)));
        Assert.True(torn.Verify().TornBytes > 0);
        (await torn.OpenReadOnly().ReadAll()).ShouldBeEvents(4);

        var full = whole.Fork();
        writer = full.Open();
        await writer.AppendNow(Given.Append(4));
        full.Disk.Capacity = full.Disk.Used;
        var n = 5;
        while (await writer.AppendNow(Given.Append(n)) is AppendOutcome.Appended)
            n++;
        writer.Close(); // no marker fits, and the manifest says where the log ends
        (await full.OpenReadOnly().ReadAll()).ShouldBeEvents(n - 1);
        full.Disk.Crash(CrashKind.PowerCut);
        (await full.OpenReadOnly().ReadAll()).ShouldBeEvents(n - 1);
    }

    [Fact]
    public async Task Works_between_real_processes_on_a_real_disk()
    {
        using var directory = new TestDirectory();
        var options = new EmbeddedLedgerOptions
        {
            Disk = new LinuxDisk(directory.Path),
            SegmentBytes = 16 * 1024,
            ZeroAheadBytes = 8 * 1024,
            VouchAfterIdle = TimeSpan.FromMilliseconds(5),
        };
        EmbeddedLedger.Create(options);
        await using var writer = EmbeddedLedger.Open(options);
        await using var reader = EmbeddedLedger.OpenReadOnly(options);
        var following = Task.Run(async () =>
        {
            var seen = new List<RecordedEvent>();
            await foreach (var page in reader.Read(new ReadRequest { Follow = true, Limit = 400 }, TestContext.Current.CancellationToken))
                seen.AddRange(page.Events);
            return seen;
        });
        for (var n = 1; n <= 400; n++)
            await writer.Append(Given.Append(n), TestContext.Current.CancellationToken);
        (await following.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBeEvents(400);
    }
}

public sealed class Rebuilding_the_index
{
    [Fact]
    public async Task Makes_it_anew_from_the_log()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        ledger.StepAll();
        ledger.Close();
        var before = store.RunNames();
        Assert.NotEmpty(before);
        Assert.True(LedgerMaintenance.RebuildIndex(store.Options) > 0);
        Assert.Empty(before.Intersect(store.RunNames()));
        var reopened = store.Open();
        (await reopened.ReadAll()).ShouldBeEvents(100);
        Assert.True(Assert.IsType<AppendOutcome.Appended>(await reopened.AppendNow(Given.Append(1, 300))).Repeated);
        reopened.Close();
        Assert.True(store.Verify().IsSound);
    }

    [Fact]
    public async Task Hides_nothing_from_a_reader_meanwhile()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        ledger.StepAll();
        ledger.Close();
        var reader = store.OpenReadOnly();
        var calls = 0;
        store.Disk.BeforeCall = _ =>
        {
            if (calls++ % 7 != 0)
                return;
            var before = store.Disk.BeforeCall;
            store.Disk.BeforeCall = null;
            reader.Log.Index.Refresh(summary => LoadedLog.Agrees(summary, reader.Log.Segments), firstSegment: 1);
            reader.ReadAll().GetAwaiter().GetResult().ShouldBeEvents(100);
            for (var n = 3; n <= 100; n += 19)
                reader.FindById(n).GetAwaiter().GetResult()!.ShouldBeEvent(n);
            Assert.Equal(34, reader.HeadOf("thing-1").GetAwaiter().GetResult().Version);
            store.Disk.BeforeCall = before;
        };
        LedgerMaintenance.RebuildIndex(store.Options);
        Assert.True(calls > 100);
        reader.Close();
    }

    [Fact]
    public async Task Lets_no_reader_use_runs_behind_one_that_is_missing()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var writer = store.Open();
        var n = 1;
        for (; store.RunNames().Count < 2; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            writer.StepAll();
        }

        store.Disk.Corrupt.Replace(store.RunNames()[0], new byte[100]); // the writer has the sound one open still
        var reader = store.OpenReadOnly();
        for (var last = n + 50; n <= last; n++)
        {
            await writer.AppendNow(Given.Append(n, padding: 300));
            (await reader.ReadAll()).ShouldBeEvents(n - 1);
            Assert.Equal(((n - 2) / 3) + 1, (await reader.HeadOf($"thing-{(n - 1) % 3}")).Version);
            (await reader.FindById(5))!.ShouldBeEvent(5);
        }

        reader.Close();
        writer.Close();
    }

    [Fact]
    public async Task Happens_by_itself_when_it_is_missing_or_behind()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 100; n++)
        {
            await ledger.AppendNow(Given.Append(n, padding: 300));
            if (n == 50)
                ledger.StepAll();
        }

        store.Disk.Crash(CrashKind.Kill);
        foreach (var lost in (List<string>[])[[], store.RunNames()[..1], store.RunNames()])
        {
            var fork = store.Fork();
            foreach (var run in lost)
                fork.Disk.Corrupt.Delete(run);
            var reopened = fork.Open();
            Assert.Null(reopened.Health.Trouble);
            (await reopened.ReadAll()).ShouldBeEvents(100);
            Assert.Equal(34, (await reopened.HeadOf("thing-1")).Version);
            reopened.StepAll();
            reopened.Close();
            Assert.Empty(fork.Verify().Problems);
        }
    }

    [Fact]
    public async Task Is_refused_beside_a_writer()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        store.Open();
        Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(() => LedgerMaintenance.RebuildIndex(store.Options)).Code);
    }
}
