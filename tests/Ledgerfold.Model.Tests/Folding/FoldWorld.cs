using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

/// <summary>
/// A ledger, a fold store and an engine on one seeded scheduler and a clock that stands still: whatever is started runs until nothing is
/// ready any more, and time passes when the test says so.
/// </summary>
internal sealed class FoldWorld
{
    private readonly Stores _stores;
    private readonly List<FoldEngine> _engines = [];
    private int _ids;

    public FoldWorld(ulong seed = 1, FoldEngineOptions? options = null, Backend backend = Backend.InMemory)
    {
        Scheduler = new SeededScheduler(seed);
        _stores = Stores.Of(backend, Clock, seed);
        Ledger = new FaultyLedger(Inner);
        Store = new FaultyFoldStore(Rows);
        Options = (options ?? new FoldEngineOptions()) with { Clock = Clock, Chance = new SeededChance(seed) };
        Options = Options with { Parallelism = options?.Parallelism ?? 2 };
    }

    public SeededScheduler Scheduler { get; }

    public ManualClock Clock { get; } = new();

    public ILedger Inner => _stores.Ledger;

    public FaultyLedger Ledger { get; private set; }

    public IFoldStore Rows => _stores.Rows;

    public FaultyFoldStore Store { get; private set; }

    public FoldEngineOptions Options { get; set; }

    /// <summary>The engine that was started last.</summary>
    public FoldEngine Engine { get; private set; } = null!;

    public Projections Projections => new(Engine);

    public FoldEngine Start(params Projection[] projections)
    {
        Engine = new FoldEngine(Ledger, Store, Tally.Types, projections, Options);
        _engines.Add(Engine);
        Do(() => Engine.Start());
        return Engine;
    }

    /// <summary>Ends the engine as a crash would, and with it all that is in its process.</summary>
    public void Crash()
    {
        Do(() => Engine.Abandon());
        foreach (var other in _stores.AreInProcess ? _engines : [])
            Do(() => other.Abandon());
        Restart(crashes: true);
    }

    public void Stop()
    {
        Do(() => Engine.DisposeAsync());
        Restart(crashes: false);
    }

    /// <summary>Lets everything run that is ready.</summary>
    public void Settle()
    {
        do
        {
            Scheduler.RunAll();
        }
        while (_stores.Step() || Scheduler.Ready > 0);
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

    public long Append(string stream, params object[] facts) => Append(Tenants.Default, stream, facts);

    public long Append(string tenant, string stream, params object[] facts)
    {
        var codec = new EventCodec(Tally.Types);
        return AppendRaw(tenant, stream, [.. facts.Select(fact => codec.Encode(fact)).Select(one => NewEvent(one.Type, one.Data))]);
    }

    public long AppendRaw(string tenant, string stream, params NewEvent[] events)
    {
        var request = AppendRequest.To(stream, Expectation.Any, [.. events]) with { Tenant = tenant };
        var outcome = Do(() => Inner.Append(request));
        Settle();
        return Assert.IsType<AppendOutcome.Appended>(outcome).Last;
    }

    public NewEvent NewEvent(string type, ReadOnlyMemory<byte> data) =>
        new() { Id = new Guid(++_ids, 1, 1, new byte[8]), Type = type, Data = data };

    /// <summary>What stands under a key, in rows that show everything there is.</summary>
    public Tally? Read(Projection<Tally> projection, string key, string tenant = Tenants.Default) =>
        Do(() => Projections.Of(projection).Get(key, Consistency.Latest(TimeSpan.FromSeconds(1)), tenant)).OrThrow();

    public FoldStatus Status(Projection projection) => Do(() => Engine.ReadStatus(projection));

    private void Restart(bool crashes)
    {
        if (_stores.Restart(crashes))
            (Ledger, Store) = (new FaultyLedger(Inner), new FaultyFoldStore(Rows));
    }

    private static T Ended<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "It waits for something that no one does.");
#pragma warning disable xUnit1031 // it has ended: the scheduler ran until nothing was left
        return task.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
    }
}
