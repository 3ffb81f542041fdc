using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Segments;

namespace Ledgerfold.Storage.Writing;

/// <summary>The batch being put together: begun, filled record by record, finished into the bytes that go to disk. Writer only.</summary>
internal sealed class BatchBuffer
{
    private const int KeptBytes = 8 * 1024 * 1024;

    private byte[] _bytes = new byte[64 * 1024];
    private byte[] _leaves = new byte[4 * 1024];
    private StagedRecord[] _records = new StagedRecord[128];
    private HashedRange[] _unhashed = new HashedRange[128];
    private byte[] _chained = new byte[16 * 1024];
    private int[] _events = new int[128];
    private int _chainedLength;
    private int _placed;
    private uint _crcOfCrcs;

    public int Length { get; private set; }

    public int Records { get; private set; }

    public int Events { get; private set; }

    public long FirstPosition { get; private set; }

    public long RecordedAt { get; private set; }

    /// <summary>Empties it for the next batch.</summary>
    public void Begin(long firstPosition, long recordedAt)
    {
        if (_bytes.Length > KeptBytes)
            _bytes = new byte[64 * 1024];
        Length = BatchFormat.HeaderBytes;
        (Records, Events, _placed) = (0, 0, 0);
        FirstPosition = firstPosition;
        RecordedAt = recordedAt;
        _crcOfCrcs = 0;
        _chainedLength = RecordFormat.HashBytes;
        Chain(firstPosition);
        Chain(recordedAt);
    }

    /// <summary>Copies the n-th record of an append in, an event at the next position, and answers its offset inside the batch.</summary>
    public int AddEvent(EncodedAppend encoded, int record, long version)
    {
        if (Events == _events.Length)
            Array.Resize(ref _events, Events * 2);
        _events[Events++] = Records;
        return Add(encoded, record, version);
    }

    /// <summary>Copies the n-th record of an append in, a cursor move.</summary>
    public void AddCursorMove(EncodedAppend encoded, int record) => Add(encoded, record, version: 0);

    /// <summary>The record of a position that is in this batch.</summary>
    public ReadOnlySpan<byte> RecordAt(long position)
    {
        PlaceRecords();
        return BytesOf(in _records[_events[position - FirstPosition]]);
    }

    /// <summary>Whether the position is in this batch.</summary>
    public bool Holds(long position) => position >= FirstPosition && position < FirstPosition + Events;

    /// <summary>Adds the leaves of its events to those of the segment, once it is finished.</summary>
    public void AddLeavesTo(LeafList leaves)
    {
        for (var e = 0; e < Events; e++)
            leaves.Add(LeafOf(_events[e]));
    }

    /// <summary>
    /// Writes header and trailer around the records and moves the chain on; the bytes are good until the next batch begins.
    /// </summary>
    public ReadOnlySpan<byte> Finish(BatchKind kind, byte flags, Guid storeId, long epoch, long rawTime, long fileOffset, Span<byte> chain)
    {
        PlaceRecords();
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

    private int Add(EncodedAppend encoded, int record, long version)
    {
        ref readonly var source = ref encoded.Records[record];
        EnsureRoom(source.Length);
        if (Records == _records.Length)
        {
            Array.Resize(ref _records, Records * 2);
            Array.Resize(ref _leaves, _records.Length * RecordFormat.HashBytes);
        }

        ref var staged = ref _records[Records];
        staged = new StagedRecord
        {
            Offset = Length,
            Length = source.Length,
            Position = FirstPosition + Events - 1,
            Version = version,
            IsHashed = encoded.IsHashed,
            CrcBefore = source.CrcBefore,
        };
        encoded.BytesOf(in source).CopyTo(_bytes.AsSpan(Length));
        if (staged.IsHashed)
            encoded.LeafOf(record).CopyTo(LeafOf(Records));
        Length += source.Length;
        Records++;
        return staged.Offset;
    }

    /// <summary>Gives the records added since the last time their hashes, place and checksum.</summary>
    public void PlaceRecords()
    {
        HashRecords();
        for (; _placed < Records; _placed++)
        {
            ref var record = ref _records[_placed];
            var crc = RecordFormat.Place(BytesOf(in record), record.CrcBefore, record.Position, record.Version, RecordedAt);
            _crcOfCrcs = BatchFormat.AddRecordCrc(_crcOfCrcs, crc);
            Chain(record.Version);
            Chain(LeafOf(_placed));
        }
    }

    /// <summary>Appends of few records come without hashes: those of all of them together fill the lanes.</summary>
    private void HashRecords()
    {
        if (_unhashed.Length < _records.Length)
            _unhashed = new HashedRange[_records.Length];
        var count = 0;
        for (var r = _placed; r < Records; r++)
        {
            if (!_records[r].IsHashed)
                _unhashed[count++] = new HashedRange(_records[r].Offset, _records[r].Length);
        }

        if (count == 0)
            return;
        var leaves = ArrayPool<byte>.Shared.Rent(count * RecordFormat.HashBytes);
        RecordHashes.Fill(_bytes, _unhashed.AsSpan(0, count), leaves);
        var next = leaves.AsSpan();
        for (var r = _placed; r < Records; r++)
        {
            ref var record = ref _records[r];
            if (record.IsHashed)
                continue;
            next[..RecordFormat.HashBytes].CopyTo(LeafOf(r));
            next = next[RecordFormat.HashBytes..];
            record.CrcBefore = RecordEncoder.CrcBeforePlacement(BytesOf(in record));
            record.IsHashed = true;
        }

        ArrayPool<byte>.Shared.Return(leaves);
    }

    private Span<byte> BytesOf(ref readonly StagedRecord record) => _bytes.AsSpan(record.Offset, record.Length);

    private Span<byte> LeafOf(int record) => _leaves.AsSpan(record * RecordFormat.HashBytes, RecordFormat.HashBytes);

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

    private struct StagedRecord
    {
        public int Offset;
        public int Length;
        public long Position;
        public long Version;
        public uint CrcBefore;
        public bool IsHashed;
    }
}
