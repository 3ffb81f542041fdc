using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>
/// Between a disk call and the next of one actor another one may run: what threads and processes do, at every place where it matters. Only
/// where no lock of the engine keeps it out, because on one thread no lock does.
/// </summary>
internal sealed class Interleaving
{
    private readonly World _world;
    private readonly Appending _appending;
    private readonly Reading _reading;
    private bool _isInside;
    private int _left;

    public Interleaving(World world, Appending appending, Reading reading)
    {
        _world = world;
        _appending = appending;
        _reading = reading;
        if (world.Plan.InterleaveOneIn > 0)
            world.Disk.BeforeCall = BeforeCall;
    }

    /// <summary>Opens another writer, where locks are defeated.</summary>
    public Action OpenSecond { get; set; } = static () => { };

    /// <summary>Looks at the ledger from another process.</summary>
    public Action LookFromOutside { get; set; } = static () => { };

    /// <summary>Keeps everybody else out for a while.</summary>
    public bool IsOff { get; set; }

    /// <summary>Something new begins: a few others may come in between again, but not for ever.</summary>
    public void Begin() => _left = 8;

    private void BeforeCall(DiskCall call)
    {
        if (_isInside || IsOff || _left == 0 || _world.Writer is not { IsAlive: true, IsClosed: false } writer)
            return;
        if (!_world.Random.OneIn(_world.Plan.InterleaveOneIn))
            return;
        _isInside = true;
        _left--;
        try
        {
            Interleave(writer, call);
        }
        finally
        {
            _isInside = false;
        }
    }

    private void Interleave(Writer writer, DiskCall call)
    {
        var own = call.Process == writer.Process.Number;
        switch (_world.Actor)
        {
            case Actor.Writer when own
                && call.Kind is DiskCallKind.Write or DiskCallKind.Sync or DiskCallKind.Exists or DiskCallKind.Rename:
                BesideTheWriter(writer, call);
                break;
            case Actor.Index when own && call.Kind is DiskCallKind.Write or DiskCallKind.Sync or DiskCallKind.Rename or DiskCallKind.Delete:
                BesideUpkeep(writer);
                break;
            case Actor.Space when own:
                Read(writer);
                break;
            case Actor.Reader when own && call.Kind is DiskCallKind.Read:
            case Actor.View or Actor.Operator or Actor.Opener when !own:
                BesideReaders(writer);
                break;
        }
    }

    private void BesideTheWriter(Writer writer, DiskCall call)
    {
        _world.Say($"  meanwhile, before {call.Kind} {call.File} of the writer:");
        switch (_world.Random.Below(8))
        {
            case 0:
                _appending.StepIndex(writer);
                break;
            case 4:
                LookFromOutside();
                break;
            case >= 6:
                _appending.StageAhead(writer);
                break;
            case 1 when call.Kind != DiskCallKind.Sync:
                _appending.StepSpace(writer);
                break;
            case 2:
                _world.Do(Actor.Caller, writer.Process, () => _appending.Submit(writer));
                break;
            case 3 when _world.Plan.LocksDefeated:
                OpenSecond();
                break;
            default:
                Read(writer);
                break;
        }
    }

    private void BesideUpkeep(Writer writer)
    {
        _world.Say("  meanwhile, beside upkeep:");
        if (_world.Random.Coin())
            _appending.StepWriter(writer);
        else
            Read(writer);
    }

    private void BesideReaders(Writer writer)
    {
        _world.Say("  meanwhile, beside a reader:");
        switch (_world.Random.Below(4))
        {
            case 0:
                _appending.StepIndex(writer);
                break;
            case 1:
                _appending.StepSpace(writer);
                break;
            default:
                _world.Do(Actor.Caller, writer.Process, () => _appending.Submit(writer));
                if (writer.IsAlive)
                    _appending.StepWriter(writer);
                break;
        }
    }

    private void Read(Writer writer) => _world.Do(Actor.Reader, writer.Process, () =>
    {
        if (writer.Waits)
            return;
        try
        {
            _reading.CheckRead(writer.Ledger);
        }
        catch (IOException) when (_world.MayFail)
        {
            // the reader is told
        }
    });
}
