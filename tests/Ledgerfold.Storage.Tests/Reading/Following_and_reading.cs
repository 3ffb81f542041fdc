using System.Runtime.CompilerServices;
using Ledgerfold.Storage.Disk;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Reading;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Reading;

public sealed class Following_a_ledger
{
    [Fact]
    public async Task Wakes_without_the_clock_moving()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var pages = ledger.Follow();
        Assert.True(await pages.MoveNextAsync());
        Assert.True(pages.Current.CaughtUp);
        for (var n = 1; n <= 20; n++)
        {
            var next = pages.MoveNextAsync();
            Assert.False(next.IsCompleted);
            await ledger.AppendNow(Given.Append(n));
            Assert.True(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            Assert.Equal(n, Assert.Single(pages.Current.Events).Position);
        }

        var last = pages.MoveNextAsync();
        ledger.Close();
        Assert.False(await last.AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        await pages.DisposeAsync();
    }

    [Fact]
    public void Is_not_looked_for_any_more_by_a_timer_that_comes_after_the_end()
    {
        using var directory = new TestDirectory();
        var clock = new BelatedClock();
        using var disk = new LinuxDisk(directory.Path);
        var options = new EmbeddedLedgerOptions { Disk = disk, Clock = clock };
        EmbeddedLedger.Create(options);
        var ledger = EmbeddedLedger.OpenReadOnly(options);
        clock.Fire();

        ledger.Close();
        disk.Dispose();
        clock.Fire(); // on a thread of the pool a failure here would end the process
    }

    /// <summary>Timers that fire when the test says, also when they were on their way while somebody disposed of them.</summary>
    private sealed class BelatedClock : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((callback, state));
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Fire() => _timers.ForEach(static timer => timer.Callback(timer.State));
    }

    [Fact]
    public void Goes_on_where_its_own_scheduler_says_until_it_is_cancelled()
    {
        var scheduler = new SeededScheduler(1);
        var ledger = new SimulatedStore().Create().Open();
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        var following = scheduler.Start(async () =>
        {
            await foreach (var page in ledger.Read(new ReadRequest { Follow = true }, cancel.Token))
                seen += page.Events.Length;
        });
        scheduler.RunAll();
        var appended = ledger.Append(Given.Append(1), cancel.Token);
        ledger.StepWriter();
        scheduler.RunAll();
        Assert.True(appended.IsCompletedSuccessfully);
        Assert.Equal(1, seen);

        cancel.Cancel();
        scheduler.RunAll();

        Assert.True(following.IsCanceled);
        Assert.Equal(0, scheduler.Strays);
    }

    [Fact]
    public async Task Holds_nothing_for_a_slow_reader()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var pages = ledger.Follow();
        await pages.MoveNextAsync();
        var request = Remember(ledger);
        for (var n = 2; n <= 3000; n++)
            await ledger.AppendNow(Given.Append(n));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(request.IsAlive);
        var seen = new List<RecordedEvent>();
        while (seen.Count < 3000 && await pages.MoveNextAsync())
        {
            Assert.InRange(pages.Current.Events.Length, 0, 256);
            seen.AddRange(pages.Current.Events);
        }

        seen.ShouldBeEvents(3000);
        await pages.DisposeAsync();
    }

    [Fact]
    public async Task Delivers_each_event_once_over_rolls_and_sealing_with_threads()
    {
        using var directory = new TestDirectory();
        var options = new EmbeddedLedgerOptions
        {
            Disk = new LinuxDisk(directory.Path),
            SegmentBytes = 16 * 1024,
            ZeroAheadBytes = 8 * 1024,
        };
        EmbeddedLedger.Create(options);
        await using var ledger = EmbeddedLedger.Open(options);
        var followers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => Follow(ledger, 1500))).ToArray();
        var cancel = TestContext.Current.CancellationToken;
        for (var n = 1; n <= 1500; n += 50)
            await Task.WhenAll(Enumerable.Range(n, 50).Select(one => ledger.Append(Given.Append(one), cancel).AsTask()));
        var expected = Enumerable.Range(1, 1500).Select(n => (long)n).ToList();
        foreach (var follower in followers)
            Assert.Equal(expected, await follower.WaitAsync(TimeSpan.FromSeconds(30), cancel));
        Assert.True(ledger.Log.Segments.Length > 10);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Remember(EmbeddedLedger ledger)
    {
        var request = Given.Append(1);
        _ = ledger.Send(request);
        ledger.StepWriter();
        return new WeakReference(request);
    }

    private static async Task<List<long>> Follow(EmbeddedLedger ledger, int count)
    {
        var seen = new List<long>();
        await foreach (var page in ledger.Read(new ReadRequest { Follow = true, Limit = count }, TestContext.Current.CancellationToken))
            seen.AddRange(page.Events.Select(recorded => recorded.Position));
        return seen;
    }
}

