using Ledgerfold.Storage;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Folds;

/// <summary>
/// One life of a fold store: generations of processes that are killed, lose power, run out of space or meet a failing disk. After each the
/// store is what it was after some of its batches, in order, and after all that were acknowledged; or it says that it is damaged.
/// </summary>
internal sealed class FoldRun : ISeedRun
{
    private const int OpeningsMax = 12;

    private readonly SeededRandom _random;
    private readonly FoldPlan _plan;
    private readonly Marks _marks;
    private readonly SimulatedDisk _disk;
    private readonly SeededChance _chance;
    private readonly ManualClock _clock = new();
    private readonly FoldOracle _oracle;
    private readonly FoldActs _acts;
    private FoldProcess? _process;

    public FoldRun(ulong seed, Marks marks, bool journal)
    {
        _random = new SeededRandom(seed ^ 0xF01D);
        _marks = marks;
        Journal = new Journal(journal);
        _plan = FoldPlan.Draw(_random.Branch());
        _disk = new SimulatedDisk(_random.Next()) { WriteBackChance = _plan.WriteBackChance, LocksDefeated = _plan.LocksDefeated };
        _chance = new SeededChance(_random.Next());
        _oracle = new FoldOracle(_random.Branch(), marks, Journal) { KeepsFormer = _plan.Fills };
        _acts = new FoldActs(_plan, _random, _oracle, _disk, _clock) { OpenSecond = OpenSecond };
    }

    public Journal Journal { get; }

    public string Plan => _plan.ToString();

    public ulong Hash => _disk.Trace.Hash ^ _oracle.Hash;

    public void Run()
    {
        try
        {
            for (var generation = 1; generation <= _plan.Generations; generation++)
            {
                Journal.Say($"generation {generation}");
                Live(isLast: generation == _plan.Generations);
            }
        }
        finally
        {
            for (var kind = 0; kind < Marks.Kinds; kind++)
                _marks.Crashes[kind] += _disk.Trace.CrashesIn((DiskCallKind)kind);
        }
    }

    private EmbeddedFoldStoreOptions OptionsOn(SimulatedProcess process) => new()
    {
        Disk = process,
        Clock = _clock,
        Chance = _chance,
        MemoryBytes = _plan.MemoryBytes,
        LogStepBytes = _plan.LogStepBytes,
    };

    private void Live(bool isLast)
    {
        _oracle.MayFail = false;
        _oracle.MayBeFenced = false;
        if (!isLast)
            ArmFaults();
        if (_plan.Fills && _random.OneIn(3))
        {
            _oracle.MayFail = true;
            _disk.Capacity = _disk.Used + _random.Below(24 * 1024);
            Journal.Say("the disk is nearly full");
        }

        if (!Open(isLast))
            return;
        var actions = isLast ? 3 : _random.Below(_plan.ActionsPerGeneration) + 1;
        if (_oracle.IsDamaged)
            actions += 60; // until tables with damaged pages are merged
        for (var action = 0; action < actions && _process is { IsAlive: true } process; action++)
            _acts.One(process);
        End(isLast);
    }

    private void ArmFaults()
    {
        if (_random.Below(10) < 6)
            ArmCrash(_random.OneIn(3) ? 40 : 300);
        if (_plan.Fills && _random.OneIn(3))
            _disk.Faults.Arm(new DiskFault.Crash(CrashKind.Kill, CrashMoment.Before), DiskCallKind.Sync, _random.Between(4, 20));
        if (_random.OneIn(5) && !_plan.LocksDefeated)
        {
            _oracle.MayFail = true;
            DiskFault fault = _random.OneIn(4) ? new DiskFault.ShortWrite() : new DiskFault.Failure();
            var kind = _random.Pick<DiskCallKind>(
                [DiskCallKind.Sync, DiskCallKind.Sync, DiskCallKind.Write, DiskCallKind.SyncDirectory, (DiskCallKind)_random.Below(Marks.Kinds)]);
            _disk.Faults.Arm(fault, kind, _random.Between(1, 40));
        }
    }

    private void ArmCrash(int callsMax)
    {
        var crash = new DiskFault.Crash(_random.Coin() ? CrashKind.Kill : CrashKind.PowerCut, (CrashMoment)_random.Below(3));
        if (_random.Coin())
            _disk.Faults.Arm(crash, (DiskCallKind)_random.Below(Marks.Kinds), _random.Between(1, 8));
        else
            _disk.Faults.Arm(crash, static _ => true, _random.Between(1, callsMax));
    }

    private bool Open(bool isLast)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (attempt > 1 && (attempt == OpeningsMax || _random.Coin()))
            {
                _disk.Faults.Clear();
                _disk.Capacity = long.MaxValue;
            }

            if (TryOpen() is { } opened)
            {
                _process = opened;
                return true;
            }

