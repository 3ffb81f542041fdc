using Ledgerfold.Seams;
using Ledgerfold.Storage;
using Ledgerfold.Testing;
using Ledgerfold.Testing.Disk;

namespace Ledgerfold.Simulation;

/// <summary>Who is making disk calls.</summary>
internal enum Actor
{
    None,
    Caller,
    Writer,
    Stager,
    Index,
    Space,
    Reader,
    View,
    Opener,
    Closer,
    Operator,
}

/// <summary>Everything that one run consists of; all of it follows from the seed.</summary>
internal sealed class World
{
    private readonly SeededRandom _random;

    public World(ulong seed, Marks marks, bool journal)
    {
        Seed = seed;
        Marks = marks;
        Journal = new Journal(journal);
        _random = new SeededRandom(seed);
        Plan = Plan.Draw(_random.Branch());
        Disk = new SimulatedDisk(_random.Next()) { WriteBackChance = Plan.WriteBackChance, LocksDefeated = Plan.LocksDefeated };
        Chance = new SeededChance(_random.Next());
        Scheduler = new SeededScheduler(_random.Next());
        Expected = new Expected(Clock);
        Requests = new Requests(_random.Branch(), Expected);
    }

    public ulong Seed { get; }

    public Plan Plan { get; }

    public Marks Marks { get; }

    public Journal Journal { get; }

    public SeededRandom Random => _random;

    public SimulatedDisk Disk { get; }

    public ManualClock Clock { get; } = new();

    public SeededChance Chance { get; }

    public SeededScheduler Scheduler { get; }

    public Expected Expected { get; }

    public Requests Requests { get; }

    /// <summary>The process that writes now, if one does.</summary>
    public Writer? Writer { get; set; }

    /// <summary>Who makes disk calls at the moment.</summary>
    public Actor Actor { get; private set; }

    /// <summary>Whether the ledger was open once, and so exists for good.</summary>
    public bool WasOpened { get; set; }

    /// <summary>Whether bytes were changed behind the ledger's back: from then on it may report damage, and never serve it.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>
    /// Whether bytes of the index were changed: whoever meets that is told so until it is rebuilt, and nothing else may come of it.
    /// </summary>
    public bool IsIndexDamaged { get; set; }

    /// <summary>No event up to here may be lost without a word; null where nothing may.</summary>
    public long? Floor { get; set; }

    /// <summary>Whether an error of the disk was ordered in this generation, so that one may be met.</summary>
    public bool MayFail { get; set; }

    /// <summary>
    /// Whether a sync may fail: from then on the page cache shows what is not there, and forgets it at any time, also while it is verified.
    /// </summary>
    public bool MayForget { get; set; }

    /// <summary>What the outcomes came to, for comparing two runs.</summary>
    public ulong OutcomeHash { get; private set; }

    public EmbeddedLedgerOptions OptionsOn(IDisk disk) => new()
    {
        Disk = disk,
        Clock = disk is SimulatedProcess process ? new ProcessClock(Clock, process) : Clock,
        Chance = Chance,
        SegmentBytes = Plan.SegmentBytes,
        SegmentEventsMax = Plan.SegmentEventsMax,
        ZeroAheadBytes = Plan.ZeroAheadBytes,
        BatchBytesMax = Plan.BatchBytesMax,
        FilterBytesMax = Plan.FilterBytesMax,
    };

    /// <summary>Whether an exception is an honest word on damage that was done.</summary>
    public bool IsReport(Exception failure) =>
        (IsDamaged && failure is LedgerUnavailableException or LedgerDamagedException)
        || (IsIndexDamaged && failure is LedgerDamagedException { File: var file } && file.EndsWith(".run", StringComparison.Ordinal));

    public void Say(string line)
    {
        if (Journal.IsOn)
            Journal.Say(line);
    }

    public void Mix(string text)
    {
        foreach (var letter in text)
            OutcomeHash = System.Numerics.BitOperations.RotateLeft((OutcomeHash ^ letter) * 0x9E3779B97F4A7C15, 23);
    }

    /// <summary>
    /// Checks an event that a process beside the writer shows, or a copy: only what is acknowledged, or in doubt and there to stay. Where
    /// locks are defeated that may be of appends whose writer does not know yet that it was fenced off.
    /// </summary>
    public void CheckShown(RecordedEvent recorded, string who)
    {
        if (recorded.Position <= Expected.Head)
            Expected.CheckShown(recorded, who);
        else
            Expected.Show(recorded, Plan.LocksDefeated ? Writer?.Pending.Select(call => call.Request) ?? [] : [], who);
    }

    /// <summary>Lets an actor do something; false when its process crashed in it.</summary>
    public bool Do(Actor actor, SimulatedProcess process, Action act)
    {
        var before = Actor;
        Actor = actor;
        try
        {
            act();
            return true;
        }
        catch (SimulatedCrashException crash) when (!process.IsAlive)
        {
            if (Journal.IsOn)
                Say($"  {actor}: {crash.Message}");
            if (actor == Actor.Opener && Disk.Trace.Calls[^1] is var last && last.Process == process.Number)
                Marks.CrashesInRecovery[(int)last.Kind]++;
            return false;
        }
        finally
        {
            Actor = before;
        }
    }
}
