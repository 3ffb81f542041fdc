using Ledgerfold.Seams;

namespace Ledgerfold.Testing.Disk;

/// <summary>A file that a simulated process has open. Any thread.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, SimulatedProcess process, Inode inode, string name, bool writable) : IDiskFile
{
    private bool _closed;

    public long Length
    {
        get
        {
            lock (disk.Gate)
            {
                ThrowIfUnusable();
                return inode.Length;
            }
        }
    }

    public int Read(Span<byte> into, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        lock (disk.Gate)
        {
            ThrowIfUnusable();
            var call = disk.Begin(process, DiskCallKind.Read, name, offset, into.Length);
            var count = inode.Read(into, offset);
            call.End();
            return count;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        lock (disk.Gate)
        {
            ThrowIfUnusable();
            ThrowIfNotWritable();
            var call = disk.Begin(process, DiskCallKind.Write, name, offset, bytes.Length);
            disk.Trace.Add(bytes);
            disk.ThrowIfReadOnly();
            var granted = disk.Granted(call, inode);
            inode.Write(bytes[..granted], offset, call.IsTorn ? disk.Random : null);
            call.End();
            if (granted < bytes.Length)
                throw SimulatedDisk.Full(call.Call);
        }
    }

    public void Reserve(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        lock (disk.Gate)
        {
            ThrowIfUnusable();
            ThrowIfNotWritable();
            var call = disk.Begin(process, DiskCallKind.Reserve, name, 0, length);
            disk.ThrowIfReadOnly();
            disk.ThrowIfFull(call, length > inode.Length ? inode.SectorsToReserve(length) : 0);
            inode.Reserve(length);
            call.End();
        }
    }

    public void Sync()
    {
        lock (disk.Gate)
        {
            ThrowIfUnusable();
            var call = disk.Begin(process, DiskCallKind.Sync, name);
            if (!inode.IsClean)
                disk.ThrowIfReadOnly();
            if (call.Fails)
                inode.FailSync(disk.Random);
            else if (call.TakesEffect)
                inode.Sync();
            call.End();
        }
    }

    public void Prefetch(long offset, long length)
    {
        lock (disk.Gate)
        {
            ThrowIfUnusable();
            disk.Begin(process, DiskCallKind.Prefetch, name, offset, length).End();
        }
    }

    public void Dispose()
    {
        lock (disk.Gate)
        {
            if (_closed)
                return;
            Close();
            process.Closed(this);
        }
    }

    /// <summary>Lets go of the file, as its process does or as the end of its process does.</summary>
    internal void Close()
    {
        _closed = true;
        inode.Handles--;
    }

    private void ThrowIfUnusable()
    {
        SimulatedDisk.ThrowIfEnded(process);
        ObjectDisposedException.ThrowIf(_closed, this);
    }

    private void ThrowIfNotWritable()
    {
        if (!writable)
            throw new IOException($"{name} was opened for reading (EBADF)");
    }
}
