using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ledgerfold.Cli.Bench;

/// <summary>A file by its plain system calls, apart from the engine's own so that neither hides a fault of the other.</summary>
internal sealed partial class RawFile : IDisposable
{
    private const int DontNeed = 4;

    private readonly SafeFileHandle _file;

    private RawFile(SafeFileHandle file) => _file = file;

    public static RawFile Create(string path) => new(File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite));

    public static RawFile OpenRead(string path) => new(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

    /// <summary>Drops what the page cache holds of a file, where that is on disk already.</summary>
    public static void Evict(string path)
    {
        using var file = OpenRead(path);
        _ = Advise(file._file, 0, 0, DontNeed);
    }

    /// <summary>Gives a file a second name.</summary>
    public static void Link(string path, string name)
    {
        if (LinkFile(path, name) < 0)
            throw new IOException($"link: {new Win32Exception().Message}");
    }

    /// <summary>Writes all bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var count = Write(_file, in MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, offset);
            if (count < 0)
                throw new IOException($"pwrite: {new Win32Exception().Message}");
            bytes = bytes[(int)count..];
            offset += count;
        }
    }

    /// <summary>Reads once, and answers how many bytes.</summary>
    public int Read(Span<byte> into, long offset)
    {
        var count = Read(_file, ref MemoryMarshal.GetReference(into), (nuint)into.Length, offset);
        return count >= 0 ? (int)count : throw new IOException($"pread: {new Win32Exception().Message}");
    }

    /// <summary>Makes what was written durable.</summary>
    public void Sync()
    {
        if (SyncData(_file) < 0)
            throw new IOException($"fdatasync: {new Win32Exception().Message}");
    }

    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, in byte bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, ref byte into, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkFile(string path, string name);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