            if (attempt == OpeningsMax)
                throw new OracleException("opens", "the fold store does not open");
            if (attempt > 1 && _random.OneIn(3) && !isLast)
                ArmCrash(40);
            if (_random.OneIn(3))
                CutPower();
        }
    }

    private FoldProcess? TryOpen()
    {
        var process = _disk.Start();
        try
        {
            Journal.Say("open");
            var opened = new FoldProcess(process, EmbeddedFoldStore.OpenStepped(OptionsOn(process)));
            Journal.Say($"  opened, {opened.Store.DroppedBytes} bytes dropped");
            _marks.Hit("folds: a torn commit was dropped", opened.Store.DroppedBytes > 0);
            _acts.IsOff = true;
            if (opened.Store.Health.Trouble is { Passing: true })
                WaitForSpace(opened);
            if (opened.Store.Health.Trouble is null)
            {
                _oracle.Reconcile(opened.Store);
                return opened;
            }
        }
        catch (SimulatedCrashException) when (!process.IsAlive)
        {
            Journal.Say("  crashed while opening");
            if (_disk.Trace.Calls[^1] is var last && last.Process == process.Number)
                _marks.CrashesInRecovery[(int)last.Kind]++;
        }
        catch (FoldsDamagedException damage) when (_oracle.IsDamaged)
        {
            Journal.Say($"  {damage.Message}");
            _marks.Hit("folds: opening reported damage");
            Reset(process);
        }
        catch (IOException failure) when (_oracle.MayFail && failure is not FoldsDamagedException)
        {
            Journal.Say($"  opening met {failure.Message}");
        }
        finally
        {
            _acts.IsOff = false;
        }

        process.Kill();
        return null;
    }

    /// <summary>It was opened on a full disk: it shows what is there for good, takes no writes, and begins when there is space.</summary>
    private void WaitForSpace(FoldProcess process)
    {
        Journal.Say("  it waits for space");
        _marks.Hit("folds: opened on a full disk");
        _oracle.ReconcileWaiting(process.Store);
        for (var tries = _random.Below(4); tries >= 0 && process.Store.Health.Trouble is { Passing: true }; tries--)
        {
            var refused = FoldContent.Now(process.Store.Drop(FoldContent.Folds[0]));
            if (refused is not FoldOutcome.ReadOnly)
                throw new OracleException("full", $"there is no space, and the store answers {refused}");
            if (tries == 0 && _random.Coin())
            {
                Journal.Say("the disk has space again");
                _disk.Capacity = long.MaxValue;
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
            process.Store.StepUpkeep();
        }

        _marks.Hit("folds: began when there was space", process.Store.Health.Trouble is null);
        if (process.Store.Health.Trouble is not null && _random.Coin())
            CutPower();
    }

    private void Reset(SimulatedProcess process)
    {
        try
        {
            EmbeddedFoldStore.Reset(OptionsOn(process));
            _oracle.Forget();
        }
        catch (Exception failure) when (failure is IOException or SimulatedCrashException)
        {
            Journal.Say($"  the reset met {failure.Message}");
            _oracle.MayBeForgotten = true;
        }
    }

    private void OpenSecond(FoldProcess before)
    {
        _oracle.Doubt(before);
        _oracle.MayBeFenced = true;
        if (TryOpen() is not { } second)
        {
            _oracle.Undoubt(before);
            return;
        }

        before.Fenced = true;
        _marks.Hit("folds: a second writer took over");
        _acts.StepFenced(before);
        before.Process.Kill();
        _process = second;
    }

    private void End(bool isLast)
    {
        if (_process is not { } process)
            return;
        if (process.IsAlive && (isLast || _random.Below(10) < 3))
        {
            if (isLast)
            {
                _disk.Faults.Clear();
                _disk.Capacity = long.MaxValue;
            }

            _acts.Close(process);
        }

        _disk.Faults.Clear();
        _disk.Capacity = long.MaxValue;
        _oracle.Doubt(process);
        process.Process.Kill();
        _process = null;
        if (_random.OneIn(3))
            CutPower();
        if (_plan.Damages && !isLast && _random.Coin())
            Damage();
    }

    private void CutPower()
    {
        Journal.Say("the power is cut");
        _disk.Crash(CrashKind.PowerCut);
    }

    private void Damage()
    {
        var names = _disk.Names();
        if (names.Count == 0)
            return;
        var tables = names.Where(one => one.StartsWith("table-", StringComparison.Ordinal)).ToArray();
        var name = _random.Pick(tables.Length > 0 && _random.Coin() ? tables : names);
        var length = _disk.Content(name).Length;
        _oracle.IsDamaged = true;
        if (_random.OneIn(4) && TryLoseSector())
            return;
        switch (_random.Below(5))
        {
            case 0:
                Journal.Say($"{name} is gone");
                _disk.Corrupt.Delete(name);
                break;
            case 1 when length > 0:
                var left = _random.Below(length);
                Journal.Say($"{name} is cut off at {left} of {length}");
                _disk.Corrupt.Truncate(name, left);
                break;
            case > 1 when length > 0:
                var offset = _random.Below(length);
                Journal.Say($"a bit of {name} flips at {offset}");
                _disk.Corrupt.FlipBit(name, offset, _random.Below(8));
                break;
        }
    }

    /// <summary>
    /// Zeroes a sector of a log that ends with a vouch, on disk. Without one nobody can tell what was lost from what was never there.
    /// </summary>
    private bool TryLoseSector()
    {
        const int sectorBytes = 512, headerBytes = 2 * sectorBytes;
        foreach (var name in _disk.Names().Intersect(_disk.DurableNames()).Where(one => one.StartsWith("log-", StringComparison.Ordinal)))
        {
            var content = _disk.DurableContent(name);
            var last = content.AsSpan().LastIndexOfAnyExcept((byte)0) / sectorBytes * sectorBytes;
            if (last <= headerBytes || !content.AsSpan(last).StartsWith("LFFV"u8) || !content.AsSpan().SequenceEqual(_disk.Content(name)))
                continue;
            var sector = _random.Between(headerBytes / sectorBytes, (last / sectorBytes) - 1) * sectorBytes;
            Journal.Say($"a sector of {name} at {sector} is lost");
            _marks.Hit("folds: a sector of a vouched log was lost");
            _disk.Corrupt.Overwrite(name, sector, new byte[sectorBytes]);
            return true;
        }

        return false;
    }
}
