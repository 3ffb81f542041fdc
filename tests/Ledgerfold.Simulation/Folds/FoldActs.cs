using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation.Folds;

/// <summary>What may happen next; the seed chooses, also who comes in between two disk calls of another.</summary>
internal sealed class FoldActs
{
    private readonly FoldPlan _plan;
    private readonly SeededRandom _random;
    private readonly FoldOracle _oracle;
    private readonly SimulatedDisk _disk;
    private readonly ManualClock _clock;
    private readonly FoldRequests _requests;
    private FoldProcess? _acting;
    private bool _isInside;
    private int _left;

    public FoldActs(FoldPlan plan, SeededRandom random, FoldOracle oracle, SimulatedDisk disk, ManualClock clock)
    {
        _plan = plan;
        _random = random;
        _oracle = oracle;
        _disk = disk;
        _clock = clock;
        _requests = new FoldRequests(random.Branch(), plan);
        if (plan.InterleaveOneIn > 0)
            disk.BeforeCall = BeforeCall;
    }

    /// <summary>Opens the store in another process, where locks are defeated.</summary>
    public required Action<FoldProcess> OpenSecond { get; init; }

    /// <summary>Keeps everybody else out for a while.</summary>
    public bool IsOff { get; set; }

    private Marks Marks => _oracle.Marks;

    /// <summary>One thing happens.</summary>
    public void One(FoldProcess process)
    {
        _left = 6;
        switch (_random.Below(100))
        {
            case < 32:
                for (var burst = _random.OneIn(4) ? _random.Between(2, 6) : 1; burst > 0 && process.IsAlive; burst--)
                    Do(process, () => Submit(process));
                break;
            case < 62:
                StepWriter(process);
                break;
            case < 76:
                StepUpkeep(process);
                break;
            case < 88:
                Do(process, () => Look(process));
                break;
            case < 92:
                Do(process, () => HoldView(process));
                break;
            case < 95:
                _clock.Advance(TimeSpan.FromMilliseconds(_random.Between(100, 1500)));
                break;
            default:
                Rarely(process);
                break;
        }
    }

    public void Close(FoldProcess process)
    {
        IsOff = true; // a store that is closing answers no reader
        Do(process, () =>
        {
            _oracle.Journal.Say("close");
            process.Store.Close();
        });
        _oracle.Settle(process);
        if (process.IsAlive && process.Pending.Count > 0)
            throw new OracleException("answers", $"the store closed and left {process.Pending.Count} callers waiting");
        foreach (var (view, content) in process.Views.Where(_ => process.IsAlive))
            Do(process, () => _oracle.Check(view, content, "a view after the store closed"));
        IsOff = false;
    }

    /// <summary>A writer that was fenced off works on, as long as it can.</summary>
    public void StepFenced(FoldProcess process)
    {
        for (var step = 0; step < 3 && process.IsAlive; step++)
        {
            StepWriter(process);
            if (process.IsAlive)
                StepUpkeep(process);
        }
    }

    private void Submit(FoldProcess process)
    {
        var fold = _requests.Fold();
        if (_random.OneIn(20) || (_oracle.Condemned.Contains(fold) && _random.Coin()))
        {
            _oracle.Journal.Say($"drop {fold}");
            process.Pending.Add(new FoldProcess.Call(fold, null, process.Store.Drop(fold)));
        }
        else
        {
            var batch = _requests.Batch(fold, _oracle.Expects(fold, process));
            _oracle.Journal.Say($"write {FoldContent.Of(batch)}");
            process.Pending.Add(new FoldProcess.Call(fold, batch, process.Store.Write(batch)));
        }

        _oracle.Settle(process);
    }

    private void StepWriter(FoldProcess process)
    {
        _oracle.Journal.Say("step the writer");
        Do(process, () => process.Store.StepWriter());
        _oracle.Settle(process);
    }

