using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Recovery;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Recovery;

public sealed class Creating_a_ledger
{
    [Theory]
    [InlineData(CrashKind.Kill, CrashMoment.Before)]
    [InlineData(CrashKind.Kill, CrashMoment.After)]
    [InlineData(CrashKind.PowerCut, CrashMoment.Before)]
    [InlineData(CrashKind.PowerCut, CrashMoment.During)]
    [InlineData(CrashKind.PowerCut, CrashMoment.After)]
    public async Task Can_be_cut_short_at_every_call_and_done_again(CrashKind kind, CrashMoment moment)
    {
        var calls = new SimulatedStore().Create().Disk.CallCount;
        Assert.True(calls > 10);
        for (var call = 1; call <= calls; call++)
        {
            for (var seed = 1UL; seed <= 4; seed++)
            {
                var store = new SimulatedStore(seed);
                store.Disk.Faults.CrashAt(call, kind, moment);
                Assert.Throws<SimulatedCrashException>(() => EmbeddedLedger.Create(store.Options));
                await ShouldBeCreatedOrNot(store, call);
            }
        }
    }

    [Fact]
    public void Answers_an_error_of_every_call_and_can_be_done_again()
    {
        var calls = new SimulatedStore().Create().Disk.CallCount;
        for (var call = 1; call <= calls; call++)
        {
            var number = call;
            var store = new SimulatedStore();
            store.Disk.Faults.Arm(new DiskFault.Failure(), one => one.Number == number && one.Kind != DiskCallKind.Prefetch);
            Exception? failure = Record.Exception(() => EmbeddedLedger.Create(store.Options));
            store.Disk.Faults.Clear();
            Assert.True(failure is null or IOException or LedgerUnavailableException, failure?.ToString());
            if (!IsLedger(store))
                EmbeddedLedger.Create(store.Options);
            store.Open().Close();
        }
    }

    [Fact]
    public void Refuses_a_directory_that_holds_anything()
    {
        var store = new SimulatedStore();
        store.Disk.CreateDirectory();
        store.Disk.Corrupt.Replace("notes.txt", "x"u8);
        Assert.Equal("not-empty", Assert.Throws<LedgerUnavailableException>(() => EmbeddedLedger.Create(store.Options)).Code);
        Assert.Equal(["notes.txt"], store.Disk.Names());
    }

    [Fact]
    public async Task Refuses_a_directory_that_holds_a_ledger()
    {
        var store = await SimulatedStore.Holding(2, closed: true);
        Assert.Equal("not-empty", Assert.Throws<LedgerUnavailableException>(() => EmbeddedLedger.Create(store.Options)).Code);
        (await store.Open().ReadAll()).ShouldBeEvents(2);
    }

    private static async Task ShouldBeCreatedOrNot(SimulatedStore store, long call)
    {
        if (!IsLedger(store))
            EmbeddedLedger.Create(store.Options);
        var ledger = store.Open();
        Assert.Null(ledger.Health.Trouble);
        Assert.True(await ledger.AppendNow(Given.Append(1)) is AppendOutcome.Appended { First: 1 }, $"call {call}");
        store.Disk.Crash(CrashKind.PowerCut);
        (await store.Open().ReadAll()).ShouldBeEvents(1);
    }

    private static bool IsLedger(SimulatedStore store)
    {
        try
        {
            Survey.Of(store.Disk);
            return true;
        }
        catch (LedgerUnavailableException absent)
        {
            Assert.Equal("not-a-ledger", absent.Code);
            return false;
        }
    }
}

public sealed class Ending_and_beginning_again
{
    [Fact]
    public async Task Goes_on_in_the_same_segment_behind_a_close_marker()
    {
        var store = await SimulatedStore.Holding(3, closed: true);
        for (var round = 0; round < 3; round++)
        {
            var ledger = store.Open();
            Assert.True(ledger.Recovery.WasClosed);
            Assert.Equal(0, ledger.Recovery.RewrittenEvents);
            await ledger.AppendNow(Given.Append(4 + round));
            ledger.Close();
        }

        Assert.Single(store.SegmentNames());
        Assert.Single(store.ManifestNames());
        (await store.Open().ReadAll()).ShouldBeEvents(6);
        Assert.True(store.Verify().IsSound);
    }

    [Fact]
    public async Task Starts_a_segment_after_a_crash_and_writes_the_doubtful_batch_again()
    {
        var store = await SimulatedStore.Holding(3, closed: false);
        var old = store.SegmentNames().Single();
        var before = store.Disk.Content(old);
        var ledger = store.Open();
        Assert.False(ledger.Recovery.WasClosed);
        Assert.Equal(1, ledger.Recovery.RewrittenEvents);
        Assert.Equal(2, ledger.Log.Segments.Length);
        Assert.Equal(3, ledger.Log.Last.FirstPosition);
        Assert.Equal(before, store.Disk.Content(old));
        (await ledger.ReadAll()).ShouldBeEvents(3);
        Assert.True(store.Verify().IsSound);
    }

