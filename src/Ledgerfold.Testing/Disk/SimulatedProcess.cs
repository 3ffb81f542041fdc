using Ledgerfold.Seams;

namespace Ledgerfold.Testing.Disk;

/// <summary>
/// A process that uses a simulated disk: what it opened and locked ends with it, and from then on each of its calls throws
/// <see cref="SimulatedCrashException"/>, so that nothing of a crashed engine can go on writing. Any thread.
/// </summary>
public sealed class SimulatedProcess : IDisk
{
    private readonly SimulatedDisk _disk;
    private readonly List<SimulatedFile> _open = [];

    internal SimulatedProcess(SimulatedDisk disk, int number)
    {
        _disk = disk;
        Number = number;
    }

    /// <summary>Its number on the disk, from 1.</summary>
    public int Number { get; }

    /// <summary>Whether it has not crashed.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <inheritdoc />
    public string Location => _disk.Location;

    /// <inheritdoc />
    public bool DirectoryExists => _disk.DirectoryExists;

    /// <summary>Kills this process alone; the page cache stays.</summary>
    public void Kill() => _disk.Kill(this);

    /// <inheritdoc />
    public void CreateDirectory()
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.CreateDirectory);
            if (call.TakesEffect)
                _disk.MakeDirectory();
            call.End();
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List()
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.List);
            var names = _disk.ShuffledNames();
            call.End();
            return names;
        }
    }

    /// <inheritdoc />
    public bool Exists(string name)
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Exists, Checked(name));
            var exists = _disk.Entries.Cached.ContainsKey(name);
            call.End();
            return exists;
        }
    }

    /// <inheritdoc />
    public IDiskFile Open(string name, bool writable)
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Open, Checked(name));
            if (!_disk.Entries.Cached.TryGetValue(name, out var inode))
                throw new FileNotFoundException($"{name} does not exist", name);
            if (writable)
                _disk.ThrowIfReadOnly();
            call.End();
            return Opened(inode, name, writable);
        }
    }

    /// <inheritdoc />
    public IDiskFile Create(string name)
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Create, Checked(name));
            if (_disk.Entries.Cached.ContainsKey(name))
                throw new DiskEntryExistsException(name);
            _disk.ThrowIfReadOnly();
            _disk.ThrowIfFull(call, sectors: 1);
            var inode = new Inode();
            if (call.TakesEffect)
                _disk.Link(name, inode);
            call.End();
            return Opened(inode, name, writable: true);
        }
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Rename, $"{Checked(from)} > {Checked(to)}");
            if (!_disk.Entries.Cached.ContainsKey(from))
                throw new FileNotFoundException($"{from} does not exist", from);
            _disk.ThrowIfReadOnly();
            if (call.TakesEffect)
                Unlinked(_disk.Entries.Rename(from, to));
            call.End();
        }
    }

    /// <inheritdoc />
    public void Delete(string name)
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Delete, Checked(name));
            _disk.ThrowIfReadOnly();
            if (call.TakesEffect)
                Unlinked(_disk.Entries.Unlink(name));
            call.End();
        }
    }

    /// <inheritdoc />
    public void SyncDirectory()
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.SyncDirectory);
            if (call.TakesEffect)
                _disk.SyncEntries();
            call.End();
        }
    }

    /// <inheritdoc />
    public IDisposable? TryLock()
    {
        lock (_disk.Gate)
        {
            var call = _disk.Begin(this, DiskCallKind.Lock);
            var taken = _disk.TryLock(this);
            call.End();
            return taken;
        }
    }

    internal void End()
    {
        IsAlive = false;
        foreach (var file in _open)
            file.Close();
        _open.Clear();
    }

    internal void Closed(SimulatedFile file) => _open.Remove(file);

    private static void Unlinked(Inode? inode)
    {
        if (inode is not null)
            inode.Linked = false;
    }

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            throw new ArgumentException($"'{name}' is not a plain file name", nameof(name));
        return name;
    }

    private SimulatedFile Opened(Inode inode, string name, bool writable)
    {
        inode.Handles++;
        var file = new SimulatedFile(_disk, this, inode, name, writable);
        _open.Add(file);
        return file;
    }
}
