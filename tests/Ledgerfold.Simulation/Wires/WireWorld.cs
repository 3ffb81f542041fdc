using Ledgerfold.Model;
using Ledgerfold.Model.Driving;
using Ledgerfold.Model.Folding;
using Ledgerfold.Simulation.Bank;
using Ledgerfold.Simulation.Folds;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Wires;

/// <summary>What a bank with wires has beside: the clearing house, the oracles, and an engine of processes in every life of the bank.</summary>
internal sealed class WireWorld
{
    private readonly BankWorld _bank;

    public WireWorld(BankWorld bank, WirePlan plan, SeededRandom random)
    {
        (_bank, Plan) = (bank, plan);
        House = new ClearingHouse(random, bank.Clock, plan) { Met = name => bank.Marks.Hit(name), IsLongOverdue = key => History!.IsLongOverdue(key) };
        var plain = new BankCode(version: 1, snapshotEvery: 0, poison: null, module => WireCode.AddTo(module, plan, House.LineOf(process: null)));
        History = new WireHistory(bank, plain.Module, House, plan);
        Rows = new WireRows(bank.History);
    }

    public WirePlan Plan { get; }

    public ClearingHouse House { get; }

    public WireHistory History { get; }

    public WireRows Rows { get; }

    /// <summary>The latest time that the wall clock ever showed.</summary>
    public DateTimeOffset LatestTime { get; private set; }

    public Func<Module, Module> CodeFor(SimulatedProcess process) => module => WireCode.AddTo(module, Plan, House.LineOf(process));

    /// <summary>Takes note of what may be over in a moment.</summary>
    public void Look()
    {
        if (_bank.Clock.GetUtcNow() > LatestTime)
            LatestTime = _bank.Clock.GetUtcNow();
        if (House.Violation is { } violation)
            throw new OracleException("clearing", violation);
    }

    /// <summary>An engine of the processes, begun: what it could not begin with is thrown here.</summary>
    public void Begin(BankProcess process)
    {
        var plan = _bank.Plan;
        var options = new ProcessOptions
        {
            Clock = new ProcessClock(_bank.Clock, process.LedgerProcess),
            Chance = _bank.Chance,
            InstancesMax = Plan.InstancesMax,
            WaitingMax = Plan.WaitingMax,
            CommandParallelism = Plan.Parallelism,
            TogetherMax = Plan.TogetherMax,
            ClockCheckEvery = TimeSpan.FromSeconds(5),
            Restarts = new() { First = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromSeconds(2) },
            CommandRetries = new() { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromSeconds(2) },
            Folds = new FoldEngineOptions
            {
                Parallelism = 1,
                CachedRowsMax = plan.CachedRowsMax,
                DirtyRowsMax = plan.DirtyRowsMax,
                CheckpointEvery = TimeSpan.FromMilliseconds(plan.CheckpointMilliseconds),
            },
        };
        var engine = new ProcessEngine(process.Ledger, process.Store, [process.Code.Module], process.Commands[0], options);
        var begun = _bank.Scheduler.Start(() => engine.Start().AsTask());
        if (!_bank.Scheduler.RunUntil(begun))
            throw new OracleException("opens", "the engine of the processes does not begin");
        begun.GetAwaiter().GetResult();
        process.ProcessEngines.Add(engine);
    }

    /// <summary>How the engines did.</summary>
    public void LookAt(BankProcess process) => _bank.Machine.Look(() =>
    {
        foreach (var status in process.ProcessEngines.SelectMany(static engine => FoldContent.Now(engine.ReadStatus())))
        {
            _bank.Marks.Hit("wires: a process began again behind a failure", status.LastError is not null);
            _bank.Marks.Hit("wires: two copies met at the ledger", status.LastError?.Message.Contains("MixedRepeat", StringComparison.Ordinal) == true);
            _bank.Marks.Hit("wires: a copy was fenced off", status.LastError?.Message.Contains("Another copy", StringComparison.Ordinal) == true);
        }
    });

    /// <summary>Everything that was asked for has come to its end, and everybody knows.</summary>
    public bool IsAtRest(BankProcess process) =>
        History.IsAtRest && process.ProcessEngines.Exists(engine => engine.Rows.Find(InstanceRows.Projection).Waiters.Visible == _bank.History.Head);
}
