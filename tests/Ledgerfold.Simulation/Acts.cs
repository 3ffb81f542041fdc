using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>What became of an attempt to open the ledger.</summary>
internal enum Opening
{
    Done,
    Failed,

    /// <summary>It says that it is damaged or shorter, as it should: the run ends here.</summary>
    Reported,
}

/// <summary>What may happen next; the seed chooses.</summary>
internal sealed class Acts
{
    private readonly World _world;
    private readonly Appending _appending;
    private readonly Reading _reading;
    private readonly Bystanders _bystanders;
    private readonly Interleaving _interleaving;
    private readonly Operators _operators;
    private readonly Damage _damage;
    private readonly List<Writer> _fenced = [];

    public Acts(World world, Appending appending, Reading reading, Bystanders bystanders, Interleaving interleaving)
    {
        _world = world;
        _appending = appending;
        _reading = reading;
        _bystanders = bystanders;
        _interleaving = interleaving;
        _operators = new Operators(world, reading);
        _damage = new Damage(world);
        interleaving.OpenSecond = () => OpenWriter(fences: true);
        interleaving.LookFromOutside = () =>
        {
            if (world.Random.OneIn(3))
                _operators.BackUp();
            else
                bystanders.Look();
        };
    }

    private SimulatedDisk Disk => _world.Disk;

    private Marks Marks => _world.Marks;

    public void Verify() => _operators.Verify();

    /// <summary>One thing happens.</summary>
    public void One()
    {
        var random = _world.Random;
        var writer = _world.Writer!;
        _interleaving.Begin();
        if (writer.Waits)
        {
            WaitForSpace(writer);
            return;
        }

        switch (random.Below(100))
        {
            case < 30:
                for (var burst = random.OneIn(4) ? random.Between(2, 6) : 1; burst > 0 && writer.IsAlive; burst--)
                    _world.Do(Actor.Caller, writer.Process, () => _appending.Submit(writer));
                break;
            case < 58:
                _world.Say("step the writer");
                _appending.StepWriter(writer);
                break;
            case < 66:
                _world.Say("step the index");
                _appending.StepIndex(writer);
                break;
            case < 72:
                _world.Say("step the space");
                _appending.StepSpace(writer);
                break;
            case < 79:
                TimePasses();
                break;
            case < 86:
                Read(writer);
                break;
            case < 89:
                _bystanders.Follow(writer);
                break;
            case < 93:
                _bystanders.Look();
                break;
            default:
                Rarely(writer);
                break;
        }
    }

    /// <summary>Opens the ledger for writing in a process of its own, beside the writer there is if locks are defeated.</summary>
    public Opening OpenWriter(bool fences)
    {
        var before = _world.Writer;
        var process = Disk.Start();
        var opening = Opening.Failed;
        _world.Say(fences ? "open a second writer" : "open");
        if (!_world.Do(Actor.Opener, process, () => opening = TryOpen(process, before)))
            opening = Opening.Failed;
        if (opening == Opening.Done)
            return opening;
        process.Kill();
        if (before is null)
            _world.Writer = null;
        return opening;
    }

    public void KillFenced()
    {
        foreach (var writer in _fenced)
        {
            _appending.Abandon(writer);
            writer.Process.Kill();
        }

        _fenced.Clear();
    }

    /// <summary>Orders a crash in one of the calls to come: any, or the next few of one kind.</summary>
    public void ArmCrash(int callsMax)
    {
        var random = _world.Random;
        var crash = new DiskFault.Crash(
            random.Coin() ? CrashKind.Kill : CrashKind.PowerCut, (CrashMoment)random.Below(3));
        if (random.Coin())
            Disk.Faults.Arm(crash, (DiskCallKind)random.Below(Marks.Kinds), random.Between(1, 8));
        else
            Disk.Faults.Arm(crash, static _ => true, random.Between(1, callsMax));
    }

