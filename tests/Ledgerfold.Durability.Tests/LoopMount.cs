using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ledgerfold.Durability.Tests;

/// <summary>
/// A small ext4 file system of a test's own: an image on a tmpfs, in a loop device. It can be filled, and its power can be cut. Skips the
/// test where the machine does not let us mount.
/// </summary>
internal sealed partial class LoopMount : IDisposable
{
    private const nuint Shutdown = 0x8004587D; // EXT4_IOC_SHUTDOWN
    private const uint WithoutFlushingTheJournal = 2;

    private readonly TestDirectory _directory = new();
    private readonly string _memory;
    private readonly string _image;

    public LoopMount(int megabytes)
    {
        _memory = Path.Combine(_directory.Root, "memory");
        _image = Path.Combine(_memory, "image");
        Root = Path.Combine(_directory.Root, "mount");
        Directory.CreateDirectory(_memory);
        Directory.CreateDirectory(Root);
        if (!Environment.IsPrivilegedProcess)
            Skip("only root may mount");
        if (TryRun("mount", "-t", "tmpfs", "-o", $"size={megabytes + 8}m", "tmpfs", _memory) is { } refused)
            Skip(refused);
        using (var image = File.Create(_image))
            image.SetLength(megabytes * 1024L * 1024);
        if ((TryRun("mkfs.ext4", "-q", "-F", "-m", "0", _image) ?? TryRun("mount", "-o", "loop", _image, Root)) is { } failed)
            Skip(failed);
    }

    /// <summary>Where the file system is mounted.</summary>
    public string Root { get; }

    /// <summary>The directory of the ledger that the test is about.</summary>
    public string Ledger => Path.Combine(Root, "ledger");

    private string Filler => Path.Combine(Root, "filler");

    private string Rest => Path.Combine(Root, "rest");

    /// <summary>Takes up all the space but so much.</summary>
    public void FillUpTo(long bytesLeft)
    {
        var bytes = new DriveInfo(Root).AvailableFreeSpace - bytesLeft;
        Assert.Null(TryRun("fallocate", "-l", $"{bytes}", Filler));
    }

    /// <summary>Takes up what is left, to the last block.</summary>
    public void FillTheRest()
    {
        using var rest = File.OpenHandle(Rest, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        try
        {
            for (long at = 0; ; at += block.Length)
                RandomAccess.Write(rest, block, at);
        }
        catch (IOException)
        {
            // which is what was wanted
        }
    }

    /// <summary>Gives the space back.</summary>
    public void MakeRoom()
    {
        File.Delete(Filler);
        File.Delete(Rest);
    }

    /// <summary>From now on nothing reaches the disk, and what the kernel only remembers is lost.</summary>
    public void CutThePower()
    {
        using var mount = Open(Root, 0x10000 | 0x80000); // a directory, closed on exec
        Assert.False(mount.IsInvalid);
        var flags = WithoutFlushingTheJournal;
        Assert.Equal(0, Control(mount, Shutdown, ref flags));
    }

    /// <summary>Mounts it again, as the machine would after a restart.</summary>
    public void Restart()
    {
        Assert.Null(TryRun("umount", Root));
        Assert.Null(TryRun("mount", "-o", "loop", _image, Root));
    }

    public void Dispose()
    {
        _ = TryRun("umount", "-l", Root);
        _ = TryRun("umount", "-l", _memory);
        _directory.Dispose();
    }

    private static string? TryRun(string program, params string[] words)
    {
        string[] places = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
        var path = places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);
        if (path is null)
            return $"{program} is not installed";
        using var process = Process.Start(new ProcessStartInfo(path, words) { RedirectStandardError = true, UseShellExecute = false })!;
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program}: {complaint.Trim()}";
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, ref uint argument);

    private void Skip(string reason)
    {
        Dispose();
        Assert.Skip($"this machine mounts no file system of ours: {reason}");
    }
}