    [Fact]
    public async Task Writes_nothing_again_that_is_vouched_for()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        for (var n = 1; n <= 3; n++)
            await ledger.AppendNow(Given.Append(n));
        store.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(ledger.StepWriter());
        store.Disk.Crash(CrashKind.PowerCut);
        var reopened = store.Open();
        Assert.Equal(0, reopened.Recovery.RewrittenEvents);
        (await reopened.ReadAll()).ShouldBeEvents(3);
    }

    [Fact]
    public async Task Does_not_trust_the_page_cache_after_a_failed_sync()
    {
        var store = await SimulatedStore.Holding(3, closed: false);
        var ledger = store.Open();
        store.Disk.Faults.Fail(DiskCallKind.Sync);
        Assert.IsType<AppendOutcome.Indeterminate>(await ledger.AppendNow(Given.Append(4)));
        store.Disk.Crash(CrashKind.Kill); // the page cache stays, and shows the batch
        var reopened = store.Open();
        var shown = (await reopened.ReadAll()).Count;
        Assert.InRange(shown, 3, 4);
        await reopened.AppendNow(Given.Append(shown + 1));
        store.Disk.Crash(CrashKind.PowerCut);
        (await store.Open().ReadAll()).ShouldBeEvents(shown + 1);
    }

    [Theory]
    [InlineData(CrashKind.Kill)]
    [InlineData(CrashKind.PowerCut)]
    public async Task Can_be_cut_short_at_every_call_of_the_opening(CrashKind kind)
    {
        var store = await SimulatedStore.Holding(4, closed: false);
        var trial = store.Fork();
        trial.Open();
        for (var call = 1; call <= trial.Disk.CallCount; call++)
        {
            foreach (var moment in Enum.GetValues<CrashMoment>())
            {
                var fork = store.Fork((ulong)call);
                fork.Disk.Faults.CrashAt(call, kind, moment);
                Assert.Throws<SimulatedCrashException>(fork.Open);
                var ledger = fork.Open();
                Assert.Null(ledger.Health.Trouble);
                (await ledger.ReadAll()).ShouldBeEvents(4);
                Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(5)));
                ledger.Close();
                Assert.True(fork.Verify().IsSound, $"call {call} {moment}");
            }
        }
    }

    [Fact]
    public async Task Fences_a_writer_whose_lock_was_defeated()
    {
        var store = new SimulatedStore();
        store.Disk.LocksDefeated = true;
        store.Create();
        var older = store.Open();
        await older.AppendNow(Given.Append(1));
        var newer = store.Open();
        Assert.IsType<AppendOutcome.Indeterminate>(await older.AppendNow(Given.Append(2)));
        Assert.Equal("fenced", older.Health.Trouble?.Code);
        Assert.IsType<AppendOutcome.ReadOnly>(await older.Send(Given.Append(3)));
        Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await newer.AppendNow(Given.Append(2))).First);
        older.Close();
        newer.Close();
        (await store.Open().ReadAll()).ShouldBeEvents(2);
        Assert.True(store.Verify().IsSound);
    }

    [Fact]
    public async Task Refuses_the_second_writer()
    {
        var store = await SimulatedStore.Holding(1, closed: true);
        var ledger = store.Open();
        Assert.Equal("locked", Assert.Throws<LedgerUnavailableException>(store.Open).Code);
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(2)));
        ledger.Close();
        store.Open().Close();
    }

    [Fact]
    public async Task Remembers_closed_streams_cursors_and_ids_whatever_happened_since()
    {
        var store = new SimulatedStore { With = SimulatedStore.TinySegments }.Create();
        var ledger = store.Open();
        var closing = new AppendRequest
        {
            Writes = [new StreamWrite { Stream = "done-1", Events = [Given.Event(1000)], Close = true }],
            CursorMoves = [new CursorMove { Consumer = "slow", Expected = 0, Next = 1, HeldKeys = ["k1", "k2"] }],
        };
        var first = Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(closing));
        for (var round = 0; round < 4; round++)
        {
            for (var n = 1; n <= 60; n++)
                await ledger.AppendNow(Given.Append((round * 60) + n, padding: 300));
            if (round % 2 == 0)
                ledger.StepAll();
            if (round == 1)
                ledger.Close();
            else
                store.Disk.Crash(CrashKind.PowerCut);
            ledger = store.Open();
            var cancel = TestContext.Current.CancellationToken;
            Assert.Equal(new StreamHead(1, Closed: true), await ledger.HeadOf("done-1"));
            var cursor = await ledger.ReadCursor("default", "slow", 0, cancel);
            Assert.Equal(1, cursor.Position);
            Assert.Equal(["k1", "k2"], cursor.HeldKeys);
            var repeat = Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(closing));
            Assert.Equal((first.First, first.Last, true), (repeat.First, repeat.Last, repeat.Repeated));
            var beyond = AppendRequest.To("done-1", Expectation.Exactly(9), Given.Event(2000 + round));
            Assert.IsType<AppendOutcome.StreamClosed>(await ledger.AppendNow(beyond));
            Assert.IsType<AppendOutcome.CursorMoved>(await ledger.AppendNow(Given.Move("slow", 0, 2)));
            var other = AppendRequest.To("thing-1", Expectation.Any, Given.Event(1) with { Type = "Other" });
            Assert.IsType<AppendOutcome.IdConflict>(await ledger.AppendNow(other));
        }

        Assert.True(ledger.Log.Segments.Length > 30);
        Assert.True(store.Verify().IsSound);
    }
}