    public void ArmFaults()
    {
        var random = _world.Random;
        if (random.Below(10) < 5)
            ArmCrash(random.OneIn(3) ? 60 : 260);
        // Not where locks are defeated too: one process may then swallow the error that another one should have met.
        if (random.OneIn(5) && !_world.Plan.LocksDefeated)
        {
            _world.MayFail = true;
            _world.MayForget = true;
            DiskFault fault = random.OneIn(4) ? new DiskFault.ShortWrite() : new DiskFault.Failure();
            var kind = random.Pick<DiskCallKind>(
                [
                    DiskCallKind.Sync, DiskCallKind.Sync, DiskCallKind.Write, DiskCallKind.Write, DiskCallKind.SyncDirectory,
                    (DiskCallKind)random.Below(Marks.Kinds),
                ]);
            Disk.Faults.Arm(fault, kind, random.Between(1, 30));
        }

        if (_world.Plan.Fills && _world.WasOpened && random.OneIn(3))
            Fill();

        if (_world.Plan.Lies && random.OneIn(3))
        {
            _world.Say("the disk lies about syncs");
            Disk.Faults.LyingSyncs = true;
            _world.IsDamaged = true;
            _world.Floor = 0;
        }
    }

    private Opening TryOpen(SimulatedProcess process, Writer? before)
    {
        EmbeddedLedger ledger;
        try
        {
            ledger = EmbeddedLedger.OpenStepped(_world.OptionsOn(process));
        }
        catch (IOException failure) when (_world.MayFail || (before is not null && _world.Plan.LocksDefeated))
        {
            _world.Say($"  opening met {failure.Message}");
            Marks.Hit("opening met an error of the disk");
            return Opening.Failed;
        }
        catch (LedgerUnavailableException nothing) when (nothing.Code == "not-a-ledger" && _world.Expected.Head == 0 && !_world.WasOpened)
        {
            EmbeddedLedger.Create(_world.OptionsOn(process)); // its creation was cut short, and nobody was told that it had ended
            return Opening.Failed;
        }
        catch (LedgerUnavailableException locked)
            when (locked.Code == "locked" && before is { IsAlive: true } && !_world.Plan.LocksDefeated)
        {
            Marks.Hit("a second writer was refused");
            return Opening.Failed;
        }
        catch (Exception damage) when (_world.IsReport(damage))
        {
            _world.Say($"  reported: {damage.Message}");
            Marks.Hit("opening reported damage");
            return Opening.Reported;
        }

        if (before is { IsAlive: true } && !_world.Plan.LocksDefeated)
            throw new OracleException("lock", "two processes write to one directory");
        return Take(new Writer(process, ledger), before);
    }

    private Opening Take(Writer writer, Writer? before)
    {
        var ledger = writer.Ledger;
        _world.Say($"  opened: head {ledger.Log.Head}, {ledger.Recovery}, trouble {ledger.Health.Trouble?.Reason}");
        var isInside = _interleaving.IsOff;
        _interleaving.IsOff = true;
        try
        {
            if (ledger.Health.Trouble is { } trouble && !(trouble is { Passing: true } && _world.MayFail))
                return _operators.JudgeTrouble(ledger, trouble);
            Marks.Hit("opened on a full disk", ledger.Health.Trouble is not null);
            NoteRecovery(ledger);
            if (before is not null)
            {
                before.Fenced = true;
                _world.Expected.Doubts.AddRange(before.Pending.Select(call => call.Request));
                _fenced.Add(before);
            }

            _world.Writer = writer;
            _world.WasOpened = true;
            writer.Waits = ledger.Health.Trouble is not null;
            if (writer.Waits)
            {
                _operators.CheckPrefix(ledger);
                return Opening.Done;
            }

            if (!_operators.Reconcile(ledger))
                return Opening.Reported;
            if (_world.Expected.Head > 0 && _world.Random.OneIn(3))
                _reading.CheckAll(ledger);
        }
        catch (IOException failure) when (_world.MayFail)
        {
            _world.Say($"  the check met {failure.Message}");
            return Opening.Failed;
        }
        finally
        {
            _interleaving.IsOff = isInside;
        }

        return Opening.Done;
    }

    private void NoteRecovery(EmbeddedLedger ledger)
    {
        var recovery = ledger.Recovery;
        Marks.Hit("a torn tail was dropped", recovery.DroppedBytes > 0);
        Marks.Hit("the batch in doubt was written again", recovery.RewrittenEvents > 0);
        Marks.Hit("continued behind a close marker", recovery.WasClosed && ledger.Log.Head > 0);
    }

