using Ledgerfold.Model.Folding;
using Ledgerfold.Simulation.Wires;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>What may happen next; the seed chooses, also who comes in between two disk calls of a writer.</summary>
internal sealed class BankActs
{
    private const int IdleMax = 200;

    private readonly BankWorld _world;
    private readonly Callers _callers;
    private readonly Readers _readers;
    private readonly WireActs? _wires;
    private readonly Rebuilders? _rebuilders;
    private bool _isWriting;
    private bool _isInside;
    private FoldError? _told; // in the journal

    public BankActs(BankWorld world, Callers callers, Readers readers)
    {
        _world = world;
        _callers = callers;
        _readers = readers;
        _wires = callers.Wires;
        _rebuilders = world.Plan.Rebuilds ? new Rebuilders(world) : null;
        if (world.Plan.InterleaveOneIn > 0)
            world.Machine.Interleave = Interleave;
    }

    /// <summary>Who builds rows again; null where nobody does.</summary>
    public Rebuilders? Rebuilders => _rebuilders;

    private SeededRandom Random => _world.Random;

    /// <summary>One thing happens, and then some of what it made ready.</summary>
    public void One(BankProcess process)
    {
        if (_wires is not null && Random.OneIn(3))
            _wires.One(process);
        if (_wires is not null && _world.Plan.Fills && Random.OneIn(12))
            Fill();
        _callers.SendNotices(process);
        if (_rebuilders is not null && Random.OneIn(8))
            _rebuilders.One(process);
        switch (Random.Below(100))
        {
            case < 30:
                for (var burst = Random.OneIn(4) ? Random.Between(2, 8) : 1; burst > 0; burst--)
                    _callers.Send(process);
                break;
            case < 46:
                StepLedger(process);
                break;
            case < 58:
                StepFolds(process);
                break;
            case < 63:
                StepUpkeep(process);
                break;
            case < 72:
                Pass(Random.Pick<int>([1, 20, 60, 250, 1500]));
                break;
            case < 84:
                _readers.Ask(process);
                break;
            case < 86:
                _callers.SendAgain(process);
                break;
            case < 88:
                _callers.CancelOne();
                break;
            default:
                Rarely(process);
                break;
        }

        RunSome();
    }

    /// <summary>Everybody goes on until nobody has anything to do or what is waited for has come; time passes when nothing else does.</summary>
    public bool Settle(BankProcess process, Func<bool> isDone)
    {
        var idle = 0;
        for (var round = 0; round < 4000 && process.IsAlive; round++)
        {
            var worked = _world.Scheduler.RunAll() > 0;
            _world.Machine.EndTogether();
            worked |= StepLedger(process);
            worked |= StepFolds(process);
            worked |= StepUpkeep(process);
            _callers.SendNotices(process);
            After(process);
            if (!process.IsAlive || isDone())
                return process.IsAlive;
            idle = worked ? 0 : idle + 1;
            if (!worked && !_world.Clock.AdvanceToNextTimer())
                _world.Clock.Advance(TimeSpan.FromSeconds(1)); // as often as the pumps look again by themselves
            if (idle > IdleMax)
                return false;
        }

        return false;
    }

    /// <summary>Holds against the ledger what came of it.</summary>
    public void After(BankProcess process)
    {
        _world.Machine.EndTogether();
        _world.Refresh(process);
        _callers.Settle(process);
        _readers.Settle(process);
        _rebuilders?.Settle();
        foreach (var fold in process.Engine.Projections.Where(_ => _world.Journal.IsOn))
        {
            if (process.Engine.Find(fold).Progress.Look() is { LastError: { } error } && _told != error)
                _world.Say($"  {fold}: {(_told = error).Message}");
        }
    }

    /// <summary>Tries everything that is held again.</summary>
    public void ReleaseAll(BankProcess process)
    {
        foreach (var (projection, held) in HeldIn(process))
            _ = _world.Scheduler.Start(() => process.Engine.Release(projection, held));
    }

    public List<(Projection Projection, HeldKey Held)> HeldIn(BankProcess process) =>
        [
            .. process.Engine.Projections.SelectMany(projection => process.Engine.Find(projection).Held.Shown.Values
                .OrderBy(static held => held.Position).ThenBy(static held => held.ToString(), StringComparer.Ordinal)
                .Select(held => (projection, held))),
        ];

    public bool StepLedger(BankProcess process) =>
        Step(process, process.LedgerProcess, process.Ledger.StepWriter, process.Ledger.Failed);

    public bool StepFolds(BankProcess process) => Step(process, process.FoldsProcess, process.Store.StepWriter, static _ => { });

    private bool StepUpkeep(BankProcess process)
    {
        var worked = Step(process, process.FoldsProcess, process.Store.StepUpkeep, static _ => { });
        worked |= Step(process, process.LedgerProcess, process.Ledger.StepIndex, process.Ledger.Failed);
        worked |= Step(process, process.LedgerProcess, process.Ledger.StepSpace, process.Ledger.Failed);
        return worked;
    }

