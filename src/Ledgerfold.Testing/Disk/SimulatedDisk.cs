using Ledgerfold.Seams;

namespace Ledgerfold.Testing.Disk;

/// <summary>
/// A disk that keeps its promises to the letter and no further, so that what an engine takes for granted shows. Written bytes
/// are durable after a sync of their file, names after a sync of the directory, and nothing else is: until then every sector of
/// 512 bytes, the length of every file and every change of a name reaches the disk alone, at any time and in any order, or
/// never. The seed decides which.
/// </summary>
/// <remarks>
/// Used as an <see cref="IDisk"/> itself it stands for one process after another: the next call after a crash is that of a new
/// one. Engines whose remains may still be running when the next is opened take a process each, by <see cref="Start"/>. Any
/// thread; runs repeat where only one thread calls.
/// </remarks>
public sealed class SimulatedDisk : IDisk
{
    private readonly List<SimulatedProcess> _living = [];
    private readonly List<Inode> _inodes = [];
    private readonly List<DirectoryLock> _locks = [];
    private SimulatedProcess? _main;
    private long _calls;
    private int _processes;

    /// <summary>An empty disk without the directory.</summary>
    public SimulatedDisk(ulong seed)
        : this(seed, new DirectoryEntries())
    {
    }

    private SimulatedDisk(ulong seed, DirectoryEntries entries)
    {
        Random = new SeededRandom(seed);
        Entries = entries;
        _inodes.AddRange(entries.Reachable());
        Corrupt = new DiskCorruption(this);
    }

    /// <inheritdoc />
    public string Location => "simulated";

    /// <inheritdoc />
    public bool DirectoryExists { get; private set; }

    /// <summary>What is going to go wrong.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>Damage that nobody asked the disk for.</summary>
    public DiskCorruption Corrupt { get; }

    /// <summary>What was asked of the disk.</summary>
    public DiskTrace Trace { get; } = new();

    /// <summary>
    /// Runs before each call, which has no effect yet: it may look at the disk, fork it, crash it, arm faults, or let another
    /// process go first.
    /// </summary>
    public Action<DiskCall>? BeforeCall { get; set; }

    /// <summary>How many bytes the disk holds; it can grow and shrink at any time.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Whether the file system answers every change with EROFS.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Whether every process gets the lock.</summary>
    public bool LocksDefeated { get; set; }

    /// <summary>How likely the background writes something before a call.</summary>
    public double WriteBackChance { get; set; } = 0.125;

    /// <summary>The number of the last call.</summary>
    public long CallCount
    {
        get
        {
            lock (Gate)
                return _calls;
        }
    }

    /// <summary>How many bytes are taken.</summary>
    public long Used
    {
        get
        {
            lock (Gate)
                return _inodes.Where(inode => inode.Linked || inode.Handles > 0).Sum(SpaceOf);
        }
    }

    internal Lock Gate { get; } = new();

    internal SeededRandom Random { get; }

    internal DirectoryEntries Entries { get; }

    private SimulatedProcess Main => _main is { IsAlive: true } main ? main : _main = Start();

    /// <summary>A new process.</summary>
    public SimulatedProcess Start()
    {
        lock (Gate)
        {
            var process = new SimulatedProcess(this, ++_processes);
            _living.Add(process);
            return process;
        }
    }

    /// <summary>Ends every process by force, and with a power cut all that was in the page cache.</summary>
    public void Crash(CrashKind kind)
    {
        lock (Gate)
        {
            foreach (var process in _living.ToArray())
                Kill(process);
            if (kind == CrashKind.PowerCut)
                CutPower();
        }
    }

    /// <summary>Drops clean pages from the page cache, as memory pressure does: what a failed sync lost can no longer be read.</summary>
    public void EvictCache()
    {
        lock (Gate)
            _inodes.ForEach(inode => inode.Evict());
    }

    /// <summary>
    /// A copy of the disk as it is now, page cache and all that is not durable included, but without processes and faults: crash it to see
    /// what would have become of this one.
    /// </summary>
    public SimulatedDisk Fork(ulong seed)
    {
        lock (Gate)
        {
            var copies = _inodes.ToDictionary(inode => inode, inode => inode.Copy());
            var fork = new SimulatedDisk(seed, Entries.Copy(inode => copies[inode]))
            {
                DirectoryExists = DirectoryExists,
                Capacity = Capacity,
                ReadOnly = ReadOnly,
                LocksDefeated = LocksDefeated,
                WriteBackChance = WriteBackChance,
            };
            foreach (var inode in fork.Entries.Cached.Values)
                inode.Linked = true;
            return fork;
        }
    }

