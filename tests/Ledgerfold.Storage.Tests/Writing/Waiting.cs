using Ledgerfold.Storage.Writing;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Storage.Tests.Writing;

public sealed class Cancelling_an_append
{
    [Fact]
    public async Task Leaves_no_trace_before_it_is_staged()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        using var source = new CancellationTokenSource();
        var cancelled = ledger.Send(Given.Append(9), source.Token);
        var other = ledger.Send(Given.Append(1));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);
        ledger.StepWriter();
        Assert.Equal(1, Assert.IsType<AppendOutcome.Appended>(await other).First);
        (await ledger.ReadAll()).ShouldBeEvents(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ledger.Send(Given.Append(2), source.Token));
        Assert.Equal(2, Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(2))).First);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_indeterminate_once_it_is_staged(bool syncFails)
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        using var source = new CancellationTokenSource();
        var cancelled = ledger.Send(Given.Append(1), source.Token);
        store.Disk.BeforeCall = call =>
        {
            if (call.Kind == DiskCallKind.Sync)
                source.Cancel();
        };
        if (syncFails)
            store.Disk.Faults.Fail(DiskCallKind.Sync);
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.Indeterminate>(await cancelled);
        Assert.Equal(syncFails ? 0 : 1, (await ledger.ReadAll()).Count);
        store.Disk.BeforeCall = null;
        if (!syncFails)
            Assert.True(Assert.IsType<AppendOutcome.Appended>(await ledger.AppendNow(Given.Append(1))).Repeated);
    }
}

public sealed class Waiting_for_an_answer
{
    [Fact]
    public async Task Ends_overloaded_when_the_writer_did_not_come_to_it()
    {
        using var directory = new TestDirectory();
        var (queue, clock, ledger, store) = Threadless();
        var late = ledger.Send(Given.Append(1) with { Timeout = TimeSpan.FromSeconds(1) });
        var patient = ledger.Send(Given.Append(1) with { Timeout = TimeSpan.FromSeconds(5) });
        clock.Advance(TimeSpan.FromSeconds(1));
        queue.TimeOutLate();
        Assert.IsType<AppendOutcome.Overloaded>(await late);
        Assert.False(patient.IsCompleted);
        ledger.StepWriter();
        Assert.False(Assert.IsType<AppendOutcome.Appended>(await patient).Repeated);
        (await ledger.ReadAll()).ShouldBeEvents(1);
    }

    [Fact]
    public async Task Ends_indeterminate_when_the_disk_did_not_confirm_it()
    {
        var (queue, clock, ledger, store) = Threadless();
        var late = ledger.Send(Given.Append(1) with { Timeout = TimeSpan.FromSeconds(1) });
        store.Disk.BeforeCall = call =>
        {
            if (call.Kind != DiskCallKind.Sync)
                return;
            clock.Advance(TimeSpan.FromSeconds(2));
            queue.TimeOutLate();
        };
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.Indeterminate>(await late);
        (await ledger.ReadAll()).ShouldBeEvents(1);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(TimeSpan.TicksPerDay * 3650)]
    public async Task May_last_as_long_as_the_caller_likes(long ticks)
    {
        var (queue, clock, ledger, _) = Threadless();
        var answer = ledger.Send(Given.Append(1) with { Timeout = new TimeSpan(ticks) });
        clock.Advance(TimeSpan.FromHours(1));
        queue.TimeOutLate();
        Assert.False(answer.IsCompleted);
        ledger.StepWriter();
        Assert.IsType<AppendOutcome.Appended>(await answer);
    }

    [Fact]
    public async Task Ends_when_the_ledger_closes()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        var waiting = Enumerable.Range(1, 5).Select(n => ledger.Send(Given.Append(n))).ToArray();
        ledger.Close();
        for (var n = 1; n <= 5; n++)
            Assert.Equal(n, Assert.IsType<AppendOutcome.Appended>(await waiting[n - 1]).First);
        Assert.IsType<AppendOutcome.ReadOnly>(await ledger.Send(Given.Append(6)));
        var reopened = store.Open();
        Assert.True(reopened.Recovery.WasClosed);
        (await reopened.ReadAll()).ShouldBeEvents(5);
    }

    private static (AppendQueue Queue, ManualClock Clock, EmbeddedLedger Ledger, SimulatedStore Store) Threadless()
    {
        var store = new SimulatedStore().Create();
        var ledger = store.Open();
        return (ledger.Queue, store.Clock, ledger, store);
    }
}

