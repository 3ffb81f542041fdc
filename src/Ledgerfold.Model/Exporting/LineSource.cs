namespace Ledgerfold.Model.Exporting;

/// <summary>Reads lines of bounded length as they stand, their ends included. The bytes are valid until the next line is read.</summary>
internal sealed class LineSource(Stream input)
{
    /// <summary>The largest event in its longest spelling fits.</summary>
    public const int LineBytesMax = 16 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="BadFileException">It is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Read(CancellationToken cancel)
    {
        Number++;
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0 || _ended)
            {
                length = length >= 0 ? searched + length + 1 : _end - _start;
                ReadOnlyMemory<byte>? line = _buffer.AsMemory(_start, length);
                _start += length;
                if (length > LineBytesMax)
                    throw TooLong();
                return length == 0 ? null : line;
            }

            searched = _end - _start;
            if (searched > LineBytesMax)
                throw TooLong();
            await Fill(cancel);
        }
    }

    private BadFileException TooLong() => BadFileException.Refused(Number, "", $"a line of at most {LineBytesMax} bytes");

    private async ValueTask Fill(CancellationToken cancel)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        cancel.ThrowIfCancellationRequested();

        // A read of a pipe cannot be called off: when cancelled, it is left alone with its buffer.
        var read = await input.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask().WaitAsync(cancel);
        _ended = read == 0;
        _end += read;
    }
}