    /// <summary>The names as processes see them, in order.</summary>
    public IReadOnlyList<string> Names()
    {
        lock (Gate)
            return [.. Entries.Cached.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>What a process would read from a file.</summary>
    public byte[] Content(string name)
    {
        lock (Gate)
        {
            var inode = Entries.Cached[name];
            var content = new byte[inode.Length];
            inode.Read(content, 0);
            return content;
        }
    }

    /// <summary>The names that a power cut now would certainly leave, in order.</summary>
    public IReadOnlyList<string> DurableNames()
    {
        lock (Gate)
            return [.. Entries.Durable.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>What of a file has reached the disk, found by a name that has.</summary>
    public byte[] DurableContent(string name)
    {
        lock (Gate)
            return Entries.Durable[name].DurableContent();
    }

    /// <inheritdoc />
    public void CreateDirectory() => Main.CreateDirectory();

    /// <inheritdoc />
    public IReadOnlyList<string> List() => Main.List();

    /// <inheritdoc />
    public bool Exists(string name) => Main.Exists(name);

    /// <inheritdoc />
    public IDiskFile Open(string name, bool writable) => Main.Open(name, writable);

    /// <inheritdoc />
    public IDiskFile Create(string name) => Main.Create(name);

    /// <inheritdoc />
    public void Rename(string from, string to) => Main.Rename(from, to);

    /// <inheritdoc />
    public void Delete(string name) => Main.Delete(name);

    /// <inheritdoc />
    public void SyncDirectory() => Main.SyncDirectory();

    /// <inheritdoc />
    public IDisposable? TryLock() => Main.TryLock();

    internal static void ThrowIfEnded(SimulatedProcess process)
    {
        if (!process.IsAlive)
            throw new SimulatedCrashException($"Process {process.Number} has crashed");
    }

    internal static IOException Broken(DiskCall call) => new($"{call}: input/output error (EIO)");

    internal static DiskFullException Full(DiskCall call) => new($"{call}: no space left (ENOSPC)");

    /// <summary>Everything that happens before a call takes effect; throws where it shall not.</summary>
    internal ActiveCall Begin(SimulatedProcess process, DiskCallKind kind, string file = "", long offset = 0, long length = 0)
    {
        ThrowIfEnded(process);
        var call = new DiskCall(++_calls, process.Number, kind, file, offset, length);
        BeforeCall?.Invoke(call);
        ThrowIfEnded(process);
        if (WriteBackChance > 0 && Random.Chance(WriteBackChance))
            WriteBack();

        var fault = Faults.Judge(call);
        Trace.Add(call, fault);
        if (fault is DiskFault.Crash crash && ComesBefore(crash.Moment, kind))
            throw CrashIn(process, call, crash);
        if (!DirectoryExists && kind != DiskCallKind.CreateDirectory)
            throw new DirectoryNotFoundException($"{Location} does not exist");
        if (fault is DiskFault.Failure && !MayHaveHappened(kind))
            throw Broken(call);
        var takesEffect = fault is not DiskFault.Lie && (fault is not DiskFault.Failure || Random.Coin());
        return new ActiveCall(this, process, call, fault, takesEffect);
    }

    internal SimulatedCrashException CrashIn(SimulatedProcess process, DiskCall call, DiskFault.Crash crash)
    {
        Trace.AddCrash(call);
        if (crash.Kind == CrashKind.Kill)
            Kill(process);
        else
            Crash(CrashKind.PowerCut);
        return new SimulatedCrashException($"{crash.Kind} {crash.Moment} {call}");
    }

    internal void Kill(SimulatedProcess process)
    {
        lock (Gate)
        {
            if (!_living.Remove(process))
                return;
            process.End();
            _locks.RemoveAll(held => held.Owner == process);
            Forget();
        }
    }

    internal void MakeDirectory() => DirectoryExists = true;

    internal void Link(string name, Inode inode)
    {
        inode.Linked = true;
        _inodes.Add(inode);
        Entries.Link(name, inode);
    }

    internal void SyncEntries()
    {
        Entries.Sync();
        Forget();
    }

    internal void ForceLink(string name, Inode inode)
    {
        if (Entries.Cached.TryGetValue(name, out var replaced))
            replaced.Linked = false;
        inode.Linked = true;
        _inodes.Add(inode);
        Entries.ForceLink(name, inode);
    }

    internal void ForceUnlink(string name)
    {
        Entries.Cached[name].Linked = false;
        Entries.ForceUnlink(name);
    }

    /// <summary>In another order each time, because no file system promises one.</summary>
    internal string[] ShuffledNames()
    {
        var names = Entries.Cached.Keys.Order(StringComparer.Ordinal).ToArray();
        Random.Shuffle<string>(names);
        return names;
    }

    internal IDisposable? TryLock(SimulatedProcess process)
    {
        if (_locks.Count > 0 && !LocksDefeated)
            return null;
        var taken = new DirectoryLock(this, process);
        _locks.Add(taken);
        return taken;
    }

    /// <summary>How many bytes of a write find space, or get through before it fails.</summary>
    internal int Granted(ActiveCall call, Inode inode)
    {
        var length = (int)call.Call.Length;
        if (call.IsCutShort)
            return length == 0 ? 0 : Random.Below(length);
        return Capacity == long.MaxValue ? length : inode.Fitting(call.Call.Offset, length, FreeSectors());
    }

    internal void ThrowIfFull(ActiveCall call, long sectors)
    {
        if (call.FindsNoSpace || (Capacity != long.MaxValue && FreeSectors() < sectors))
            throw Full(call.Call);
    }

    internal void ThrowIfReadOnly()
    {
        if (ReadOnly)
            throw new IOException("the file system is read-only (EROFS)");
    }

    // A sector more than its bytes, so that a file can be refused for want of space while it is still empty.
    private static long SpaceOf(Inode inode) => (1L + inode.AllocatedSectors) * SectorMap.SectorBytes;

    private static bool ComesBefore(CrashMoment moment, DiskCallKind kind) =>
        moment == CrashMoment.Before || (moment == CrashMoment.During && kind != DiskCallKind.Write);

    private static bool MayHaveHappened(DiskCallKind kind) => kind is DiskCallKind.CreateDirectory or DiskCallKind.Create
        or DiskCallKind.Rename or DiskCallKind.Delete or DiskCallKind.SyncDirectory or DiskCallKind.Write or DiskCallKind.Sync
        or DiskCallKind.Prefetch;

    private long FreeSectors() => Math.Max(0, Capacity - Used) / SectorMap.SectorBytes;

    private void WriteBack()
    {
        if (Entries.HasUnsyncedChanges && Random.OneIn(4))
        {
            Entries.WriteBack(Random);
            return;
        }

        if (_inodes.Count == 0)
            return;
        var start = Random.Below(_inodes.Count);
        for (var step = 0; step < _inodes.Count; step++)
        {
            var inode = _inodes[(start + step) % _inodes.Count];
            if (inode.HasLostSectors && Random.OneIn(8))
                inode.Evict();
            if (inode.IsClean)
                continue;
            inode.WriteBack(Random);
            return;
        }
    }

    private void CutPower()
    {
        // Independent coins alone would hardly ever lose, or keep, everything.
        double? everywhere = Random.Below(6) switch { 0 => 0, 1 => 1, _ => null };
        Entries.CutPower(Random, everywhere ?? Share());
        Forget();
        foreach (var inode in _inodes)
        {
            inode.CutPower(Random, everywhere ?? Share());
            inode.Linked = true;
        }

        double Share() => Random.Below(4) switch { 0 => 0, 1 => 1, _ => Random.Fraction() };
    }

    private void Forget()
    {
        var reachable = Entries.Reachable();
        _inodes.RemoveAll(inode => inode.Handles == 0 && !reachable.Contains(inode));
    }

    private sealed class DirectoryLock(SimulatedDisk disk, SimulatedProcess owner) : IDisposable
    {
        public SimulatedProcess Owner => owner;

        public void Dispose()
        {
            lock (disk.Gate)
                disk._locks.Remove(this);
        }
    }
}
