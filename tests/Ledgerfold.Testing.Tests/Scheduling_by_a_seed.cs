using System.Threading.Channels;

namespace Ledgerfold.Testing.Tests;

public sealed class Scheduling_by_a_seed
{
    [Fact]
    public void Runs_the_same_order_for_the_same_seed_and_others_for_others()
    {
        Assert.Equal(Order(1), Order(1));
        var orders = Enumerable.Range(0, 50).Select(seed => Order((ulong)seed)).Distinct().Count();
        Assert.InRange(orders, 40, 50);
    }

    [Fact]
    public void Runs_nothing_until_asked()
    {
        var scheduler = new SeededScheduler(1);
        var ran = false;
        var work = scheduler.Start(() =>
        {
            ran = true;
            return Task.CompletedTask;
        });
        Assert.False(ran);
        Assert.Equal(1, scheduler.Ready);
        Assert.True(scheduler.RunOne());
        Assert.True(ran);
        Assert.False(scheduler.RunOne());
        Assert.True(work.IsCompleted);
    }

    [Fact]
    public void Keeps_what_comes_after_an_await_on_the_scheduler()
    {
        var scheduler = new SeededScheduler(1);
        var clock = new ManualClock();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var channel = Channel.CreateUnbounded<int>();
        var schedulers = new List<TaskScheduler>();
        var work = scheduler.Start(async () =>
        {
            await gate.Task;
            schedulers.Add(TaskScheduler.Current);
            await Task.Delay(TimeSpan.FromSeconds(1), clock);
            schedulers.Add(TaskScheduler.Current);
            await Task.Yield();
            schedulers.Add(TaskScheduler.Current);
            schedulers.Add(await channel.Reader.ReadAsync() == 7 ? TaskScheduler.Current : TaskScheduler.Default);
        });
        scheduler.RunAll();
        gate.SetResult();
        scheduler.RunAll();
        clock.Advance(TimeSpan.FromSeconds(1));
        scheduler.RunAll();
        channel.Writer.TryWrite(7);
        Assert.True(scheduler.RunUntil(work));
        Assert.Equal(Enumerable.Repeat<TaskScheduler>(scheduler, 4), schedulers);
        Assert.Equal(0, scheduler.Strays);
    }

    [Fact]
    public void Does_not_let_a_synchronization_context_take_work_away()
    {
        var ambient = SynchronizationContext.Current;
        var other = new ForeignContext();
        SynchronizationContext.SetSynchronizationContext(other);
        try
        {
            var scheduler = new SeededScheduler(1);
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var work = scheduler.Start(() => After(gate.Task));
            scheduler.RunAll();
            gate.SetResult();
            Assert.True(scheduler.RunUntil(work));
            Assert.Same(other, SynchronizationContext.Current);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(ambient);
        }

        static async Task After(Task gate) => await gate;
    }

    [Fact]
    public void Counts_what_comes_from_another_thread()
    {
        var scheduler = new SeededScheduler(1);
        Task? work = null;
        var elsewhere = new Thread(() => work = scheduler.Start(() => Task.CompletedTask));
        elsewhere.Start();
        elsewhere.Join();
        Assert.Equal(1, scheduler.Strays);
        Assert.False(work!.IsCompleted);
    }

    [Fact]
    public void Gives_up_on_work_without_end()
    {
        var scheduler = new SeededScheduler(1);
        _ = scheduler.Start(async () =>
        {
            while (true)
                await Task.Yield();
        });
        Assert.Throws<InvalidOperationException>(() => scheduler.RunAll(limit: 100));
    }

    [Fact]
    public void Says_when_what_is_waited_for_cannot_come()
    {
        var scheduler = new SeededScheduler(1);
        var never = new TaskCompletionSource();
        Assert.False(scheduler.RunUntil(scheduler.Start(() => never.Task)));
    }

    [Fact]
    public void Hands_back_results_and_failures()
    {
        var scheduler = new SeededScheduler(1);
        var answer = scheduler.Start(() => Task.FromResult(42));
        var failure = scheduler.Start(() => Task.FromException(new IOException("broken")));
        scheduler.RunAll();
        Assert.True(answer.IsCompletedSuccessfully);
        Assert.IsType<IOException>(failure.Exception?.InnerException);
    }

    private static string Order(ulong seed)
    {
        var scheduler = new SeededScheduler(seed);
        var order = new List<int>();
        foreach (var worker in Enumerable.Range(0, 4))
        {
            _ = scheduler.Start(async () =>
            {
                for (var step = 0; step < 3; step++)
                {
                    order.Add(worker);
                    await Task.Yield();
                }
            });
        }

        scheduler.RunAll();
        return string.Concat(order);
    }

    private sealed class ForeignContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => Assert.Fail("work was posted elsewhere");
    }
}
