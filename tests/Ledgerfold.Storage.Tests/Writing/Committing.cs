using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Writing;

public sealed class Committing_in_groups
{
    [Fact]
    public async Task Makes_all_that_wait_durable_together()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var syncs = store.Disk.Trace.CallsOf(DiskCallKind.Sync);
        var writes = store.Disk.Trace.CallsOf(DiskCallKind.Write);
        var waiting = Enumerable.Range(1, 64).Select(n => ledger.Send(Given.Append(n))).ToArray();
        Assert.All(waiting, answer => Assert.False(answer.IsCompleted));
        ledger.StepWriter();
        Assert.Equal(syncs + 2, store.Disk.Trace.CallsOf(DiskCallKind.Sync)); // twice in space that is not zeroed
        Assert.Equal(writes + 1, store.Disk.Trace.CallsOf(DiskCallKind.Write));
        for (var n = 1; n <= 64; n++)
            Assert.Equal(n, Assert.IsType<AppendOutcome.Appended>(await waiting[n - 1]).First);
        (await ledger.ReadAll()).ShouldBeEvents(64);
    }

    [Fact]
    public void Syncs_once_in_zeroed_space()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        for (var n = 1; n <= 60; n++)
        {
            _ = ledger.Send(Given.Append(n));
            ledger.StepWriter();
            ledger.StepSpace();
        }

        var syncs = store.Disk.Trace.CallsOf(DiskCallKind.Sync);
        _ = ledger.Send(Given.Append(61));
        ledger.StepWriter();
        Assert.Equal(syncs + 1, store.Disk.Trace.CallsOf(DiskCallKind.Sync));
    }

    [Fact]
    public async Task Tells_nobody_before_the_sync()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var first = ledger.Send(Given.Append(1));
        var again = ledger.Send(Given.Append(1));
        var refused = ledger.Send(AppendRequest.To("thing-1", Expectation.NoStream, Given.Event(2)));
        var seen = 0;
        store.Disk.BeforeCall = call =>
        {
            if (call.Kind is not (DiskCallKind.Write or DiskCallKind.Sync))
                return;
            seen++;
            Assert.False(first.IsCompleted || again.IsCompleted || refused.IsCompleted);
            Assert.Equal(0, ledger.Log.Head);
            Assert.True(ledger.ReadAll().IsCompletedSuccessfully);
            Assert.Empty(ledger.ReadAll().GetAwaiter().GetResult());
            Assert.Equal(default, ledger.HeadOf("thing-1").GetAwaiter().GetResult());
        };
        ledger.StepWriter();
        Assert.Equal(3, seen);
        Assert.False(Assert.IsType<AppendOutcome.Appended>(await first).Repeated);
        var repeat = Assert.IsType<AppendOutcome.Appended>(await again);
        Assert.True(repeat.Repeated);
        Assert.Equal(1, repeat.First);
        Assert.Equal(1, Assert.IsType<AppendOutcome.WrongVersion>(await refused).Actual);
    }

    [Fact]
    public async Task Lets_the_earlier_of_the_same_drain_count()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var cancel = TestContext.Current.CancellationToken;
        var checkOnly = new StreamWrite { Stream = "a-1", Expect = Expectation.Exactly(2) };
        var condition = new AppendCondition(EventQuery.OfTypes("Happened"), 0);
        var answers = new[]
        {
            ledger.Send(AppendRequest.To("a-1", Expectation.NoStream, Given.Event(1))),
            ledger.Send(AppendRequest.To("a-1", Expectation.Exactly(1), Given.Event(2))),
            ledger.Send(AppendRequest.To("a-1", Expectation.NoStream, Given.Event(3))),
            ledger.Send(AppendRequest.To("a-2", Expectation.Any, Given.Event(4)) with { Condition = condition }),
            ledger.Send(Given.Move("c", 0, 2)),
            ledger.Send(Given.Move("c", 0, 1)),
            ledger.Send(new AppendRequest { Writes = [new StreamWrite { Stream = "a-1", Events = [Given.Event(5)], Close = true }] }),
            ledger.Send(AppendRequest.To("a-1", Expectation.Exactly(9), Given.Event(6))),
            ledger.Send(AppendRequest.To("a-1", Expectation.Any, Given.Event(2) with { Type = "Other" })),
            ledger.Send(new AppendRequest { Writes = [new StreamWrite { Stream = "a-3", Events = [Given.Event(7)] }, checkOnly] }),
        };
        ledger.StepWriter();
        var outcomes = new List<string>();
        foreach (var answer in answers)
            outcomes.Add((await answer).Code);
        Assert.Equal(
            [
                "appended", "appended", "wrong-version", "condition-failed", "appended", "cursor-moved", "appended", "stream-closed",
                "id-conflict", "wrong-version",
            ],
            outcomes);
        Assert.Equal(new StreamHead(3, Closed: true), await ledger.HeadOf("a-1"));
        Assert.Equal(3, (await ledger.ReadAll()).Count);
    }

    [Fact]
    public async Task Lets_exactly_one_of_many_racers_win()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var racers = Enumerable.Range(1, 100)
            .Select(n => ledger.Send(AppendRequest.To("a-1", Expectation.NoStream, Given.Event(n)))).ToArray();
        ledger.StepWriter();
        var won = 0;
        foreach (var racer in racers)
            won += await racer is AppendOutcome.Appended ? 1 : 0;
        Assert.Equal(1, won);
        Assert.Single(await ledger.ReadAll());
    }

    [Fact]
    public async Task Writes_nothing_where_there_is_nothing_to_write()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        var writes = store.Disk.Trace.CallsOf(DiskCallKind.Write);
        var check = new AppendRequest { Writes = [new StreamWrite { Stream = "thing-1", Expect = Expectation.Exactly(1) }] };
        var checkedAt = Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(check));
        Assert.Equal((0, 1), (checkedAt.First, checkedAt.Last));
        var stale = new AppendRequest { Writes = [new StreamWrite { Stream = "thing-1", Expect = Expectation.NoStream }] };
        Assert.IsType<AppendOutcome.WrongVersion>(await ledger.AppendNow(stale));
        Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(new AppendRequest()));
        Assert.Equal(writes, store.Disk.Trace.CallsOf(DiskCallKind.Write));
    }

    [Fact]
    public async Task Takes_one_append_that_is_larger_than_a_segment()
    {
        var store = new SimulatedStore { With = options => SimulatedStore.TinySegments(options) with { BatchBytesMax = 1024 } }.Create();
        var ledger = store.Open();
        for (var n = 1; n <= 6; n++)
            Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(n, padding: n % 2 == 0 ? 500_000 : 10)));
        store.Disk.Crash(CrashKind.PowerCut);
        (await store.Open().ReadAll()).ShouldBeEvents(6);
        Assert.True(store.Verify().IsSound);
    }
}

public sealed class Vouching
{
    [Fact]
    public async Task Happens_once_after_the_writer_was_idle_for_so_long()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        Assert.False(ledger.StepWriter());
        await ledger.AppendNow(Given.Append(1));
        store.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(ledger.StepWriter());
        await ledger.AppendNow(Given.Append(2));
        store.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(ledger.StepWriter());
        var end = ledger.Log.Last.End;
        store.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(ledger.StepWriter());
        Assert.Equal(end + 168, ledger.Log.Last.End);
        store.Clock.Advance(TimeSpan.FromDays(1));
        Assert.False(ledger.StepWriter());
        Assert.Equal(end + 168, ledger.Log.Last.End);
    }

    [Fact]
    public async Task Ends_the_writer_when_its_sync_fails()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        await ledger.AppendNow(Given.Append(1));
        store.Clock.Advance(TimeSpan.FromSeconds(1));
        store.Disk.Faults.Fail(DiskCallKind.Sync);
        ledger.StepWriter();
        Assert.Equal("disk-failed", ledger.Health.Trouble?.Code);
        (await ledger.ReadAll()).ShouldBeEvents(1);
    }
}
