using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Ledgerfold.Cli.Terminal;

/// <summary>Nobody reads standard output any more.</summary>
internal sealed class OutputClosedException() : Exception("standard output was closed");

/// <summary>
/// Standard output, as bytes, written when <see cref="Flush"/> says so. The framework's console stream would hide that the reader has gone,
/// and a file stream would lose its place in a file that others append to; so the calls are made directly.
/// </summary>
internal sealed partial class StandardOutput : IBufferWriter<byte>
{
    private const int Descriptor = 1;
    private const int Interrupted = 4; // EINTR
    private const int WouldBlock = 11; // EAGAIN
    private const int BrokenPipe = 32; // EPIPE
    private const int FlushAtBytes = 256 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAtBytes);

    /// <summary>How many columns a line may have: those of the terminal, else what suits a page.</summary>
    public static int Columns
    {
        get
        {
            if (!Console.IsOutputRedirected && Console.WindowWidth is > 0 and var columns)
                return columns;
            return int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var told) && told > 0 ? told : 160;
        }
    }

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public void Line(string text)
    {
        Encoding.UTF8.GetBytes(text, _buffer);
        EndLine();
    }

    /// <summary>Ends the line; long output goes out in pieces.</summary>
    public void EndLine()
    {
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAtBytes)
            Flush();
    }

    /// <exception cref="OutputClosedException">The reader has gone.</exception>
    public void Flush()
    {
        var rest = _buffer.WrittenSpan;
        while (!rest.IsEmpty)
            rest = rest[WriteSome(rest)..];
        _buffer.ResetWrittenCount();
    }

    /// <summary>Calls back, from a thread of its own, when the reader goes while there is nothing to write.</summary>
    public static void WhenClosed(Action closed)
    {
        var watcher = new Thread(() =>
        {
            var poll = new PollEntry { Descriptor = Descriptor };
            while (Poll(ref poll, 1, -1) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
            }

            closed();
        })
        { IsBackground = true, Name = "standard output" };
        watcher.Start();
    }

    private static unsafe int WriteSome(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            while (true)
            {
                var written = Write(Descriptor, first, (nuint)bytes.Length);
                if (written >= 0)
                    return (int)written;
                var error = Marshal.GetLastPInvokeError();
                if (error == BrokenPipe)
                    throw new OutputClosedException();
                if (error == WouldBlock)
                    WaitUntilWritable();
                else if (error != Interrupted)
                    throw new IOException($"Writing to standard output failed: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    private static void WaitUntilWritable()
    {
        var poll = new PollEntry { Descriptor = Descriptor, Events = PollEntry.Writable };
        _ = Poll(ref poll, 1, -1);
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollEntry entries, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public const short Writable = 4;

        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
