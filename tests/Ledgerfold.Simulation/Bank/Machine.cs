using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Bank;

/// <summary>
/// One machine with a disk for the ledger and one for the folds: whatever ends a process or cuts the power in a call to one of them does it
/// to both, before another call has any effect.
/// </summary>
internal sealed class Machine
{
    private readonly SeededRandom _random;
    private (SimulatedProcess Ledger, SimulatedProcess Folds)? _running;
    private CrashKind _crash;
    private bool _isLooking;

    public Machine(SeededRandom random, double writeBackChance)
    {
        _random = random;
        Ledger = Disk();
        Folds = Disk();

        SimulatedDisk Disk() => new(random.Next()) { WriteBackChance = writeBackChance, BeforeCall = BeforeCall };
    }

    public SimulatedDisk Ledger { get; }

    public SimulatedDisk Folds { get; }

    /// <summary>Lets others go first, between two calls.</summary>
    public Action<DiskCall> Interleave { get; set; } = static _ => { };

    public ulong Hash => Ledger.Trace.Hash ^ (Folds.Trace.Hash * 31);

    public (SimulatedProcess Ledger, SimulatedProcess Folds) Start()
    {
        _running = (Ledger.Start(), Folds.Start());
        return _running.Value;
    }

    /// <summary>Looks without meeting any fault, and without being one of the calls that they are counted by.</summary>
    public void Look(Action look)
    {
        _isLooking = true;
        try
        {
            look();
        }
        finally
        {
            _isLooking = false;
        }
    }

    /// <summary>Orders a crash in one of the calls to come: any, or the next few of one kind.</summary>
    public void ArmCrash(int callsMax)
    {
        _crash = _random.Coin() ? CrashKind.Kill : CrashKind.PowerCut;
        var crash = new DiskFault.Crash(_crash, (CrashMoment)_random.Below(3));
        if (_random.Coin())
            Arm(crash, (DiskCallKind)_random.Below(Marks.Kinds), _random.Between(1, 8));
        else
            Arm(crash, kind: null, _random.Between(1, callsMax));
    }

    /// <summary>Orders an error of one of the calls to come.</summary>
    public void ArmFailure()
    {
        DiskFault fault = _random.OneIn(4) ? new DiskFault.ShortWrite() : new DiskFault.Failure();
        var kind = _random.Pick<DiskCallKind>(
            [DiskCallKind.Sync, DiskCallKind.Sync, DiskCallKind.Write, DiskCallKind.Read, DiskCallKind.SyncDirectory, (DiskCallKind)_random.Below(Marks.Kinds)]);
        Arm(fault, kind, _random.Between(1, 40));
    }

    public void ClearFaults()
    {
        foreach (var disk in (SimulatedDisk[])[Ledger, Folds])
        {
            disk.Faults.Clear();
            disk.Capacity = long.MaxValue;
        }
    }

    public void CutPower()
    {
        Ledger.Crash(CrashKind.PowerCut);
        Folds.Crash(CrashKind.PowerCut);
    }

    /// <summary>Where one half of the process has ended, so has the other.</summary>
    public void EndTogether()
    {
        if (_running is not { } running || running.Ledger.IsAlive == running.Folds.IsAlive)
            return;
        if (_crash == CrashKind.PowerCut)
            (running.Ledger.IsAlive ? Ledger : Folds).Crash(CrashKind.PowerCut);
        else
            (running.Ledger.IsAlive ? running.Ledger : running.Folds).Kill();
    }

    public void Kill()
    {
        _running?.Ledger.Kill();
        _running?.Folds.Kill();
    }

    private void Arm(DiskFault fault, DiskCallKind? kind, int nth) =>
        (_random.Coin() ? Ledger : Folds).Faults.Arm(fault, call => !_isLooking && (kind is null || call.Kind == kind), nth);

    private void BeforeCall(DiskCall call)
    {
        EndTogether();
        if (!_isLooking)
            Interleave(call);
        EndTogether();
    }
}