    private bool Step(BankProcess process, SimulatedProcess half, Func<bool> step, Action<Exception> failed)
    {
        if (!process.IsAlive)
            return false;
        var worked = false;
        _isWriting = true;
        _world.Do(half, () =>
        {
            try
            {
                worked = step();
            }
            catch (IOException failure) when (_world.IsExplained(failure, process) && process.IsAlive)
            {
                _world.Say($"  a pump met {failure.Message}");
                failed(failure);
            }
        });
        _isWriting = false;
        return worked;
    }

    private void RunSome()
    {
        var tasks = Random.Pick<int>([0, 2, 10, 1000]);
        while (tasks-- > 0 && _world.Scheduler.RunOne())
            _world.Machine.EndTogether();
    }

    private void Pass(int milliseconds)
    {
        _world.Say($"{milliseconds} ms pass");
        _world.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Rarely(BankProcess process)
    {
        var plan = _world.Plan;
        switch (Random.Below(11))
        {
            case 0 or 1 when plan.Poisons:
                AddPoison();
                break;
            case 2 when !_world.Poison.IsEmpty:
                _world.Say("the poison is taken away");
                _world.Poison.Clear();
                break;
            case 3 or 9 or 10:
                ReleaseOne(process);
                break;
            case 4 when plan.SecondFolds && process.Engines.Count < 4:
                BeginSecondFolds(process);
                break;
            case 5 when plan.Fills:
                Fill();
                break;
            case 6 when process.Code.Version > 1:
                Switch(process);
                break;
            case 7:
                (Random.Coin() ? _world.Machine.Ledger : _world.Machine.Folds).EvictCache();
                break;
            case 8 when plan.LosesFolds && Random.OneIn(3):
                BankStart.DamageFolds(_world);
                break;
            default:
                _world.CheckStore(process);
                break;
        }
    }

    /// <summary>A copy of the folds beside one that is not told.</summary>
    public void BeginSecondFolds(BankProcess process)
    {
        try
        {
            _world.Say("a second copy of the folds begins");
            process.Engines.Add(BankStart.Engine(_world, process));
            _world.Marks.Hit("bank: a second copy of the folds began");
        }
        catch (Exception failure) when (_world.IsExplained(failure, process))
        {
            _world.Say($"  it met {failure.Message}");
        }
    }

    private void AddPoison()
    {
        var position = _world.History.Head + Random.Between(1, 4);
        var fold = Random.Coin() ? "balances" : "desks";
        _world.Say($"{fold} will fail at {position}");
        if (_world.Plan.HoldsStreams && Random.Coin())
            _world.Poison.AddUnkeyed(fold, position);
        else
            _world.Poison.Add(fold, position);
    }

    private void ReleaseOne(BankProcess process)
    {
        var held = HeldIn(process);
        if (held.Count == 0)
            return;
        var (projection, one) = Random.Pick(held);
        var skips = _world.Plan.Skips && Random.Coin();
        _world.Say($"{(skips ? "skip" : "release")} {projection}: {one}");
        if (skips)
            _world.Rows.Skip(projection.Fold, one.Position);
        _ = _world.Scheduler.Start(() => skips ? process.Engine.Skip(projection, one, "a seed says so") : process.Engine.Release(projection, one));
        _world.Marks.Hit(skips ? "bank: an event was left out" : "bank: a key was released");
    }

    private void Switch(BankProcess process)
    {
        var projection = Random.Pick(process.Code.Balances);
        if (!process.Engine.Projections.Contains(projection))
            return; // somebody discarded its rows
        _world.Say($"switch to {projection}");
        var to = process.Engine.Find(projection).Projection.Fold;
        _rebuilders?.Switching(process, to);
        _ = _world.Scheduler.Start(async () =>
        {
            try
            {
                var isSwitched = await process.Engine.Switch(projection);
                _world.Marks.Hit("bank: readers were switched to another version", isSwitched);
                if (isSwitched)
                    _rebuilders?.Switched(to);
            }
            catch (Exception failure) when (failure is IOException or SimulatedCrashException or ObjectDisposedException)
            {
                // they stay on the one they see
            }
        });
    }

    private void Fill()
    {
        var disk = Random.Coin() ? _world.Machine.Ledger : _world.Machine.Folds;
        var isFull = disk.Capacity != long.MaxValue;
        _world.MayFail = true;
        disk.Capacity = isFull ? long.MaxValue : disk.Used + Random.Below(8 * 1024);
        _world.Say(isFull ? "a disk has space again" : "a disk is nearly full");
    }

    /// <summary>While a writer writes or syncs, whoever is ready goes on; it holds no lock then that would keep anybody out.</summary>
    private void Interleave(DiskCall call)
    {
        if (!_isWriting || _isInside || call.Kind is not (DiskCallKind.Write or DiskCallKind.Sync) || !Random.OneIn(_world.Plan.InterleaveOneIn))
            return;
        if (!call.File.EndsWith(".log", StringComparison.Ordinal) && !call.File.StartsWith("log-", StringComparison.Ordinal))
            return;
        _isInside = true;
        for (var tasks = Random.Between(1, 8); tasks > 0 && _world.Scheduler.RunOne(); tasks--)
            _world.Marks.Hit("bank: tasks ran while a writer wrote");
        _isInside = false;
    }
}
