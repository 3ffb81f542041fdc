using Ledgerfold.Simulation.Wires;
using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// One life of a bank: commands on accounts, projections, snapshots and readers over a ledger and a fold store, through generations of
/// processes that are killed, lose power, meet failing and full disks and lose their folds. What is acknowledged stays, the money is all
/// there, and everything that is shown is a replay of the ledger.
/// </summary>
internal sealed class BankRun : ISeedRun
{
    private const int OpeningsMax = 12;

    private readonly BankWorld _world;
    private readonly Callers _callers;
    private readonly Readers _readers;
    private readonly BankActs _acts;
    private bool _mustReset;

    /// <param name="seed">What all of it follows from.</param>
    /// <param name="hasWires">Whether money goes to other banks, too: processes, activities and timers.</param>
    /// <param name="marks">Where it is counted what was met.</param>
    /// <param name="journal">Whether to write down what happens.</param>
    public BankRun(ulong seed, bool hasWires, Marks marks, bool journal)
    {
        _world = new BankWorld(seed, hasWires, marks, journal);
        _callers = new Callers(_world);
        _readers = new Readers(_world, _callers);
        _acts = new BankActs(_world, _callers, _readers);
    }

    public Journal Journal => _world.Journal;

    public string Plan => $"{_world.Plan} {_world.Wires?.Plan}";

    public ulong Hash => _world.Machine.Hash ^ _world.AnswerHash;

    public void Run()
    {
        var creator = _world.Machine.Start();
        EmbeddedLedger.Create(_world.LedgerOptionsOn(creator.Ledger));
        _world.Machine.Kill();
        for (var generation = 1; generation <= _world.Plan.Generations; generation++)
        {
            _world.Say($"generation {generation}, head {_world.History.Head}");
            Live(isLast: generation == _world.Plan.Generations);
        }

        if (_world.Scheduler.Strays > 0)
            throw new OracleException("determinism", "work came from another thread");
        for (var kind = 0; kind < Marks.Kinds; kind++)
            _world.Marks.Crashes[kind] += _world.Machine.Ledger.Trace.CrashesIn((DiskCallKind)kind) + _world.Machine.Folds.Trace.CrashesIn((DiskCallKind)kind);
    }

    private void Live(bool isLast)
    {
        _world.MayFail = false;
        if (isLast)
        {
            _world.Poison.Clear();
            _mustReset |= _world.AreFoldsDamaged;
        }
        else
        {
            ArmFaults();
        }

        var process = Open(isLast);
        _acts.Rebuilders?.Open(process);
        _acts.After(process);
        _callers.CheckAcknowledged();
        _world.CheckStore(process);
        if (isLast)
        {
            Finish(process);
            return;
        }

        if (_world.Plan.SecondFolds && _world.Random.Coin())
            _acts.BeginSecondFolds(process);
        if (_world.Wires is { Plan.SecondEngines: true } && _world.Random.Coin())
            _callers.Wires!.BeginSecond(process);
        var actions = _world.Random.Below(_world.Plan.ActionsPerGeneration) + 1;
        for (var action = 0; action < actions && process.IsAlive; action++)
        {
            _acts.One(process);
            _acts.After(process);
            if (process.IsStuck && _world.Random.OneIn(6))
                break;
        }

        End(process);
    }

    private void ArmFaults()
    {
        if (_world.Random.Below(10) < 6)
            _world.Machine.ArmCrash(_world.Random.OneIn(3) ? 60 : 400);
        if (!_world.Plan.Fails || !_world.Random.Coin())
            return;
        _world.MayFail = true;
        _world.Machine.ArmFailure();
    }

