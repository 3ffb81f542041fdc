using Ledgerfold.Storage;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>
/// Those who read along: a process that opened the ledger for reading only, and followers of both. What they are shown must stand there,
/// or be of an append in doubt that stands there from then on.
/// </summary>
internal sealed class Bystanders(World world, Reading reading)
{
    private readonly List<Follower> _followers = [];
    private SimulatedProcess? _process;
    private EmbeddedLedger? _view;
    private long _seen;
    private int _segments;

    private Expected Expected => world.Expected;

    public void Look()
    {
        if (_process is { IsAlive: false } || (_view is not null && world.Random.OneIn(12)))
            PartView();
        if (_view is null)
            OpenView();
        else
            LookAgain();
    }

    public void Follow(Writer writer)
    {
        if (_followers.Count < 2)
        {
            var follower = new Follower(world, writer);
            _followers.Add(follower);
            world.Do(Actor.Reader, writer.Process, () => follower.Begin());
        }

        RunFollowers(writer);
    }

    public void RunFollowers(Writer writer)
    {
        if (_followers.Count == 0)
            return;
        world.Do(Actor.Reader, writer.Process, () => world.Scheduler.RunAll());
        foreach (var follower in _followers)
            follower.Check();
    }

    /// <summary>The generation ends: nobody reads on.</summary>
    public void Part()
    {
        _followers.Clear();
        PartView();
    }

    /// <summary>Time passes, and with it the timers of those who look again.</summary>
    public void Advance(TimeSpan by)
    {
        if (_process is null)
            world.Clock.Advance(by);
        else
            world.Do(Actor.View, _process, () => world.Clock.Advance(by));
    }

    private void PartView()
    {
        var (view, process) = (_view, _process);
        _view = null;
        _process = null;
        if (process is { IsAlive: true } && view is not null)
            world.Do(Actor.View, process, view.Close);
        process?.Kill();
    }

    private void OpenView()
    {
        world.Say("open a read-only view");
        _process = world.Disk.Start();
        var process = _process;
        _seen = 0;
        _segments = 0;
        world.Do(Actor.View, process, () =>
        {
            try
            {
                _view = EmbeddedLedger.OpenReadOnly(world.OptionsOn(process));
                world.Marks.Hit("read-only view opened");
                ReadView(_view);
            }
            catch (Exception failure) when (world.MayFail && failure is IOException or LedgerDamagedException)
            {
                world.Say($"  the view met {failure.Message}");
                _view = null;
            }
            catch (Exception failure) when (world.IsReport(failure))
            {
                world.Say($"  the view met {failure.Message}");
                _view = null;
            }
        });
        if (_view is null)
        {
            process.Kill();
            _process = null;
        }
    }

    private void LookAgain()
    {
        world.Say("look through the read-only view");
        var view = _view!;
        world.Do(Actor.View, _process!, () =>
        {
            try
            {
                ReadView(view);
            }
            catch (Exception failure) when (world.IsReport(failure) || (world.MayFail && failure is IOException or LedgerDamagedException))
            {
                world.Say($"  the view met {failure.Message}");
            }
        });
    }

    private void ReadView(EmbeddedLedger view)
    {
        Reading.Now(view.ReadRange());
        var found = reading.Everything(view);
        if (found.Count < _seen && !world.IsIndexDamaged)
            throw new OracleException("view", $"a read-only view showed {_seen} events and now shows {found.Count}");
        _seen = Math.Max(_seen, found.Count);
        world.Marks.Hit("read-only view saw a new segment", _segments > 0 && view.Log.Segments.Length > _segments);
        _segments = view.Log.Segments.Length;
        for (var e = 0; e < found.Count; e++)
        {
            if (found[e].Position != e + 1)
                throw new OracleException("dense", $"a read-only view shows {Events.Say(found[e])} at position {e + 1}");
            world.CheckShown(found[e], "a read-only view");
        }

        if (found.Count <= Expected.Head && !world.IsDamaged && world.Random.OneIn(3))
            reading.CheckView(view, found.Count);
    }
}
