using System.Buffers.Binary;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Recovery;

/// <summary>What stands at a place where a batch may stand.</summary>
internal enum FrameKind
{
    /// <summary>A sound batch that follows the one before it.</summary>
    Batch,

    /// <summary>Only zeros up to the end of the file, or the end itself.</summary>
    Nothing,

    /// <summary>Bytes that are not the next batch.</summary>
    Invalid,
}

/// <summary>
/// Walks the batches of a segment file, and believes none that does not check in full: header, place in the order, every record, trailer.
/// Reads in large windows.
/// </summary>
internal sealed class FrameReader(IDiskFile file, Guid storeId)
{
    private const int WindowBytes = 1024 * 1024;

    private byte[] _window = new byte[(int)Math.Clamp(file.Length, BatchFormat.HeaderBytes, WindowBytes)];
    private long _windowStart;
    private int _windowLength;
    private int _frameStart;

    /// <summary>The batch last found; good until the next call.</summary>
    public ReadOnlySpan<byte> Batch => _window.AsSpan(_frameStart, Header.Length);

    /// <summary>Its header.</summary>
    public BatchHeader Header { get; private set; }

    /// <summary>Why the last bytes were not the next batch.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether the last bytes are of a batch whose end was not written.</summary>
    public bool IsCutShort { get; private set; }

    /// <summary>Looks at what stands at the offset, given what must come there.</summary>
    public FrameKind Read(long offset, ReadOnlySpan<byte> chain, long position, long epochMin, long end = long.MaxValue)
    {
        Reason = "";
        IsCutShort = false;
        end = Math.Min(end, file.Length);
        var head = Look(offset, BatchFormat.HeaderBytes, end);
        if (!head.ContainsAnyExcept((byte)0) && IsZero(offset, file.Length))
            return FrameKind.Nothing;
        if (!BatchHeader.TryRead(head, out var header))
            return Invalid("there is no sound batch header");
        if (header.StoreId != storeId)
            return Invalid("the batch is of another store");
        if (header.FirstPosition != position)
            return Invalid($"the batch begins at position {header.FirstPosition} where {position} must follow");
        if (!BatchHeader.PreviousOf(head).SequenceEqual(chain))
            return Invalid("the batch does not follow the one before it");
        if (header.Epoch < epochMin)
            return Invalid("the batch is of an older writer than the one before it");
        var batch = Look(offset, header.Length, end);
        if (batch.Length < header.Length)
            return Invalid("the file ends inside the batch");
        Header = header;
        IsCutShort = !batch[^sizeof(uint)..].ContainsAnyExcept((byte)0);
        return RecordsAreSound(batch, header) ? FrameKind.Batch : FrameKind.Invalid;
    }

    /// <summary>Whether only zeros stand between two offsets.</summary>
    public bool IsZero(long from, long to)
    {
        while (from < to)
        {
            var bytes = Look(from, (int)Math.Min(WindowBytes, to - from), to);
            if (bytes.IsEmpty)
                return true;
            if (bytes.ContainsAnyExcept((byte)0))
                return false;
            from += bytes.Length;
        }

        return true;
    }

    /// <summary>Bytes of the file from an offset, fewer where it ends.</summary>
    public ReadOnlySpan<byte> Look(long offset, int length, long end)
    {
        length = (int)Math.Max(0, Math.Min(length, end - offset));
        if (offset < _windowStart || offset + length > _windowStart + _windowLength)
        {
            if (_window.Length < length)
                _window = new byte[length];
            _windowStart = offset;
            _windowLength = file.Read(_window, offset);
        }

        _frameStart = (int)(offset - _windowStart);
        return _window.AsSpan(_frameStart, Math.Min(length, _windowLength - _frameStart));
    }

    private bool RecordsAreSound(ReadOnlySpan<byte> batch, in BatchHeader header)
    {
        var at = BatchFormat.HeaderBytes;
        var trailerAt = batch.Length - BatchFormat.TrailerBytes;
        var position = header.FirstPosition;
        uint crcs = 0;
        for (var r = 0; r < header.Records; r++)
        {
            if (at + sizeof(int) > trailerAt || RecordFormat.LengthOf(batch[at..]) is var length && (length <= 0 || length > trailerAt - at)
                || !RecordView.TryRead(batch.Slice(at, RecordFormat.LengthOf(batch[at..])), out var record))
            {
                return Refuse($"record {r + 1} of {header.Records} is not sound");
            }

            if (record.Kind == RecordFormat.KindEvent && record.Position != position++)
                return Refuse($"record {r + 1} claims position {record.Position}");
            crcs = BatchFormat.AddRecordCrc(crcs, record.Crc);
            at += record.Length;
        }

        if (at != trailerAt || position != header.FirstPosition + header.Events)
            return Refuse("the records do not fill the batch");
        var trailer = batch[trailerAt..];
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(trailer[36..]);
        var expected = BatchFormat.TrailerCrc(crcs, header.Crc, trailer.Slice(4, RecordFormat.HashBytes));
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) == BatchFormat.TrailerMagic && crc == expected)
            return true;
        IsCutShort = BatchFormat.IsCutShort(crc, expected);
        return Refuse("the trailer is not sound");
    }

    private bool Refuse(string reason)
    {
        Reason = reason;
        return false;
    }

    private FrameKind Invalid(string reason)
    {
        Reason = reason;
        return FrameKind.Invalid;
    }
}
