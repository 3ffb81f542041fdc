namespace Ledgerfold.Testing.Disk;

/// <summary>How a process or a machine ends.</summary>
public enum CrashKind
{
    /// <summary>The process is killed; what it wrote stays in the page cache.</summary>
    Kill,

    /// <summary>The power fails; of what was not synced, any part may have reached the disk.</summary>
    PowerCut,
}

/// <summary>When, in relation to a call, a crash happens.</summary>
public enum CrashMoment
{
    /// <summary>The call has no effect.</summary>
    Before,

    /// <summary>Any part of the sectors of a write are written; other calls have no effect.</summary>
    During,

    /// <summary>The call takes effect, but nobody is told.</summary>
    After,
}

/// <summary>What goes wrong with a call.</summary>
public abstract record DiskFault
{
    private DiskFault()
    {
    }

    /// <summary>The process, or with it the machine, stops; the caller sees a <see cref="SimulatedCrashException"/>.</summary>
    public sealed record Crash(CrashKind Kind, CrashMoment Moment) : DiskFault;

    /// <summary>
    /// The call answers EIO. A write may have written a part, a change of an entry may have happened or not, and a failed sync
    /// poisons its file: reads stay right while the page cache lasts and every later sync answers well, but nothing unsynced of
    /// the file, and nothing that is written to it later, ever reaches the disk. Only a copy in another file does.
    /// </summary>
    public sealed record Failure : DiskFault;

    /// <summary>A write stops half-way and says so.</summary>
    public sealed record ShortWrite : DiskFault;

    /// <summary>Space runs out for this one call.</summary>
    public sealed record Full : DiskFault;

    /// <summary>A sync answers well and does nothing; the bytes may still reach the disk by themselves.</summary>
    public sealed record Lie : DiskFault;
}

/// <summary>The process made a call in which it crashed, or that comes after its end; nothing may catch this but the test.</summary>
public sealed class SimulatedCrashException(string message) : Exception(message);
