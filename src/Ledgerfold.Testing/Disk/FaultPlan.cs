namespace Ledgerfold.Testing.Disk;

/// <summary>What is going to go wrong with a simulated disk. Each fault that is armed strikes once.</summary>
public sealed class FaultPlan
{
    private readonly List<Armed> _armed = [];

    internal FaultPlan()
    {
    }

    /// <summary>Whether every sync answers well and does nothing.</summary>
    public bool LyingSyncs { get; set; }

    /// <summary>How many faults are armed and have not struck.</summary>
    public int Count => _armed.Count;

    /// <summary>Strikes the <paramref name="nth"/> call from now that is of a kind.</summary>
    public void Arm(DiskFault fault, DiskCallKind kind, int nth = 1) => Arm(fault, call => call.Kind == kind, nth);

    /// <summary>Strikes the <paramref name="nth"/> call from now for which <paramref name="when"/> holds.</summary>
    public void Arm(DiskFault fault, Func<DiskCall, bool> when, int nth = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nth);
        _armed.Add(new Armed(fault, when, nth));
    }

    /// <summary>Crashes in the call with this <see cref="DiskCall.Number"/>.</summary>
    public void CrashAt(long number, CrashKind kind, CrashMoment moment) =>
        Arm(new DiskFault.Crash(kind, moment), call => call.Number == number);

    /// <summary>Lets the <paramref name="nth"/> call of a kind answer EIO.</summary>
    public void Fail(DiskCallKind kind, int nth = 1) => Arm(new DiskFault.Failure(), kind, nth);

    /// <summary>Nothing more goes wrong.</summary>
    public void Clear()
    {
        _armed.Clear();
        LyingSyncs = false;
    }

    internal DiskFault? Judge(DiskCall call)
    {
        DiskFault? verdict = null;
        for (var index = 0; index < _armed.Count; index++)
        {
            var armed = _armed[index];
            if (!armed.When(call) || --armed.Left > 0)
                continue;
            _armed.RemoveAt(index--);
            verdict ??= armed.Fault;
        }

        return verdict ?? (LyingSyncs && call.Kind is DiskCallKind.Sync or DiskCallKind.SyncDirectory ? new DiskFault.Lie() : null);
    }

    private sealed class Armed(DiskFault fault, Func<DiskCall, bool> when, int nth)
    {
        public DiskFault Fault => fault;

        public Func<DiskCall, bool> When => when;

        public int Left { get; set; } = nth;
    }
}
