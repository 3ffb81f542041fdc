using Ledgerfold.Model.Operating;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Operating;

/// <summary>A ledger and engines of operations.</summary>
internal sealed class OperationWorld : SteppedWorld
{
    private readonly List<OperationEngine> _engines = [];
    private int _ids;

    public OperationWorld(ulong seed = 1, Backend backend = Backend.InMemory, OperationOptions? options = null)
        : base(seed, backend) =>
        Options = (options ?? new OperationOptions()) with { Clock = Clock, Chance = new SeededChance(seed) };

    public OperationOptions Options { get; }

    public ILedger Ledger => Stores.Ledger;

    /// <summary>What the engine that was started last goes through, so that it can be made to fail.</summary>
    public FaultyLedger Faulty { get; private set; } = null!;

    /// <summary>The engine that was started last.</summary>
    public OperationEngine Engine { get; private set; } = null!;

    public OperationEngine Start(params Operation[] kinds)
    {
        Make(kinds);
        Do(() => Engine.Start());
        return Engine;
    }

    public OperationEngine Make(params Operation[] kinds)
    {
        Faulty = new FaultyLedger(Stores.Ledger);
        Engine = new OperationEngine(Faulty, kinds, Options);
        _engines.Add(Engine);
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

    public BeginAnswer Ask<TRequest>(TRequest request, Guid? id = null, string tenant = Tenants.Default, OperationEngine? engine = null)
        where TRequest : notnull =>
        Do(() => (engine ?? Engine).Begin(request, new OperationOrigin("ada", "because") { Id = id, Tenant = tenant }));

    public Guid Begun<TRequest>(TRequest request, OperationEngine? engine = null)
        where TRequest : notnull => Assert.IsType<BeginAnswer.Begun>(Ask(request, engine: engine)).Id;

    public CancelAnswer Cancel(Guid id, OperationEngine? engine = null) => Do(() => (engine ?? Engine).Cancel(id, "enough", "bob"));

    public OperationState Find(Guid id, string tenant = Tenants.Default) => Assert.IsType<OperationState>(Do(() => Engine.Find(id, tenant)));

    /// <summary>What the platform recorded of an operation.</summary>
    public List<RecordedEvent> Records(Guid id) => DoTask(() => Stores.Ledger.All(EventQuery.OfStream(OperationRecords.StreamOf(id))));

    public string[] TypesOf(Guid id) => [.. Records(id).Select(static one => one.Type["Operation".Length..])];

    public Guid NextId() => new(++_ids, 7, 7, new byte[8]);
}
