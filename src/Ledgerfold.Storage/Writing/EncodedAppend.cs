using System.Numerics;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// An append as bytes: its records up to their placement, with keys, made on the caller's thread so that the writer only places and
/// copies. Enough records to fill the lanes of a vector are hashed here too; fewer are left to the batch, which hashes those of many
/// appends at once.
/// </summary>
internal sealed class EncodedAppend
{
    private byte[] _bytes = [];
    private EncodedRecord[] _records = [];
    private IndexKey[] _keys = [];
    private byte[] _leaves = [];
    private HashedRange[] _ranges = [];

    public int Length { get; private set; }

    public int RecordCount { get; private set; }

    public int EventCount { get; private set; }

    /// <summary>Whether digests, leaves and checksums are there; else the batch makes them.</summary>
    public bool IsHashed { get; private set; }

    /// <summary>How many bytes it can hold without growing.</summary>
    public int Capacity => _bytes.Length;

    public ReadOnlySpan<EncodedRecord> Records => _records.AsSpan(0, RecordCount);

    public Span<byte> BytesOf(ref readonly EncodedRecord record) => _bytes.AsSpan(record.Offset, record.Length);

    public ReadOnlySpan<IndexKey> OthersOf(ref readonly EncodedRecord record) => _keys.AsSpan(record.KeysStart, record.KeysCount);

    /// <summary>The leaf of the n-th record, once it is hashed.</summary>
    public ReadOnlySpan<byte> LeafOf(int record) => _leaves.AsSpan(record * RecordFormat.HashBytes, RecordFormat.HashBytes);

    /// <summary>Encodes all events in order, then the cursor moves, in place of what was here.</summary>
    public void Encode(AppendRequest request, long bytesMax, KeyHasher hasher, Salts salts)
    {
        var events = 0;
        var keys = 0;
        foreach (var write in request.Writes)
        {
            events += write.Events.Length;
            foreach (var item in write.Events)
                keys += EventKeys.OthersMax - Limits.TagsMax + (item.Tags.IsDefault ? 0 : item.Tags.Length);
        }

        (Length, RecordCount, EventCount) = (0, 0, 0);
        Grow(ref _bytes, (int)bytesMax);
        Grow(ref _records, events + request.CursorMoves.Length);
        Grow(ref _keys, keys);
        LayEvents(request, events, salts);
        LayCursorMoves(request);
        IsHashed = RecordCount >= Sha256Lanes.WorthIt;
        if (IsHashed)
            HashRecords();
        FindKeys(request, hasher);
    }

    private static void Grow<T>(ref T[] array, int needed)
    {
        if (array.Length < needed)
            array = new T[(int)BitOperations.RoundUpToPowerOf2((uint)needed)];
    }

    private void LayEvents(AppendRequest request, int events, Salts salts)
    {
        Grow(ref _leaves, _records.Length * RecordFormat.HashBytes);
        var drawn = _leaves.AsSpan(0, events * RecordFormat.SaltBytes); // nothing else is in there yet
        salts.Fill(drawn);
        for (var w = 0; w < request.Writes.Length; w++)
        {
            var write = request.Writes[w];
            for (var e = 0; e < write.Events.Length; e++)
            {
                ref var record = ref _records[RecordCount];
                record.Offset = Length;
                record.Write = w;
                record.Closes = write.Close && e == write.Events.Length - 1;
                record.Length = RecordEncoder.Lay(
                    _bytes.AsSpan(Length), request.Tenant, write.Stream, write.Events[e], RecordCount, record.Closes,
                    drawn.Slice(RecordCount * RecordFormat.SaltBytes, RecordFormat.SaltBytes));
                Length += record.Length;
                RecordCount++;
            }
        }

        EventCount = RecordCount;
    }

    private void HashRecords()
    {
        Grow(ref _ranges, RecordCount);
        for (var r = 0; r < RecordCount; r++)
            _ranges[r] = new HashedRange(_records[r].Offset, _records[r].Length);
        RecordHashes.Fill(_bytes, _ranges.AsSpan(0, RecordCount), _leaves);
        for (var r = 0; r < RecordCount; r++)
            _records[r].CrcBefore = RecordEncoder.CrcBeforePlacement(BytesOf(in _records[r]));
    }

    private void FindKeys(AppendRequest request, KeyHasher hasher)
    {
        var keysUsed = 0;
        var next = 0;
        foreach (var write in request.Writes)
        {
            foreach (var item in write.Events)
            {
                ref var record = ref _records[next++];
                var names = RecordEncoder.NamesOf(BytesOf(in record));
                record.Id = hasher.OfId(names.Tenant, item.Id);
                record.Stream = hasher.OfStream(names.Tenant, names.Stream);
                record.KeysStart = keysUsed;
                record.KeysCount = EventKeys.Others(hasher, names, _keys.AsSpan(keysUsed));
                keysUsed += record.KeysCount;
            }
        }
    }

    private void LayCursorMoves(AppendRequest request)
    {
        foreach (var move in request.CursorMoves)
        {
            ref var record = ref _records[RecordCount++];
            record.Offset = Length;
            record.KeysCount = 0;
            record.Length = RecordEncoder.Lay(_bytes.AsSpan(Length), request.Tenant, move);
            Length += record.Length;
        }
    }
}

/// <summary>One encoded record and what the writer needs of it.</summary>
internal struct EncodedRecord
{
    public int Offset;
    public int Length;
    public int Write;
    public int KeysStart;
    public int KeysCount;
    public uint CrcBefore;
    public bool Closes;
    public IndexKey Id;
    public IndexKey Stream;
}
