using Ledgerfold.Model.Commanding;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Processing;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Driving;

/// <summary>A ledger, a fold store, commands, and engines of processes.</summary>
internal sealed class ProcessWorld : SteppedWorld
{
    private readonly List<ProcessEngine> _engines = [];
    private readonly SeededChance _chance;
    private int _ids;

    public ProcessWorld(ulong seed = 1, Backend backend = Backend.InMemory, ProcessOptions? options = null)
        : base(seed, backend)
    {
        _chance = new SeededChance(seed);
        Options = (options ?? new ProcessOptions()) with { Clock = Clock, Chance = _chance };
        Options = Options with { Folds = Options.Folds with { Parallelism = 2 } };
    }

    public ILedger Ledger => Stores.Ledger;

    /// <summary>What the engine that was started last goes through, so that it can be made to fail.</summary>
    public FaultyLedger Faulty { get; private set; } = null!;

    public FaultyFoldStore FaultyRows { get; private set; } = null!;

    public ProcessOptions Options { get; }

    public Commands Commands { get; private set; } = null!;

    /// <summary>The engine that was started last.</summary>
    public ProcessEngine Engine { get; private set; } = null!;

    public ProcessEngine Start(params Module[] modules)
    {
        Faulty = new FaultyLedger(Stores.Ledger);
        FaultyRows = new FaultyFoldStore(Stores.Rows);
        Commands = new Commands(modules, Faulty, new CommandsOptions { Clock = Clock, Chance = _chance });
        Engine = new ProcessEngine(Faulty, FaultyRows, modules, Commands, Options);
        _engines.Add(Engine);
        Do(() => Engine.Start());
        return Engine;
    }

    /// <summary>Ends every engine as a crash would, and with them all that is in their process.</summary>
    public void Crash()
    {
        foreach (var engine in _engines)
            Do(() => engine.Abandon());
        _engines.Clear();
        Stores.Restart(crashes: true);
    }

    public CommandAnswer Send(object command, string tenant = Tenants.Default) =>
        DoTask(() => Commands.Send(command, new CommandOrigin { Id = NextId(), Caller = "test", Tenant = tenant }));

    public long Append(string stream, params object[] facts)
    {
        var codec = new Events.EventCodec(Checkout.Types.With(Events.EventTypes.Of<Rooms.Event>()));
        var events = facts.Select(fact => codec.Encode(fact))
            .Select(one => new NewEvent { Id = NextId(), Type = one.Type, Data = one.Data, SchemaVersion = one.Version });
        return Append(stream, [.. events]);
    }

    public long Append(string stream, params NewEvent[] events)
    {
        var outcome = Do(() => Stores.Ledger.Append(AppendRequest.To(stream, Expectation.Any, [.. events])));
        Settle();
        return Assert.IsType<AppendOutcome.Appended>(outcome).Last;
    }

    public ProcessInstance? Find(string key, string process = "checkout", string tenant = Tenants.Default) =>
        Do(() => Engine.Find(new InstanceName(process, key, tenant)));

    /// <summary>An operator steps in, and what follows on that happens.</summary>
    public AppendOutcome Act(string? key, OperatorAction action, string process = "checkout")
    {
        var outcome = Do(() => Engine.Act(new InstanceName(process, key), action, "because", "ada"));
        Settle();
        return outcome;
    }

    /// <summary>Begins with one that sells tea.</summary>
    public static ProcessWorld Selling(Remote remote, Backend backend = Backend.InMemory, ProcessOptions? options = null, ulong seed = 1)
    {
        var world = new ProcessWorld(seed, backend, options);
        world.Start(Checkout.Module(remote));
        world.Send(new Stock("tea", 1_000));
        return world;
    }

    public string[] TypesIn(string stream, string tenant = Tenants.Default) =>
        [.. Read(EventQuery.OfStream(stream), tenant).Select(static one => one.Type)];

    /// <summary>What the platform recorded of an instance.</summary>
    public List<ProcessEvent> Records(string key, string process = "checkout") =>
        [.. Read(EventQuery.OfStream(ProcessRecords.StreamOf(process, key))).Select(ProcessRecords.Read)];

    /// <summary>Everything in the ledger that is not the platform's own, and whatever of processes is asked for.</summary>
    public List<RecordedEvent> Read(EventQuery query, string tenant = Tenants.Default) => Do(async () =>
    {
        var found = new List<RecordedEvent>();
        await foreach (var page in Stores.Ledger.Read(new ReadRequest { Query = query, Tenant = tenant }))
            found.AddRange(page.Events);
        return found;
    });

    public Guid NextId() => new(++_ids, 7, 7, new byte[8]);
}
