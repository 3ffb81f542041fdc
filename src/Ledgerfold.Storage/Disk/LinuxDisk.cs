using System.Runtime.InteropServices;
using Ledgerfold.Seams;
using Microsoft.Win32.SafeHandles;

namespace Ledgerfold.Storage.Disk;

/// <summary>
/// A directory of a Linux file system. Everything goes through one descriptor of the directory, so that an open disk keeps meaning the same
/// directory when somebody renames it or puts another in its place. Any thread.
/// </summary>
public sealed class LinuxDisk : IDisk, IDisposable
{
    private const uint FileMode = 0x1A0; // 0640
    private const uint DirectoryMode = 0x1E8; // 0750

    private readonly Lock _opening = new();
    private volatile SafeFileHandle? _directory;

    /// <summary>A disk in this directory, which need not exist yet.</summary>
    public LinuxDisk(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Location = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
    }

    /// <inheritdoc />
    public string Location { get; }

    /// <inheritdoc />
    public bool DirectoryExists => IsDirectory(Location);

    /// <inheritdoc />
    public void CreateDirectory()
    {
        var missing = new Stack<string>();
        var existing = Location;
        while (!IsDirectory(existing))
        {
            missing.Push(existing);
            existing = Path.GetDirectoryName(existing)!; // the root is a directory
        }

        // Whoever made it may have died before its entry was durable.
        SyncEntryOf(existing, mine: false);
        while (missing.TryPop(out var directory))
        {
            if (Libc.MakeDirectory(directory, DirectoryMode) < 0 && !(DiskError.Last == DiskError.EntryExists && IsDirectory(directory)))
                throw DiskError.From(DiskError.Last, "mkdir", directory);
            SyncEntryOf(directory, mine: true);
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List()
    {
        // A descriptor of its own: a listing moves the position of the one it reads from.
        var own = OpenDirectory(OpenedDirectory(), ".");
        var listing = Libc.OpenListing(own.DangerousGetHandle());
        if (listing == 0)
        {
            var error = DiskError.Last;
            own.Dispose();
            throw DiskError.From(error, "fdopendir", Location);
        }

        own.SetHandleAsInvalid(); // closedir closes it
        try
        {
            return ReadNames(listing);
        }
        finally
        {
            _ = Libc.CloseListing(listing);
        }
    }

    /// <inheritdoc />
    public bool Exists(string name)
    {
        if (Libc.StatEntry(OpenedDirectory(), Checked(name), out _) == 0)
            return true;
        return DiskError.Last == DiskError.NoEntry ? false : throw DiskError.From(DiskError.Last, "stat", PathOf(name));
    }

    /// <inheritdoc />
    public IDiskFile Open(string name, bool writable)
    {
        var file = OpenEntry(name, writable ? Libc.ReadWrite : Libc.ReadOnly);
        if (!file.IsInvalid)
            return new LinuxDiskFile(file, PathOf(name));
        throw DiskError.Last == DiskError.NoEntry
            ? new FileNotFoundException($"{PathOf(name)} does not exist", name)
            : DiskError.From(DiskError.Last, "open", PathOf(name));
    }

    /// <inheritdoc />
    public IDiskFile Create(string name)
    {
        var file = OpenEntry(name, Libc.ReadWrite | Libc.Create | Libc.Exclusive);
        if (!file.IsInvalid)
            return new LinuxDiskFile(file, PathOf(name));
        throw DiskError.Last == DiskError.EntryExists
            ? new DiskEntryExistsException(name)
            : DiskError.From(DiskError.Last, "create", PathOf(name));
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        var directory = OpenedDirectory();
        if (Libc.RenameAt(directory, Checked(from), directory, Checked(to)) == 0)
            return;
        throw DiskError.Last == DiskError.NoEntry
            ? new FileNotFoundException($"{PathOf(from)} does not exist", from)
            : DiskError.From(DiskError.Last, $"rename to {to}", PathOf(from));
    }

    /// <inheritdoc />
    public void Delete(string name)
    {
        if (Libc.UnlinkAt(OpenedDirectory(), Checked(name), 0) < 0 && DiskError.Last != DiskError.NoEntry)
            throw DiskError.From(DiskError.Last, "unlink", PathOf(name));
    }

    /// <inheritdoc />
    public void SyncDirectory() => Sync(OpenedDirectory(), Location);

    /// <inheritdoc />
    /// <exception cref="IOException">Another directory stands at <see cref="Location"/> now.</exception>
    public IDisposable? TryLock()
    {
        // A lock belongs to an open descriptor, so each attempt opens its own; the one all names go through would always agree with itself.
        var own = OpenDirectory(OpenedDirectory(), ".");
        try
        {
            if (!TryLock(own))
            {
                own.Dispose();
                return null;
            }

            if (Libc.Stat(own, out var locked) < 0 || Libc.Stat(Location, out var named) < 0)
                throw DiskError.From(DiskError.Last, "stat", Location);
            if (!locked.IsSameAs(named))
                throw new IOException($"{Location} was replaced by another directory while it was open");
            return new DirectoryLock(own);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of the directory; files that are open stay open.</summary>
    public void Dispose() => _directory?.Dispose();

    private static bool TryLock(SafeFileHandle directory)
    {
        while (Libc.Lock(directory, Libc.LockExclusive | Libc.LockNonBlocking) < 0)
        {
            if (DiskError.Last == DiskError.WouldBlock)
                return false;
            if (!DiskError.WasInterrupted)
                throw DiskError.From(DiskError.Last, "flock", "the directory");
        }

        return true;
    }

    private static List<string> ReadNames(nint listing)
    {
        const int nameOffset = 19; // in struct dirent of a 64-bit Linux: inode 8, offset 8, length 2, kind 1
        var names = new List<string>();
        nint entry;
        while ((entry = Libc.NextEntry(listing)) != 0)
        {
            var name = Marshal.PtrToStringUTF8(entry + nameOffset)!;
            if (name is not ("." or ".."))
                names.Add(name);
        }

        return DiskError.Last == 0 ? names : throw DiskError.From(DiskError.Last, "readdir", "the directory");
    }

    private static bool IsDirectory(string path)
    {
        if (Libc.Stat(path, out var status) == 0)
            return status.IsDirectory;
        // Framework calls answer false for a directory that may not be looked at, which would make an unreadable ledger a missing one.
        return DiskError.Last is DiskError.NoEntry or DiskError.NotDirectory ? false : throw DiskError.From(DiskError.Last, "stat", path);
    }

    private static void SyncEntryOf(string directory, bool mine)
    {
        var parent = Path.GetDirectoryName(directory) ?? directory;
        using var handle = Libc.Open(parent, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec, 0);
        if (!handle.IsInvalid)
            Sync(handle, parent);
        else if (mine || DiskError.Last != DiskError.AccessDenied)
            throw DiskError.From(DiskError.Last, "open", parent);
    }

    private static void Sync(SafeFileHandle directory, string location)
    {
        while (Libc.Sync(directory) < 0)
        {
            if (!DiskError.WasInterrupted)
                throw DiskError.Broken(DiskError.Last, "fsync", location);
        }
    }

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
            throw new ArgumentException($"'{name}' is not a plain file name", nameof(name));
        return name;
    }

    private string PathOf(string name) => Path.Combine(Location, name);

    private SafeFileHandle OpenEntry(string name, int flags)
    {
        var directory = OpenedDirectory();
        Checked(name);
        while (true)
        {
            var file = Libc.OpenAt(directory, name, flags | Libc.CloseOnExec, FileMode);
            if (!file.IsInvalid || !DiskError.WasInterrupted)
                return file;
        }
    }

    private SafeFileHandle OpenDirectory(SafeFileHandle from, string name)
    {
        var handle = Libc.OpenAt(from, name, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec, 0);
        return handle.IsInvalid ? throw DiskError.From(DiskError.Last, "open", Location) : handle;
    }

    private SafeFileHandle OpenedDirectory()
    {
        if (_directory is { } opened)
            return opened;
        lock (_opening)
        {
            if (_directory is { } meanwhile)
                return meanwhile;
            var handle = Libc.Open(Location, Libc.ReadOnly | Libc.Directory | Libc.CloseOnExec, 0);
            if (!handle.IsInvalid)
                return _directory = handle;
            throw DiskError.Last == DiskError.NoEntry
                ? new DirectoryNotFoundException($"{Location} does not exist")
                : DiskError.From(DiskError.Last, "open", Location);
        }
    }

    /// <summary>Unlocks by name, because a child process that was just forked may still hold a copy of the descriptor.</summary>
    private sealed class DirectoryLock(SafeFileHandle directory) : IDisposable
    {
        public void Dispose()
        {
            if (directory.IsClosed)
                return;
            _ = Libc.Lock(directory, Libc.Unlock);
            directory.Dispose();
        }
    }
}