    private BankProcess Open(bool isLast)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (attempt > 1 && (attempt == OpeningsMax || _world.Random.Coin()))
                _world.Machine.ClearFaults();
            _world.Say("open");
            if (BankStart.TryOpen(_world, ref _mustReset) is { } process)
                return process;
            Drain();
            if (attempt == OpeningsMax + 1)
                throw new OracleException("opens", "the application does not open");
            if (attempt > 1 && _world.Random.OneIn(3) && !isLast)
                _world.Machine.ArmCrash(60);
            if (_world.Random.OneIn(3))
                CutPower();
        }
    }

    private void End(BankProcess process)
    {
        if (process is { IsAlive: true, IsStuck: false } && !_world.MayFail && !_world.AreFoldsDamaged && _world.Random.OneIn(4))
            ComeToRest(process);
        if (process.IsAlive)
            _world.Wires?.LookAt(process);
        if (process.IsAlive && _world.Random.Below(10) < 3)
            Close(process);
        _world.Machine.ClearFaults();
        _world.Say(process.IsAlive ? "the process is killed" : "the process is gone");
        _world.Machine.EndTogether();
        _world.Machine.Kill();
        _callers.Abandon();
        _readers.Abandon();
        _acts.Rebuilders?.Abandon();
        _world.Wires?.History.Crash();
        Drain();
        if (_world.Random.OneIn(3))
            CutPower();
        if (_world.Plan.LosesFolds && _world.Random.OneIn(3))
            LoseFolds();
    }

    /// <summary>What is held holds nobody else up.</summary>
    private void ComeToRest(BankProcess process)
    {
        _world.Machine.ClearFaults();
        Settle(process, () => !_callers.IsAnyoneWaiting && ShowsEverything(process), "beside what is held, the others do not go on");
        _world.CheckStore(process);
        _world.Marks.Hit("bank: came to rest with something held", _acts.HeldIn(process).Count > 0);
    }

    /// <summary>Ends in good order, as a host does: folds first, and the stores last.</summary>
    private void Close(BankProcess process)
    {
        _world.Say("close");
        process.IsClosing = true;
        var ended = _world.Scheduler.Start(async () =>
        {
            foreach (var engine in process.ProcessEngines)
                await engine.DisposeAsync();
            foreach (var engine in process.Engines)
                await engine.DisposeAsync();
        });
        _acts.Settle(process, () => ended.IsCompleted);
        if (!process.IsAlive)
            return;
        if (!ended.IsCompleted)
            throw new OracleException("ends", "the folds do not end");
        if (ended.Exception?.InnerException is { } failure && !_world.IsExplained(failure, process))
            throw new OracleException("no unexpected exception", $"the folds ended with {failure}");
        _world.Do(process.LedgerProcess, process.Ledger.Close);
        if (process.IsAlive)
            _world.Do(process.FoldsProcess, process.Store.Close);
        if (!process.IsAlive)
            return;
        _world.Scheduler.RunAll();
    }

    /// <summary>Nothing goes wrong any more: everything comes to rest, nobody waits in vain, and all that is known is the ledger's replay.</summary>
    private void Finish(BankProcess process)
    {
        _world.Machine.ClearFaults();
        _callers.SendAllAgain(process);
        Settle(process, () => !_callers.IsAnyoneWaiting, "callers wait for ever");
        if (_world.Wires is { } wires)
            FinishWires(process, wires);
        _acts.ReleaseAll(process);
        Settle(process, () => IsCaughtUp(process), "the folds do not come up to the ledger");
        if (_acts.Rebuilders is { } rebuilders)
        {
            Settle(process, () => !rebuilders.IsAnyoneWaiting, "operators wait for ever");
            rebuilders.BeginLast(process);
            Settle(process, () => !rebuilders.IsAnyoneWaiting && IsCaughtUp(process), "what is built again does not come to its end");
        }

        _world.CheckStore(process);
        _readers.AskForAll(process);
        Settle(process, () => !_readers.IsAnyoneWaiting, "readers wait for ever");
        _callers.CheckAcknowledged();
        Close(process);
        _world.Machine.Kill();
        Drain();
    }

    /// <summary>Every wire comes to its end, and what the clearing house still has under way changes nothing of it.</summary>
    private void FinishWires(BankProcess process, WireWorld wires)
    {
        (wires.House.FaultsLeft, wires.House.IsDown) = (40, false);
        ComeToTheEnd();
        _callers.RequestAgain(process);
        ComeToTheEnd();
        _world.Clock.Advance(TimeSpan.FromSeconds(10));
        ComeToTheEnd();
        wires.History.CheckEnd();
        _world.Machine.Look(() => wires.Rows.Check(process.Store));

        void ComeToTheEnd()
        {
            if (!_acts.Settle(process, () => wires.IsAtRest(process) && !_callers.IsAnyoneWaiting))
                throw new OracleException("settles", $"wires do not come to their end: {wires.History.Left}");
        }
    }

    private void Settle(BankProcess process, Func<bool> isDone, string otherwise)
    {
        if (!_acts.Settle(process, isDone))
            throw new OracleException("settles", otherwise);
    }

    private bool IsCaughtUp(BankProcess process) => ShowsEverything(process) && _acts.HeldIn(process).Count == 0;

    /// <summary>Of copies that began together where nothing stood yet, the first to write goes on, and that need not be the newest.</summary>
    private bool ShowsEverything(BankProcess process) => process.Engine.Projections.All(projection =>
        process.Engines.Exists(engine => engine.Find(projection).Waiters.Visible == _world.History.Head));

    private void LoseFolds()
    {
        switch (_world.Random.Below(3))
        {
            case 0:
                _world.Say("the folds are lost");
                _mustReset = true;
                break;
            default:
                BankStart.DamageFolds(_world);
                break;
        }
    }

    /// <summary>What is left of a process that is gone runs into its end.</summary>
    private void Drain() => _world.Scheduler.RunAll();

    private void CutPower()
    {
        _world.Say("the power is cut");
        _world.Machine.CutPower();
    }
}
