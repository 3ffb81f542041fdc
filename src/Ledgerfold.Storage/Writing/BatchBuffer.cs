using System.Buffers.Binary;
using System.Security.Cryptography;
using Ledgerfold.Storage.Format;

namespace Ledgerfold.Storage.Writing;

/// <summary>The batch being put together: begun, filled record by record, finished into the bytes that go to disk. Writer only.</summary>
internal sealed class BatchBuffer
{
    private const int KeptBytes = 8 * 1024 * 1024;

    private readonly List<int> _eventOffsets = [];
    private byte[] _bytes = new byte[64 * 1024];
    private byte[] _chained = new byte[16 * 1024];
    private int _chainedLength;
    private uint _crcOfCrcs;

    public int Length { get; private set; }

    public int Records { get; private set; }

    public int Events => _eventOffsets.Count;

    public long FirstPosition { get; private set; }

    public long RecordedAt { get; private set; }

    /// <summary>Empties it for the next batch.</summary>
    public void Begin(long firstPosition, long recordedAt)
    {
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[64 * 1024];
        Length = BatchFormat.HeaderBytes;
        Records = 0;
        FirstPosition = firstPosition;
        RecordedAt = recordedAt;
        _eventOffsets.Clear();
        _crcOfCrcs = 0;
        _chainedLength = RecordFormat.HashBytes;
        Chain(firstPosition);
        Chain(recordedAt);
    }

    /// <summary>Copies an encoded event in at the next position, and answers its offset inside the batch.</summary>
    public int AddEvent(ReadOnlySpan<byte> encoded, uint crcBefore, long version, ReadOnlySpan<byte> leaf)
    {
        var offset = Length;
        _eventOffsets.Add(offset);
        Add(encoded, crcBefore, FirstPosition + _eventOffsets.Count - 1, version, leaf);
        return offset;
    }

    /// <summary>Copies an encoded cursor move in.</summary>
    public void AddCursorMove(ReadOnlySpan<byte> encoded, uint crcBefore, ReadOnlySpan<byte> leaf) =>
        Add(encoded, crcBefore, FirstPosition + _eventOffsets.Count - 1, 0, leaf);

    /// <summary>The record of a position that is in this batch.</summary>
    public ReadOnlySpan<byte> RecordAt(long position)
    {
        var offset = _eventOffsets[(int)(position - FirstPosition)];
        return _bytes.AsSpan(offset, RecordFormat.LengthOf(_bytes.AsSpan(offset)));
    }

    /// <summary>Whether the position is in this batch.</summary>
    public bool Holds(long position) => position >= FirstPosition && position < FirstPosition + _eventOffsets.Count;

    /// <summary>
    /// Writes header and trailer around the records and moves the chain on; the bytes are good until the next batch begins.
    /// </summary>
    public ReadOnlySpan<byte> Finish(BatchKind kind, byte flags, Guid storeId, long epoch, long rawTime, long fileOffset, Span<byte> chain)
    {
        EnsureRoom(BatchFormat.TrailerBytes);
        var batch = _bytes.AsSpan(0, Length + BatchFormat.TrailerBytes);
        var trailer = batch[Length..];
        Length = batch.Length;
        Span<byte> previous = stackalloc byte[RecordFormat.HashBytes];
        chain.CopyTo(previous);
        if (Records > 0)
        {
            previous.CopyTo(_chained);
            SHA256.HashData(_chained.AsSpan(0, _chainedLength), chain);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(trailer, BatchFormat.TrailerMagic);
        chain.CopyTo(trailer[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[36..], uint.MaxValue); // never a zero sector for want of its checksum
        batch[..BatchFormat.HeaderBytes].Fill(byte.MaxValue);
        var header = new BatchHeader
        {
            Kind = kind,
            Flags = flags,
            StoreId = storeId,
            Epoch = epoch,
            Length = batch.Length,
            Events = Events,
            FirstPosition = FirstPosition,
            RecordedAt = RecordedAt,
            RawTime = rawTime,
            ZeroSectors = BatchFormat.CountZeroSectors(batch, fileOffset),
            Records = Records,
        };
        var headerCrc = BatchHeader.Write(batch, header, previous);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[36..], BatchFormat.TrailerCrc(_crcOfCrcs, headerCrc, chain));
        return batch;
    }

    private void Add(ReadOnlySpan<byte> encoded, uint crcBefore, long position, long version, ReadOnlySpan<byte> leaf)
    {
        EnsureRoom(encoded.Length);
        var record = _bytes.AsSpan(Length, encoded.Length);
        encoded.CopyTo(record);
        var crc = RecordFormat.Place(record, crcBefore, position, version, RecordedAt);
        _crcOfCrcs = BatchFormat.AddRecordCrc(_crcOfCrcs, crc);
        Chain(version);
        Chain(leaf);
        Length += encoded.Length;
        Records++;
    }

    private void Chain(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Chain(bytes);
    }

    private void Chain(ReadOnlySpan<byte> bytes)
    {
        if (_chainedLength + bytes.Length > _chained.Length)
            Array.Resize(ref _chained, _chained.Length * 2);
        bytes.CopyTo(_chained.AsSpan(_chainedLength));
        _chainedLength += bytes.Length;
    }

    private void EnsureRoom(int more)
    {
        if (Length + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + more));
    }
}
