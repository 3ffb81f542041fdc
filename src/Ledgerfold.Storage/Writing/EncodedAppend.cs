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
        encoded.EncodeEvents(request, events, hasher, chance);
        encoded.EncodeCursorMoves(request);
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

    private void EncodeEvents(AppendRequest request, int events, KeyHasher hasher, IChance chance)
    {
        var salts = ArrayPool<byte>.Shared.Rent(events * RecordFormat.SaltBytes);
        chance.Fill(salts.AsSpan(0, events * RecordFormat.SaltBytes));
        var keysUsed = 0;
        for (var w = 0; w < request.Writes.Length; w++)
        {
            var write = request.Writes[w];
            for (var e = 0; e < write.Events.Length; e++)
            {
                ref var record = ref _records[RecordCount];
                record.Offset = Length;
                record.Write = w;
                record.Closes = write.Close && e == write.Events.Length - 1;
                record.Length = RecordEncoder.Encode(
                    _bytes.AsSpan(Length), request.Tenant, write.Stream, write.Events[e], RecordCount, record.Closes,
                    salts.AsSpan(RecordCount * RecordFormat.SaltBytes, RecordFormat.SaltBytes), record.Leaf, out record.CrcBefore);
                FindKeys(ref record, write.Events[e].Id, hasher, ref keysUsed);
                Length += record.Length;
                RecordCount++;
            }
        }

        EventCount = RecordCount;
        ArrayPool<byte>.Shared.Return(salts);
    }

    private void FindKeys(ref EncodedRecord record, Guid id, KeyHasher hasher, ref int keysUsed)
    {
        var names = RecordEncoder.NamesOf(_bytes.AsSpan(record.Offset, record.Length));
        record.Id = hasher.OfId(names.Tenant, id);
        record.Stream = hasher.OfStream(names.Tenant, names.Stream);
        record.KeysStart = keysUsed;
        record.KeysCount = EventKeys.Others(hasher, names, _keys.AsSpan(keysUsed));
        keysUsed += record.KeysCount;
    }

    private void EncodeCursorMoves(AppendRequest request)
    {
        foreach (var move in request.CursorMoves)
        {
            ref var record = ref _records[RecordCount++];
            record.Offset = Length;
            record.KeysCount = 0;
            record.Length = RecordEncoder.Encode(_bytes.AsSpan(Length), request.Tenant, move, record.Leaf, out record.CrcBefore);
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
