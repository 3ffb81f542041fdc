namespace Ledgerfold.Testing.Disk;

/// <summary>A call between its beginning and its end, and what is to go wrong with it.</summary>
internal readonly struct ActiveCall(SimulatedDisk disk, SimulatedProcess process, DiskCall call, DiskFault? fault, bool takesEffect)
{
    public DiskCall Call => call;

    /// <summary>Whether what was asked for happens.</summary>
    public bool TakesEffect => takesEffect;

    /// <summary>Whether the disk answers an error at the end.</summary>
    public bool Fails => fault is DiskFault.Failure;

    /// <summary>Whether space runs out for this one call.</summary>
    public bool FindsNoSpace => fault is DiskFault.Full;

    /// <summary>Whether a write stops at some byte.</summary>
    public bool IsCutShort => fault is DiskFault.Failure or DiskFault.ShortWrite or DiskFault.Full;

    /// <summary>Whether the crash comes in the middle of a write.</summary>
    public bool IsTorn => fault is DiskFault.Crash { Moment: CrashMoment.During };

    /// <summary>Answers the caller, or does not.</summary>
    public void End()
    {
        switch (fault)
        {
            case DiskFault.Crash crash:
                throw disk.CrashIn(process, call, crash);
            case DiskFault.Full:
                throw SimulatedDisk.Full(call);
            case DiskFault.Failure when call.Kind != DiskCallKind.Prefetch:
            case DiskFault.ShortWrite when call.Kind == DiskCallKind.Write:
                throw SimulatedDisk.Broken(call);
        }
    }
}
