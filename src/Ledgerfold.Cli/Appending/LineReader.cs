namespace Ledgerfold.Cli.Appending;

/// <summary>
/// A line of input without its end; of one that is too long, nothing is kept. The bytes are valid until the next line is read.
/// </summary>
internal readonly record struct InputLine(ReadOnlyMemory<byte> Bytes, bool IsTooLong);

/// <summary>Reads lines of bounded length. Blank lines and a byte order mark are passed over; the last line need not end.</summary>
internal sealed class LineReader(Stream input, int lineBytesMax)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _begun;
    private bool _ended;

    /// <summary>The next line that is not blank, or null at the end.</summary>
    public async ValueTask<InputLine?> Read(CancellationToken cancel)
    {
        var tooLong = false;
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0 || _ended)
            {
                length = length >= 0 ? searched + length : _end - _start;
                var line = _buffer.AsMemory(_start, length);
                _start = Math.Min(_end, _start + length + 1);
                searched = 0;
                if (tooLong || length > lineBytesMax)
                    return new InputLine(default, IsTooLong: true);
                var unmarked = WithoutMark(line);
                if (unmarked.Span.ContainsAnyExcept(" \t\r"u8))
                    return new InputLine(unmarked, IsTooLong: false);
                if (_ended && _start == _end)
                    return null;
                continue;
            }

            searched = _end - _start;
            if (searched > lineBytesMax)
            {
                tooLong = true;
                searched = 0;
                _start = _end;
            }

            await Fill(cancel);
        }
    }

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

        // A read of standard input cannot be called off: when cancelled, it is left alone with its buffer.
        var read = await input.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask().WaitAsync(cancel);
        _ended = read == 0;
        _end += read;
    }

    private ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line)
    {
        var marked = !_begun && line.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);
        _begun = true;
        return marked ? line[3..] : line;
    }
}
