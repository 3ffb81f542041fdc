using System.Buffers;
using System.Buffers.Binary;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Reading;

/// <summary>
/// Walks the events of one segment from an offset on, in large reads. Batch headers and trailers tell themselves from records by their
/// magic, which is no record's length; each record is checked by itself, and that its position is the next.
/// </summary>
internal sealed class RecordScan(IDiskFile file, string name, long offset, long end, long position) : IDisposable
{
    private const int WindowBytes = 256 * 1024;

    private byte[] _window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private int _at;
    private int _filled;
    private long _readTo = offset;

    /// <summary>The position the next event must have.</summary>
    public long NextPosition { get; private set; } = position;

    private long At => _readTo - (_filled - _at);

    /// <summary>The next event, or false at the end.</summary>
    /// <exception cref="LedgerDamagedException">The bytes are not those of the next event.</exception>
    public bool TryNext(out RecordView record)
    {
        record = default;
        while (Fill(sizeof(uint)))
        {
            var magic = BinaryPrimitives.ReadUInt32LittleEndian(_window.AsSpan(_at));
            if (magic == BatchFormat.HeaderMagic)
            {
                if (!Fill(BatchFormat.HeaderBytes) || !BatchHeader.TryRead(_window.AsSpan(_at, BatchFormat.HeaderBytes), out _))
                    throw Damaged("The batch header is not sound");
                _at += BatchFormat.HeaderBytes;
            }
            else if (magic == BatchFormat.TrailerMagic)
            {
                if (!Fill(BatchFormat.TrailerBytes))
                    throw Damaged("The batch is cut short");
                _at += BatchFormat.TrailerBytes;
            }
            else if (TryRecord((int)magic, out record))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }

    private bool TryRecord(int length, out RecordView record)
    {
        if (length is < RecordFormat.RecordBytesMin or > RecordFormat.RecordBytesMax || !Fill(length)
            || !RecordView.TryRead(_window.AsSpan(_at, length), out record))
        {
            throw Damaged("The event's bytes are not what was written");
        }

        if (record.Kind == RecordFormat.KindEvent && record.Position != NextPosition)
            throw Damaged($"Position {record.Position} stands where {NextPosition} must");
        _at += length;
        if (record.Kind != RecordFormat.KindEvent)
            return false;
        NextPosition++;
        return true;
    }

    private bool Fill(int bytes)
    {
        if (_filled - _at >= bytes)
            return true;
        var rest = _filled - _at;
        if (bytes > _window.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(bytes);
            _window.AsSpan(_at, rest).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_window);
            _window = larger;
        }
        else
        {
            _window.AsSpan(_at, rest).CopyTo(_window);
        }

        _at = 0;
        _filled = rest;
        var wanted = (int)Math.Min(_window.Length - rest, end - _readTo);
        var read = wanted > 0 ? file.Read(_window.AsSpan(rest, wanted), _readTo) : 0;
        _filled += read;
        _readTo += read;
        return _filled >= bytes;
    }

    private LedgerDamagedException Damaged(string message) => new(message, name, At, NextPosition);
}
