using Ledgerfold.Model.Events;
using Ledgerfold.Model.Folding;
using Ledgerfold.Model.Querying;
using Ledgerfold.Testing;

namespace Ledgerfold.Model.Tests.Folding;

/// <summary>A ledger, a fold store and an engine of folds.</summary>
internal sealed class FoldWorld : SteppedWorld
{
    private readonly List<FoldEngine> _engines = [];
    private int _ids;

    public FoldWorld(ulong seed = 1, FoldEngineOptions? options = null, Backend backend = Backend.InMemory)
        : base(seed, backend)
    {
        Ledger = new FaultyLedger(Inner);
        Store = new FaultyFoldStore(Rows);
        Options = (options ?? new FoldEngineOptions()) with { Clock = Clock, Chance = new SeededChance(seed) };
        Options = Options with { Parallelism = options?.Parallelism ?? 2 };
    }

    public ILedger Inner => Stores.Ledger;

    public FaultyLedger Ledger { get; private set; }

    public IFoldStore Rows => Stores.Rows;

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
        foreach (var other in Stores.AreInProcess ? _engines : [])
            Do(() => other.Abandon());
        Restart(crashes: true);
    }

    public void Stop()
    {
        Do(() => Engine.DisposeAsync());
        Restart(crashes: false);
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
        if (Stores.Restart(crashes))
            (Ledger, Store) = (new FaultyLedger(Inner), new FaultyFoldStore(Rows));
    }
}
