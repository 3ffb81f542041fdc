using System.Buffers;

namespace Ledgerfold.Cli.Terminal;

/// <summary>Standard output for who writes to a stream; what is written goes out at once.</summary>
internal sealed class StandardOutputStream : Stream
{
    private readonly StandardOutput _output = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        _output.Write(buffer.AsSpan(offset, count));
        _output.Flush();
    }

    public override void Flush() => _output.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
