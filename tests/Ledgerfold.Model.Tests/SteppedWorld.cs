using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests;

/// <summary>
/// A ledger and a fold store on one seeded scheduler and a clock that stands still: whatever is started runs until nothing is ready any
/// more, and time passes when the test says so.
/// </summary>
internal abstract class SteppedWorld(ulong seed, Backend backend)
{
    private readonly ulong _seed = seed;
    private readonly Backend _backend = backend;
    private Stores? _stores;

    public SeededScheduler Scheduler { get; } = new(seed);

    public ManualClock Clock { get; } = new();

    protected Stores Stores => _stores ??= Stores.Of(_backend, Clock, _seed);

    /// <summary>Lets everything run that is ready.</summary>
    public void Settle()
    {
        do
        {
            Scheduler.RunAll();
        }
        while (Stores.Step() || Scheduler.Ready > 0);
    }

    /// <summary>Lets time pass, timer by timer, and everything run that it wakes.</summary>
    public void Pass(TimeSpan time)
    {
        Settle();
        var left = time;
        for (var timers = 0; Clock.UntilNextTimer is { } next && next <= left; left -= next)
        {
            Clock.Advance(next);
            Settle();
            if (++timers > 100_000)
                throw new InvalidOperationException("A timer is due again and again, and time does not pass.");
        }

        Clock.Advance(left);
        Settle();
    }

    public T Do<T>(Func<ValueTask<T>> work)
    {
        var task = Scheduler.Start(async () => await work());
        Settle();
        return Ended(task);
    }

    public T DoTask<T>(Func<Task<T>> work)
    {
        var task = Scheduler.Start(work);
        Settle();
        return Ended(task);
    }

    public void Do(Func<ValueTask> work) => DoTask(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Starts something that may have to wait.</summary>
    public Task<T> Begin<T>(Func<ValueTask<T>> work)
    {
        var task = Scheduler.Start(async () => await work());
        Settle();
        return task;
    }

    private static T Ended<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "It waits for something that no one does.");
#pragma warning disable xUnit1031 // it has ended: the scheduler ran until nothing was left
        return task.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
    }
}
