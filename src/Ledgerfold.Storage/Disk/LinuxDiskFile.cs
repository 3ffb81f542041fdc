using Ledgerfold.Seams;
using Microsoft.Win32.SafeHandles;

namespace Ledgerfold.Storage.Disk;

/// <summary>
/// An open file. A call that a signal interrupted is made again, a transfer that stopped half-way is continued, and nothing
/// else is retried: after a failed sync the kernel forgets what it could not write and answers the next sync with success. Any
/// thread.
/// </summary>
internal sealed class LinuxDiskFile(SafeFileHandle file, string path) : IDiskFile
{
    private volatile bool _syncFailed;

    public long Length
    {
        get
        {
            var length = Libc.Seek(file, 0, Libc.SeekEnd);
            return length >= 0 ? length : throw DiskError.From(DiskError.Last, "lseek", path);
        }
    }

    public unsafe int Read(Span<byte> into, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var done = 0;
        fixed (byte* start = into)
        {
            while (done < into.Length)
            {
                var count = Libc.Read(file, start + done, (nuint)(into.Length - done), offset + done);
                if (count == 0)
                    break;
                if (count > 0)
                    done += (int)count;
                else if (!DiskError.WasInterrupted)
                    throw DiskError.Broken(DiskError.Last, $"read at {offset + done}", path);
            }
        }

        return done;
    }

    public unsafe void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var done = 0;
        fixed (byte* start = bytes)
        {
            while (done < bytes.Length)
            {
                var count = Libc.Write(file, start + done, (nuint)(bytes.Length - done), offset + done);
                if (count > 0)
                    done += (int)count;
                else if (count == 0)
                    throw new IOException($"write at {offset + done} of {path} made no progress");
                else if (!DiskError.WasInterrupted)
                    throw DiskError.From(DiskError.Last, $"write at {offset + done}", path);
            }
        }
    }

    public void Reserve(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var before = Length;
        if (length <= before)
            return;
        int error;
        do
        {
            error = Libc.Allocate(file, before, length - before);
        }
        while (error == DiskError.Interrupted);

        if (error == 0)
            return;
        // A file system may have granted a part, and grown the file by it.
        _ = Libc.Truncate(file, before);
        throw DiskError.From(error, $"reservation up to {length}", path);
    }

    /// <summary>
    /// Never a <see cref="DiskFullException"/>: space that runs out in a sync loses bytes that a write had accepted. A sync
    /// that failed once fails for ever.
    /// </summary>
    public void Sync()
    {
        if (_syncFailed)
            throw new IOException($"an earlier sync of {path} failed: what it holds is not known");
        while (Libc.SyncData(file) < 0)
        {
            if (DiskError.WasInterrupted)
                continue;
            _syncFailed = true;
            throw DiskError.Broken(DiskError.Last, "fdatasync", path);
        }
    }

    public void Prefetch(long offset, long length) => _ = Libc.Advise(file, offset, length, Libc.AdviseWillNeed);

    public void Dispose() => file.Dispose();
}