public sealed class Reading_many_segments
{
    [Fact]
    public async Task Keeps_few_files_open()
    {
        var disk = new MemoryDisk();
        var options = new EmbeddedLedgerOptions
        {
            Disk = disk,
            Clock = new ManualClock(),
            SegmentEventsMax = 2,
            SegmentBytes = 8 * 1024,
            ZeroAheadBytes = 1024,
        };
        EmbeddedLedger.Create(options);
        Assert.Equal(0, disk.OpenFiles);
        var ledger = EmbeddedLedger.OpenStepped(options);
        for (var n = 1; n <= 2100; n++)
        {
            await ledger.AppendNow(Given.Append(n));
            if (n % 16 == 0)
                while (ledger.StepIndex())
                {
                }
        }

        while (ledger.StepIndex())
        {
        }

        Assert.True(ledger.Log.Segments.Length >= 1000);
        (await ledger.ReadAll()).ShouldBeEvents(2100);
        Assert.Equal(700, (await ledger.ReadAll(new ReadRequest { Query = EventQuery.OfStream("thing-1") })).Count);
        Assert.Equal(2100, (await ledger.ReadAll(new ReadRequest { Backward = true })).Count);
        for (var n = 1; n < 2100; n += 97)
            Assert.True(Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n))).Repeated);
        Assert.InRange(disk.OpenFiles, 1, 130);
        ledger.Close();
        Assert.Equal(0, disk.OpenFiles);
        var reopened = EmbeddedLedger.OpenStepped(options);
        Assert.Equal(100, (await reopened.ReadAll(new ReadRequest { After = 2000 })).Count);
        reopened.Close();
        Assert.True(LedgerMaintenance.Verify(options).IsSound);
        Assert.Equal(0, disk.OpenFiles);
    }
}