public sealed class Holding_callers_back
{
    private static readonly Func<EmbeddedLedgerOptions, EmbeddedLedgerOptions> SmallQueue =
        options => options with { QueueBytesMax = 10_000, BatchBytesMax = 4_000 };

    [Fact]
    public async Task Keeps_what_waits_bounded_and_in_order()
    {
        var store = new SimulatedStore { With = SmallQueue }.Create();
        var ledger = store.Open();
        var answers = Enumerable.Range(1, 200).Select(n => ledger.Send(Given.Append(n, padding: 500))).ToArray();
        Assert.InRange(ledger.Queue.Count, 1, 19);
        while (answers.Any(answer => !answer.IsCompleted))
        {
            Assert.InRange(ledger.Queue.Count, 0, 19);
            if (!ledger.StepWriter())
                await Task.Yield(); // who was let in continues on the pool
        }

        for (var n = 1; n <= 200; n++)
            Assert.IsType<AppendOutcome.Appended>(await answers[n - 1]);
        Assert.Equal(200, (await ledger.ReadAll()).Count);
    }

    [Fact]
    public async Task Lets_them_in_in_the_order_they_came()
    {
        var queue = new AppendQueue(100, new ManualClock());
        Assert.True(queue.TryEnter(80));
        var cancel = TestContext.Current.CancellationToken;
        var large = queue.Enter(90, TimeSpan.FromSeconds(9), cancel).AsTask();
        var small = queue.Enter(10, TimeSpan.FromSeconds(9), cancel).AsTask();
        Assert.False(queue.TryEnter(1), "somebody waits already");
        queue.Leave(80);
        Assert.True(await large);
        Assert.True(await small);
        Assert.False(queue.TryEnter(1));
    }

    [Fact]
    public async Task Turns_away_who_waited_too_long_and_gives_the_place_to_the_next()
    {
        var clock = new ManualClock();
        var queue = new AppendQueue(100, clock);
        Assert.True(queue.TryEnter(100));
        using var source = new CancellationTokenSource();
        var late = queue.Enter(50, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken).AsTask();
        var cancelled = queue.Enter(50, TimeSpan.FromSeconds(9), source.Token).AsTask();
        var next = queue.Enter(50, TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await late);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        queue.Leave(100);
        Assert.True(await next);
        Assert.True(queue.TryEnter(50));
        Assert.False(queue.TryEnter(1));
    }

    [Fact]
    public async Task Lets_one_in_that_is_larger_than_all_room()
    {
        var queue = new AppendQueue(100, new ManualClock());
        Assert.True(queue.TryEnter(1));
        var huge = queue.Enter(5000, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken).AsTask();
        queue.Leave(1);
        Assert.True(await huge);
    }

    [Fact]
    public async Task Tells_those_in_line_that_the_ledger_closed()
    {
        var store = new SimulatedStore { With = SmallQueue }.Create();
        var ledger = store.Open();
        var answers = Enumerable.Range(1, 50).Select(n => ledger.Send(Given.Append(n, padding: 500))).ToArray();
        ledger.Close();
        var appended = 0;
        foreach (var answer in answers)
        {
            var outcome = await answer;
            Assert.True(outcome is AppendOutcome.Appended or AppendOutcome.ReadOnly, outcome.ToString());
            appended += outcome is AppendOutcome.Appended ? 1 : 0;
        }

        Assert.InRange(appended, 1, 49);
        Assert.Equal(appended, (await store.Open().ReadAll()).Count);
    }

    [Fact]
    public void Keeps_nothing_of_what_was_answered_while_more_waits()
    {
        var store = new SimulatedStore { With = options => options with { BatchBytesMax = 1 } }.Create();
        var ledger = store.Open();
        var first = Answered(ledger);
        for (var n = 2; n <= 50; n++)
        {
            _ = ledger.Send(Given.Append(n));
            ledger.StepWriter();
        }

        Assert.NotEqual(0, ledger.Queue.Count);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(first.IsAlive, "an answered append is still held by the queue");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference Answered(EmbeddedLedger ledger)
    {
        var request = Given.Append(1);
        _ = ledger.Send(request);
        _ = ledger.Send(Given.Append(1000));
        ledger.StepWriter();
        return new WeakReference(request);
    }
}