    private void TimePasses()
    {
        var random = _world.Random;
        switch (random.Below(8))
        {
            case 0:
                _world.Say("the wall clock goes back");
                _world.Clock.ShiftWallClock(TimeSpan.FromMinutes(-random.Below(200)));
                break;
            case 1:
                _world.Say("the wall clock jumps ahead");
                _world.Clock.ShiftWallClock(TimeSpan.FromMinutes(random.Below(200)));
                break;
            default:
                var wait = TimeSpan.FromMilliseconds(random.Coin() ? random.Below(20) : random.Between(50, 300));
                _world.Say($"{wait.TotalMilliseconds} ms pass");
                _bystanders.Advance(wait);
                _appending.TimeOutLate(_world.Writer!);
                break;
        }
    }

    /// <summary>The disk was full when the ledger was opened: it takes its end for its own when there is space, and only then shows it.</summary>
    private void WaitForSpace(Writer writer)
    {
        switch (_world.Random.Below(6))
        {
            case 0:
                Disk.Capacity = long.MaxValue;
                break;
            case 1:
                _bystanders.Look();
                break;
            case 2:
                _operators.BackUp();
                break;
            default:
                _bystanders.Advance(TimeSpan.FromMilliseconds(_world.Random.Between(200, 1200)));
                _world.Do(Actor.Opener, writer.Process, () => TryToBegin(writer));
                break;
        }
    }

    private void TryToBegin(Writer writer)
    {
        var ledger = writer.Ledger;
        try
        {
            ledger.StepSpace();
            if (ledger.Health.Trouble is { Passing: true })
                return;
            _world.Say($"  began: head {ledger.Log.Head}, {ledger.Recovery}, trouble {ledger.Health.Trouble?.Reason}");
            writer.Waits = false;
            Marks.Hit("began when there was space");
            if (ledger.Health.Trouble is { } trouble)
                _operators.JudgeTrouble(ledger, trouble);
            else if (_operators.Reconcile(ledger))
                return;
        }
        catch (IOException failure) when (_world.MayFail)
        {
            _world.Say($"  beginning met {failure.Message}");
        }
        catch (Exception damage) when (_world.IsReport(damage))
        {
            _world.Say($"  beginning reported: {damage.Message}");
        }

        writer.Process.Kill(); // the next generation says what has become of it
    }

    private void Read(Writer writer) => _world.Do(Actor.Reader, writer.Process, () =>
    {
        try
        {
            _world.Say("read");
            _reading.CheckRead(writer.Ledger);
            _interleaving.IsOff = true;
            _reading.CheckLookUps(writer.Ledger);
        }
        catch (IOException failure) when (_world.MayFail)
        {
            _world.Say($"  the reader met {failure.Message}");
        }
        finally
        {
            _interleaving.IsOff = false;
        }
    });

    private void Rarely(Writer writer)
    {
        var random = _world.Random;
        switch (random.Below(8))
        {
            case 7 when _world.Plan.Damages:
                _damage.StrikeIndex();
                break;
            case 0:
                _operators.BackUp();
                break;
            case 1:
                OpenWriter(fences: true); // refused, unless locks are defeated
                break;
            case 2:
                Disk.EvictCache();
                break;
            case 3 when _world.Plan.Fills:
                Fill();
                break;
            case 4:
                _world.Say("a caller cancels");
                _appending.CancelOne(writer);
                break;
            case 5:
                _operators.Verify();
                break;
            default:
                foreach (var fenced in _fenced)
                    _appending.StepWriter(fenced);
                break;
        }
    }

    private void Fill()
    {
        if (Disk.Capacity == long.MaxValue)
        {
            Disk.Capacity = Disk.Used + _world.Random.Below(8 * 1024);
            _world.MayFail = true;
            _world.Say("the disk is nearly full");
        }
        else
        {
            Disk.Capacity = long.MaxValue;
            _world.Say("the disk has space again");
        }
    }
}