public sealed class Reading_damaged_ranges
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Delivers_what_is_before_and_after_and_fails_with_the_position(bool indexed, bool reopened)
    {
        foreach (var plan in Enum.GetValues<ReadPlan>())
        {
            var (store, ledger, at) = await Damaged(indexed, plan);
            if (reopened)
            {
                ledger.Close();
                ledger = EmbeddedLedger.OpenStepped(store.Options, plan);
            }

            var (events, damage) = await ledger.ReadUntilDamage();
            events.ShouldBeEvents(at - 1);
            Assert.Equal(at, damage?.Position);
            var after = await ledger.ReadAll(new ReadRequest { After = at });
            Assert.Equal(100 - at, after.Count);
            foreach (var recorded in after)
                recorded.ShouldBeEvent((int)recorded.Position);
            var (newest, before) = await ledger.ReadUntilDamage(new ReadRequest { Backward = true });
            Assert.Equal(at, before?.Position);
            Assert.All(newest, recorded => Assert.True(recorded.Position > at));
            await Assert.ThrowsAsync<LedgerDamagedException>(async () => await ledger.FindById(at));
            var (stream, damaged) = await ledger.ReadUntilDamage(new ReadRequest { Query = EventQuery.OfStream($"thing-{at % 3}") });
            Assert.NotNull(damaged);
            Assert.All(stream, recorded => Assert.True(recorded.Position < at));
            ledger.Close();
            var report = LedgerMaintenance.Verify(store.Options);
            Assert.Contains(report.Problems, problem => problem.Position == at && problem.File == damage!.File && problem.Offset > 0);
            Assert.Equal([new PositionRange(1, at - 1), new PositionRange(at + 1, 100)], report.Readable);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delivers_all_newer_events_before_it_fails_backwards(bool byIndex)
    {
        var (_, ledger, at) = await Damaged(indexed: true, byIndex ? ReadPlan.Index : ReadPlan.Scan);
        var (newest, damage) = await ledger.ReadUntilDamage(new ReadRequest { Backward = true });
        Assert.NotNull(damage);
        Assert.Equal(100 - at, newest.Count);
    }

    [Fact]
    public async Task Fails_raw_batches_there_as_well()
    {
        var (_, ledger, at) = await Damaged(indexed: true, ReadPlan.Free);
        var last = 0L;
        var damage = await Assert.ThrowsAsync<LedgerDamagedException>(async () =>
        {
            await foreach (var batch in ledger.ReadBatches(0, TestContext.Current.CancellationToken))
                last = batch.FirstPosition;
        });
        Assert.Equal((at - 1, at), (last, damage.Position));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Says_where_a_stream_or_a_cursor_stands_only_where_no_hole_can_hold_more(bool known)
    {
        var (store, ledger, at) = await Damaged(indexed: false, ReadPlan.Free);
        await ledger.AppendNow(Given.Move("c", 0, 5));
        await ledger.AppendNow(AppendRequest.To("late-1", Expectation.Any, Given.Event(101)));
        ledger.Close();
        var reopened = known ? store.Open() : store.OpenReadOnly();
        Assert.Equal(1, (await reopened.HeadOf("late-1")).Version);
        Assert.Equal(34, (await reopened.HeadOf("thing-1")).Version); // its last event stands behind the hole
        Assert.Equal(at, (await Assert.ThrowsAsync<LedgerDamagedException>(() => reopened.HeadOf("unknown-1"))).Position);
        await Assert.ThrowsAsync<LedgerDamagedException>(
            async () => await reopened.ReadCursor("default", "c", 0, TestContext.Current.CancellationToken));
        reopened.Close();
    }

    private static async Task<(SimulatedStore Store, EmbeddedLedger Ledger, int At)> Damaged(bool indexed, ReadPlan plan)
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = EmbeddedLedger.OpenStepped(store.Options, plan);
        for (var n = 1; n <= 100; n++)
            await ledger.AppendNow(Given.Append(n, padding: 300));
        if (indexed)
            ledger.StepAll();
        var segment = ledger.Log.Segments[2];
        var at = (int)segment.FirstPosition + 2;
        var content = store.Disk.Content(segment.Name);
        var offset = SegmentHeader.Bytes;
        BatchHeader header;
        while (BatchHeader.TryRead(content.AsSpan(offset), out header) && (header.FirstPosition < at || header.Events == 0))
            offset += header.Length;
        store.Disk.Corrupt.FlipBit(segment.Name, offset + BatchFormat.HeaderBytes + 50, 2);
        return (store, ledger, at);
    }
}

public sealed class Reading_what_was_truncated
{
    [Fact]
    public async Task Says_where_the_ledger_begins_now()
    {
        var store = await SimulatedStore.Holding(20, closed: true);
        var name = store.ManifestNames().Single();
        var bytes = store.Disk.Content(name);
        for (var slot = 0; slot <= Manifest.SecondSlot; slot += Manifest.SecondSlot)
        {
            var manifest = Manifest.Read(bytes.AsSpan(slot))! with { First = 8 };
            manifest.Write(bytes.AsSpan(slot, Manifest.SlotBytes));
        }

        store.Disk.Corrupt.Replace(name, bytes);
        foreach (var plan in Enum.GetValues<ReadPlan>())
        {
            var ledger = EmbeddedLedger.OpenStepped(store.Options, plan);
            Assert.Equal(new LedgerRange(8, 20), await ledger.ReadRange(TestContext.Current.CancellationToken));
            foreach (var query in (EventQuery[])[EventQuery.All, EventQuery.OfStream("thing-1")])
            {
                var truncated = await Assert.ThrowsAsync<LedgerTruncatedException>(() => ledger.ReadAll(new ReadRequest { Query = query }));
                Assert.Equal(8, truncated.First);
                await Assert.ThrowsAsync<LedgerTruncatedException>(() => ledger.ReadAll(new ReadRequest { Query = query, After = 6 }));
            }

            Assert.Equal(13, (await ledger.ReadAll(new ReadRequest { After = 7 })).Count);
            Assert.Equal(13, (await ledger.ReadAll(new ReadRequest { After = 7, Backward = true })).Count);
            await DeliversWhatIsLeftBackward(ledger);
            await Assert.ThrowsAsync<LedgerTruncatedException>(async () =>
            {
                await foreach (var _ in ledger.ReadBatches(3, TestContext.Current.CancellationToken))
                {
                }
            });
            ledger.Close();
        }

        var reopened = store.Open();
        Assert.Equal(21, Assert.IsType<AppendOutcome.Appended>(await reopened.AppendNow(Given.Append(21))).First);
        reopened.Close();
        Assert.Equal(8, LedgerMaintenance.Stat(store.Options).First);
    }

    private static async Task DeliversWhatIsLeftBackward(EmbeddedLedger ledger)
    {
        Assert.Equal([20, 19], (await ledger.ReadAll(new ReadRequest { Backward = true, Limit = 2 })).Select(recorded => recorded.Position));
        Assert.Equal(13, (await ledger.ReadAll(new ReadRequest { Backward = true, Limit = 13 })).Count);
        foreach (var query in (EventQuery[])[EventQuery.All, EventQuery.OfStream("thing-1")])
        {
            var positions = new List<long>();
            var truncated = await Assert.ThrowsAsync<LedgerTruncatedException>(async () =>
            {
                var request = new ReadRequest { Query = query, Backward = true };
                await foreach (var page in ledger.Read(request, TestContext.Current.CancellationToken))
                {
                    positions.AddRange(page.Events.Select(recorded => recorded.Position));
                    Assert.False(page.CaughtUp);
                }
            });
            Assert.Equal(8, truncated.First);
            long[] expected = query == EventQuery.All ? [.. Enumerable.Range(0, 13).Select(n => 20L - n)] : [19, 16, 13, 10];
            Assert.Equal(expected, positions);
        }

        await Assert.ThrowsAsync<LedgerTruncatedException>(() => ledger.ReadAll(new ReadRequest { Backward = true, Before = 8 }));
    }
}

public sealed class Counting_far
{
    [Fact]
    public async Task Goes_on_beyond_what_an_int_holds()
    {
        const long First = 5_000_000_000;
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var (segment, manifest) = (store.SegmentNames().Single(), store.ManifestNames().Single());
        var bytes = store.Disk.Content(segment);
        (SegmentHeader.Read(bytes)! with { FirstPosition = First }).Write(bytes);
        store.Disk.Corrupt.Replace(segment, bytes);
        bytes = store.Disk.Content(manifest);
        (Manifest.Read(bytes)! with { First = First }).Write(bytes);
        store.Disk.Corrupt.Replace(manifest, bytes);

        var ledger = store.Open();
        for (var n = 1; n <= 60; n++)
            Assert.Equal(First + n - 1, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n, padding: 300))).First);
        await ledger.AppendNow(Given.Move("c", 0, First + 59));
        ledger.StepAll();
        store.Disk.Crash(CrashKind.PowerCut);
        var reopened = store.Open();
        Assert.Equal(new LedgerRange(First, First + 59), await reopened.ReadRange(TestContext.Current.CancellationToken));
        Assert.Equal(60, (await reopened.ReadAll(new ReadRequest { After = First - 1 })).Count);
        Assert.Equal(First + 59, (await reopened.ReadAll(new ReadRequest { After = First - 1, Backward = true, Limit = 1 })).Single().Position);
        Assert.Equal(First + 6, (await reopened.FindById(7))!.Position);
        Assert.Equal(First + 59, (await reopened.ReadCursor("default", "c", 0, TestContext.Current.CancellationToken)).Position);
        Assert.True(Assert.IsType<AppendOutcome.Appended>(await reopened.AppendNow(Given.Append(7, padding: 300))).Repeated);
        reopened.Close();
        Assert.Empty(store.Verify().Problems);
    }
}

