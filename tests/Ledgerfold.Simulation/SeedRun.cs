using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>
/// One seed: a small ledger on a simulated disk through several generations, each from an opening to a close or a crash, with everything in
/// between that callers, operators and disks do. Throws <see cref="OracleException"/> when the engine breaks a promise.
/// </summary>
internal sealed class SeedRun : ISeedRun
{
    private const int OpeningsMax = 12;

    private readonly World _world;
    private readonly Reading _reading;
    private readonly Appending _appending;
    private readonly Bystanders _bystanders;
    private readonly Acts _acts;
    private readonly Damage _damage;
    private readonly Interleaving _interleaving;
    private bool _ended;

    public SeedRun(ulong seed, Marks marks, bool journal)
    {
        _world = new World(seed, marks, journal);
        _reading = new Reading(_world);
        _appending = new Appending(_world);
        _bystanders = new Bystanders(_world, _reading);
        _interleaving = new Interleaving(_world, _appending, _reading);
        _acts = new Acts(_world, _appending, _reading, _bystanders, _interleaving);
        _damage = new Damage(_world);
    }

    public Journal Journal => _world.Journal;

    public string Plan => _world.Plan.ToString();

    /// <summary>What the run came to: two runs of one seed agree in it.</summary>
    public ulong Hash => _world.Disk.Trace.Hash ^ _world.OutcomeHash;

    private SimulatedDisk Disk => _world.Disk;

    public void Run()
    {
        try
        {
            Create();
            for (var generation = 1; generation <= _world.Plan.Generations && !_ended; generation++)
            {
                _world.Say($"generation {generation}, head {_world.Expected.Head}");
                Live(isLast: generation == _world.Plan.Generations);
            }

            if (_world.Scheduler.Strays > 0)
                throw new OracleException("determinism", "work came from another thread");
        }
        finally
        {
            for (var kind = 0; kind < Marks.Kinds; kind++)
                _world.Marks.Crashes[kind] += Disk.Trace.CrashesIn((DiskCallKind)kind);
        }
    }

    private void Create()
    {
        if (_world.Random.OneIn(6))
            _acts.ArmCrash(40);
        for (var attempt = 0; ; attempt++)
        {
            var process = Disk.Start();
            var isDone = _world.Do(Actor.Operator, process, () => CreateOn(process));
            process.Kill();
            Disk.Faults.Clear();
            if (isDone)
                return;
            _world.Marks.Hit("creation cut short");
        }
    }

    private void CreateOn(SimulatedProcess process)
    {
        try
        {
            EmbeddedLedger.Create(_world.OptionsOn(process));
        }
        catch (LedgerUnavailableException full) when (full.Code == "not-empty")
        {
            // created, though nobody was told: then it must open, which comes next
        }
    }

    private void Live(bool isLast)
    {
        _world.MayFail = false;
        _world.MayForget = false;
        if (!isLast)
            _acts.ArmFaults();
        if (!Open(isLast))
            return;
        var actions = isLast ? 2 : _world.Random.Below(_world.Plan.ActionsPerGeneration) + 1;
        for (var action = 0; action < actions && _world.Writer is { IsAlive: true }; action++)
            _acts.One();
        End(isLast);
    }

    private bool Open(bool isLast)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (attempt > 1 && (attempt == OpeningsMax || _world.Random.Coin()))
            {
                Disk.Faults.Clear();
                Disk.Capacity = long.MaxValue;
            }

            var opening = _acts.OpenWriter(fences: false);
            if (opening == Opening.Reported)
                _ended = true;
            if (opening is Opening.Reported)
                return false;
            if (opening == Opening.Done)
                return true;
            if ((attempt == OpeningsMax && isLast) || attempt == 10 * OpeningsMax)
                throw new OracleException("opens", "the ledger does not open");
            if (attempt > 1 && _world.Random.OneIn(3) && !isLast)
                _acts.ArmCrash(60);
            if (_world.Random.OneIn(3))
                CutPower();
        }
    }

    private void End(bool isLast)
    {
        _bystanders.Part();
        var writer = _world.Writer!;
        var wasClosed = false;
        if (writer.IsAlive && (isLast || _world.Random.Below(10) < 4))
        {
            if (isLast)
            {
                Disk.Faults.Clear();
                Disk.Capacity = long.MaxValue;
            }

            wasClosed = writer.Ledger.Health.Trouble is null;
            _appending.Close(writer);
        }

        Disk.Faults.Clear();
        Disk.Capacity = long.MaxValue;
        _appending.Abandon(writer);
        wasClosed = wasClosed && writer.Ledger.Health.Trouble is { Code: "closed" } && writer.IsAlive;
        if (writer.IsAlive && !wasClosed)
            _world.Say("the process is killed");
        writer.Process.Kill();
        _world.Writer = null;
        _acts.KillFenced();
        if (_world.Random.OneIn(3))
            CutPower();
        if (_world.Random.OneIn(4) || isLast)
            _acts.Verify();
        if (_world.Plan.Damages && !isLast && _world.Random.Coin())
            _damage.Strike(wasClosed);
    }

    private void CutPower()
    {
        _world.Say("the power is cut");
        Disk.Crash(CrashKind.PowerCut);
    }
}
