using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Writing;

/// <summary>What is staged while the writer syncs the batch before it.</summary>
public sealed class Staging_ahead
{
    [Fact]
    public async Task Counts_what_is_on_its_way_and_tells_nobody_before_its_own_sync()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var first = ledger.Send(AppendRequest.To("a-1", Expectation.NoStream, Given.Event(1)));
        Answer[] ahead = [];
        DuringTheNextSync(store, () =>
        {
            ahead =
            [
                ledger.Send(AppendRequest.To("a-1", Expectation.Exactly(1), Given.Event(2))),
                ledger.Send(AppendRequest.To("a-1", Expectation.NoStream, Given.Event(1))),
                ledger.Send(AppendRequest.To("a-1", Expectation.Exactly(1), Given.Event(3))),
                ledger.Send(AppendRequest.To("a-1", Expectation.Any, Given.Event(2) with { Type = "Other" })),
            ];
            Assert.True(ledger.StepStaging());
            Assert.False(ledger.StepStaging());
            Assert.Equal(0, ledger.Log.Head);
        });
        ledger.StepWriter();
        Assert.Equal(1, Assert.IsType<AppendOutcome.Appended>(await first).Last);
        Assert.All(ahead, answer => Assert.False(answer.IsCompleted));
        Assert.Equal(1, ledger.Log.Head);

        ledger.StepWriter();
        Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await ahead[0]).First);
        Assert.True(Assert.IsType<AppendOutcome.Appended>(await ahead[1]).Repeated);
        Assert.Equal(2, Assert.IsType<AppendOutcome.WrongVersion>(await ahead[2]).Actual);
        Assert.IsType<AppendOutcome.IdConflict>(await ahead[3]);
        Assert.Equal(2, (await Reopen(store).ReadAll()).Count);
    }

    [Fact]
    public async Task Sees_cursors_as_they_will_stand()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        _ = ledger.Send(Given.Append(1));
        _ = ledger.Send(Given.Move("c", 0, 1));
        Answer? stale = null, next = null;
        DuringTheNextSync(store, () =>
        {
            stale = ledger.Send(Given.Move("c", 0, 1));
            next = ledger.Send(new AppendRequest
            {
                Writes = [new StreamWrite { Stream = "a-1", Events = [Given.Event(2)] }],
                CursorMoves = [new CursorMove { Consumer = "c", Expected = 1, Next = 2 }],
            });
            Assert.True(ledger.StepStaging());
        });
        ledger.StepWriter();
        Assert.Equal(1, (await ledger.ReadCursor("default", "c", 0, TestContext.Current.CancellationToken)).Position);
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.CursorMoved>(await stale!);
        Assert.IsType<AppendOutcome.Appended>(await next!);
        Assert.Equal(2, (await ledger.ReadCursor("default", "c", 0, TestContext.Current.CancellationToken)).Position);
    }

    [Fact]
    public async Task Is_in_one_batch_with_what_comes_later()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        _ = ledger.Send(Given.Append(1));
        DuringTheNextSync(store, () =>
        {
            for (var n = 2; n <= 11; n++)
                _ = ledger.Send(Given.Append(n));
            Assert.True(ledger.StepStaging());
        });
        ledger.StepWriter();
        _ = ledger.Send(Given.Append(12));
        var writes = store.Disk.Trace.CallsOf(DiskCallKind.Write);
        ledger.StepWriter();
        Assert.Equal(writes + 1, store.Disk.Trace.CallsOf(DiskCallKind.Write));
        (await ledger.ReadAll()).ShouldBeEvents(12);
        (await Reopen(store).ReadAll()).ShouldBeEvents(12);
    }

    [Fact]
    public async Task Is_refused_without_a_trace_when_the_sync_before_it_fails()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var first = ledger.Send(Given.Append(1));
        Answer? ahead = null;
        DuringTheNextSync(store, () =>
        {
            ahead = ledger.Send(Given.Append(2));
            Assert.True(ledger.StepStaging());
            store.Disk.Faults.Fail(DiskCallKind.Sync);
        });
        ledger.StepWriter();
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.Indeterminate>(await first);
        Assert.IsType<AppendOutcome.ReadOnly>(await ahead!);
        Assert.Null(await Reopen(store).FindById(2));
    }

    [Fact]
    public async Task Ends_the_writer_when_what_it_compares_with_cannot_be_read()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        var acknowledged = ledger.Send(Given.Append(2));
        Answer? ahead = null;
        DuringTheNextSync(store, () =>
        {
            ahead = ledger.Send(AppendRequest.To("a-1", Expectation.Any, Given.Event(3), Given.Event(1)));
            store.Disk.Faults.Fail(DiskCallKind.Read);
            Assert.True(ledger.StepStaging());
            Assert.False(ledger.StepStaging());
        });
        ledger.StepWriter();
        Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await acknowledged).Last);
        Assert.Equal("disk-failed", ledger.Health.Trouble?.Code);
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.ReadOnly>(await ahead!);
        (await Reopen(store).ReadAll()).ShouldBeEvents(2);
    }

    [Fact]
    public async Task Is_in_doubt_for_who_gives_up_and_written_all_the_same()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        _ = ledger.Send(Given.Append(1));
        using var cancel = new CancellationTokenSource();
        Answer? cancelled = null, late = null;
        DuringTheNextSync(store, () =>
        {
            cancelled = ledger.Send(Given.Append(2), cancel.Token);
            late = ledger.Send(Given.Append(3) with { Timeout = TimeSpan.FromSeconds(1) });
            Assert.True(ledger.StepStaging());
        });
        ledger.StepWriter();
        await cancel.CancelAsync();
        store.Clock.Advance(TimeSpan.FromSeconds(2));
        ledger.Queue.TimeOutLate();
        Assert.IsType<AppendOutcome.Indeterminate>(await cancelled!);
        Assert.IsType<AppendOutcome.Indeterminate>(await late!);
        ledger.StepWriter();
        (await ledger.ReadAll()).ShouldBeEvents(3);
        Assert.Null(ledger.Health.Trouble);
    }

    [Fact]
    public async Task Leaves_what_does_not_fit_into_the_segment()
    {
        var store = new SimulatedStore { With = options => options with { SegmentEventsMax = 5 } }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 4; n++)
            _ = ledger.Send(Given.Append(n));
        DuringTheNextSync(store, () =>
        {
            for (var n = 5; n <= 7; n++)
                _ = ledger.Send(Given.Append(n));
            ledger.StepStaging();
        });
        while (ledger.StepWriter())
        {
        }

        Assert.Equal([1L, 6L], ledger.Log.Segments.ToArray().Select(segment => segment.FirstPosition));
        (await Reopen(store).ReadAll()).ShouldBeEvents(7);
    }

    [Fact]
    public void Waits_while_nothing_is_synced()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var answer = ledger.Send(Given.Append(1));
        Assert.False(ledger.StepStaging());
        store.Disk.BeforeCall = call => Assert.True(call.Kind == DiskCallKind.Sync || !ledger.StepStaging(), $"staged during {call}");
        ledger.StepWriter();
        Assert.True(answer.IsCompleted);
    }

    private static EmbeddedLedger Reopen(SimulatedStore store)
    {
        store.Disk.Crash(CrashKind.Kill);
        return store.Open();
    }

    private static void DuringTheNextSync(SimulatedStore store, Action act) => store.Disk.BeforeCall = call =>
    {
        if (call.Kind != DiskCallKind.Sync)
            return;
        store.Disk.BeforeCall = null;
        act();
    };
}