public sealed class Reading_a_closed_ledger
{
    [Fact]
    public async Task Is_refused_rather_than_answered_with_nothing()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        var ledger = store.Open();
        ledger.Close();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.ReadAll());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.FindById(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.HeadOf("thing-1"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await ledger.ReadRange(TestContext.Current.CancellationToken));
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(4)));
    }
}

public sealed class Reading_raw_batches
{
    [Fact]
    public async Task Gives_every_batch_that_the_chain_runs_through()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 30; n++)
        {
            await ledger.AppendNow(Given.Append(n, padding: 300));
            if (n % 4 == 0)
                await ledger.AppendNow(Given.Move("c", n - 4, n));
        }

        var chain = BatchFormat.Genesis(ledger.StoreId);
        var head = 0L;
        await foreach (var batch in ledger.ReadBatches(0, TestContext.Current.CancellationToken))
        {
            Assert.True(BatchHeader.TryRead(batch.Bytes.Span, out var header));
            Assert.Equal(Convert.ToHexString(chain), Convert.ToHexString(BatchHeader.PreviousOf(batch.Bytes.Span)));
            chain = BatchHeader.ChainOf(batch.Bytes.Span).ToArray();
            head = header.FirstPosition + header.Events - 1;
        }

        Assert.Equal(30, head);
    }
}
