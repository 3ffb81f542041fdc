using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Format;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Writing;

/// <summary>
/// An append as bytes: its records up to their placement, with hashes and keys, made on the caller's thread so that the writer only places
/// and copies. The arrays are pooled: <see cref="Release"/> gives them back, once.
/// </summary>
internal sealed class EncodedAppend
{
    private const int DigestAt = RecordFormat.FrameHead + RecordFormat.DigestOffset;

    private byte[] _bytes = [];
    private EncodedRecord[] _records = [];
    private IndexKey[] _keys = [];

    public int Length { get; private set; }

    public int RecordCount { get; private set; }

    public int EventCount { get; private set; }

    public ReadOnlySpan<EncodedRecord> Records => _records.AsSpan(0, RecordCount);

    public Span<byte> BytesOf(ref readonly EncodedRecord record) => _bytes.AsSpan(record.Offset, record.Length);

    public ReadOnlySpan<IndexKey> OthersOf(ref readonly EncodedRecord record) => _keys.AsSpan(record.KeysStart, record.KeysCount);

    /// <summary>Encodes all events in order, then the cursor moves.</summary>
    public static EncodedAppend Of(AppendRequest request, long bytesMax, KeyHasher hasher, IChance chance)
    {
        var encoded = new EncodedAppend();
        var events = 0;
        var keys = 0;
        foreach (var write in request.Writes)
        {
            events += write.Events.Length;
            foreach (var item in write.Events)
                keys += EventKeys.OthersMax - Limits.TagsMax + (item.Tags.IsDefault ? 0 : item.Tags.Length);
        }

        encoded._bytes = ArrayPool<byte>.Shared.Rent((int)bytesMax);
        encoded._records = ArrayPool<EncodedRecord>.Shared.Rent(events + request.CursorMoves.Length);
        encoded._keys = ArrayPool<IndexKey>.Shared.Rent(keys);
        encoded.LayEvents(request, events, chance);
        encoded.LayCursorMoves(request);
        encoded.HashRecords();
        encoded.FindKeys(request, hasher);
        return encoded;
    }

    /// <summary>Gives the arrays back.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<EncodedRecord>.Shared.Return(_records);
        ArrayPool<IndexKey>.Shared.Return(_keys);
        _bytes = [];
        _records = [];
        _keys = [];
    }

    private void LayEvents(AppendRequest request, int events, IChance chance)
    {
        var salts = ArrayPool<byte>.Shared.Rent(events * RecordFormat.SaltBytes);
        chance.Fill(salts.AsSpan(0, events * RecordFormat.SaltBytes));
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
                    salts.AsSpan(RecordCount * RecordFormat.SaltBytes, RecordFormat.SaltBytes));
                Length += record.Length;
                RecordCount++;
            }
        }

        EventCount = RecordCount;
        ArrayPool<byte>.Shared.Return(salts);
    }

    /// <summary>Payload digests first, because the headers that the leaves cover hold them; then the checksums over all of it.</summary>
    private void HashRecords()
    {
        var ranges = ArrayPool<HashedRange>.Shared.Rent(RecordCount);
        var digests = ArrayPool<byte>.Shared.Rent(RecordCount * RecordFormat.HashBytes);
        for (var r = 0; r < EventCount; r++)
            ranges[r] = Within(in _records[r], RecordEncoder.PayloadOf(BytesOf(in _records[r])));
        Sha256Lanes.Hash(_bytes, ranges.AsSpan(0, EventCount), digests);
        for (var r = 0; r < EventCount; r++)
            digests.AsSpan(r * RecordFormat.HashBytes, RecordFormat.HashBytes).CopyTo(_bytes.AsSpan(_records[r].Offset + DigestAt));

        for (var r = 0; r < RecordCount; r++)
            ranges[r] = Within(in _records[r], RecordEncoder.LeafInputOf(BytesOf(in _records[r])));
        Sha256Lanes.Hash(_bytes, ranges.AsSpan(0, RecordCount), digests);
        for (var r = 0; r < RecordCount; r++)
        {
            digests.AsSpan(r * RecordFormat.HashBytes, RecordFormat.HashBytes).CopyTo(_records[r].Leaf);
            _records[r].CrcBefore = RecordEncoder.CrcBeforePlacement(BytesOf(in _records[r]));
        }

        ArrayPool<HashedRange>.Shared.Return(ranges);
        ArrayPool<byte>.Shared.Return(digests);
    }

    private static HashedRange Within(ref readonly EncodedRecord record, HashedRange range) =>
        range with { Offset = record.Offset + range.Offset };

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
    private LeafBytes _leaf;

    [UnscopedRef]
    public Span<byte> Leaf => _leaf;

    [InlineArray(RecordFormat.HashBytes)]
    private struct LeafBytes
    {
        private byte _first;
    }
}