    private void StepUpkeep(FoldProcess process)
    {
        var before = process.Store.State.Version.Tables.Length;
        _oracle.Journal.Say("step upkeep");
        Do(process, () => process.Store.StepUpkeep());
        _oracle.Settle(process); // the writer may have come in between
        if (!process.IsAlive)
            return;
        Marks.Hit("folds: a merge met damage", process.Store.Health.Warnings.Count > 0);
        Marks.Hit("folds: a table was written", process.Store.State.Version.Tables.Length > before);
        Marks.Hit("folds: tables were merged", process.Store.State.Version.Tables.Length < before);
    }

    private void Look(FoldProcess process)
    {
        if (process.Store.Health.Trouble is { Code: "closed" })
            return;
        if (_random.Coin())
        {
            for (var n = 0; n < 6; n++)
                _oracle.CheckRow(process.Store, _requests.Fold(), _requests.Key());
        }
        else if (process.Views.Count > 0 && _random.Coin())
        {
            var (view, content) = _random.Pick(process.Views);
            _oracle.Check(view, content, "a view");
            Marks.Hit("folds: a view was read again");
        }
        else
        {
            _oracle.Check(process.Store, _oracle.ContentOfModel(), "the store");
        }
    }

    private void HoldView(FoldProcess process)
    {
        if (process.Views.Count > 0 && _random.OneIn(3))
        {
            FoldContent.Now(Let(process.Views[0].View));
            process.Views.RemoveAt(0);
            return;
        }

        process.Views.Add((FoldContent.Now(process.Store.OpenView()), _oracle.ContentOfModel()));

        static async ValueTask<bool> Let(IFoldView view)
        {
            await view.DisposeAsync();
            return true;
        }
    }

    private void Rarely(FoldProcess process)
    {
        switch (_random.Below(4))
        {
            case 0:
                _disk.EvictCache();
                break;
            case 1 when _plan.LocksDefeated:
                OpenSecond(process);
                break;
            case 2 when _plan.Fills:
                var isFull = _disk.Capacity != long.MaxValue;
                _oracle.MayFail = true;
                _disk.Capacity = isFull ? long.MaxValue : _disk.Used + _random.Below(8 * 1024);
                _oracle.Journal.Say(isFull ? "the disk has space again" : "the disk is nearly full");
                break;
            default:
                for (var n = 0; n < 8 && process.IsAlive; n++)
                    StepUpkeep(process);
                break;
        }
    }

    /// <summary>Runs what a thread of the process would; what it throws ends the writing.</summary>
    private void Do(FoldProcess process, Action act)
    {
        var before = _acting;
        _acting = process;
        try
        {
            act();
        }
        catch (SimulatedCrashException) when (!process.IsAlive)
        {
            _oracle.Journal.Say("  crashed");
        }
        catch (FoldsDamagedException damage) when (_oracle.IsDamaged)
        {
            _oracle.Journal.Say($"  met {damage.Message}");
        }
        catch (IOException failure) when (_oracle.MayFail && failure is not FoldsDamagedException)
        {
            _oracle.Journal.Say($"  met {failure.Message}");
        }
        finally
        {
            _acting = before;
        }
    }

    /// <summary>
    /// Readers may come in anywhere; the other of writer and upkeep only where the engine holds no lock, because on one thread no lock keeps it
    /// out: while a log or a table is written.
    /// </summary>
    private void BeforeCall(DiskCall call)
    {
        if (_isInside || IsOff || _left == 0 || _acting is not { IsAlive: true, Fenced: false } process || call.Process != process.Process.Number)
            return;
        if (!_random.OneIn(_plan.InterleaveOneIn))
            return;
        _isInside = true;
        _left--;
        try
        {
            var isWriting = call.Kind is DiskCallKind.Write or DiskCallKind.Sync or DiskCallKind.Reserve;
            if (isWriting && call.File.StartsWith("log-", StringComparison.Ordinal) && _random.Coin())
                process.Store.StepUpkeep();
            else if (isWriting && call.File.StartsWith("table-", StringComparison.Ordinal) && _random.Coin())
                process.Store.StepWriter();
            else if (process.Pending.TrueForAll(pending => !pending.Answer.IsCompleted))
                Look(process);
        }
        finally
        {
            _isInside = false;
        }
    }
}
