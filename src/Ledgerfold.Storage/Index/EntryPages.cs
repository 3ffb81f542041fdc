using System.Buffers.Binary;

namespace Ledgerfold.Storage.Index;

/// <summary>Packs entries, given in the order of their keys, into entry pages and keeps the fences. One thread.</summary>
internal sealed class EntryPageWriter(PageSink sink)
{
    private const int HeaderBytes = 4;
    private const int BytesPerEntry = 8 + 8 + 2;
    private const int EntriesMax = (RunFormat.ContentBytes - HeaderBytes) / BytesPerEntry;

    private readonly IndexKey[] _keys = new IndexKey[EntriesMax];
    private readonly ushort[] _ends = new ushort[EntriesMax];
    private readonly byte[] _payloads = new byte[RunFormat.ContentBytes];
    private readonly byte[] _page = new byte[RunFormat.ContentBytes];
    private readonly ChunkedList<Fence> _fences = new();
    private int _count;
    private int _payloadBytes;

    public long Keys { get; private set; }

    public ChunkedList<Fence> Fences => _fences;

    /// <summary>Adds an entry; its payload is a few dozen bytes.</summary>
    public void Add(in IndexKey key, ReadOnlySpan<byte> payload)
    {
        if (HeaderBytes + ((_count + 1) * BytesPerEntry) + _payloadBytes + payload.Length > RunFormat.ContentBytes)
            Flush();
        payload.CopyTo(_payloads.AsSpan(_payloadBytes));
        _payloadBytes += payload.Length;
        _keys[_count] = key;
        _ends[_count] = (ushort)_payloadBytes;
        _count++;
        Keys++;
    }

    /// <summary>Writes the page that is being filled.</summary>
    public void Flush()
    {
        if (_count == 0)
            return;
        var page = _page.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(page, (uint)_count);
        var at = HeaderBytes;
        for (var i = 0; i < _count; i++, at += 8)
            BinaryPrimitives.WriteUInt64LittleEndian(page[at..], _keys[i].High);
        for (var i = 0; i < _count; i++, at += 8)
            BinaryPrimitives.WriteUInt64LittleEndian(page[at..], _keys[i].Low);
        for (var i = 0; i < _count; i++, at += 2)
            BinaryPrimitives.WriteUInt16LittleEndian(page[at..], _ends[i]);
        _payloads.AsSpan(0, _payloadBytes).CopyTo(page[at..]);
        _fences.Add(new Fence(_keys[0].High, sink.Add(page[..(at + _payloadBytes)])));
        _count = 0;
        _payloadBytes = 0;
    }
}

/// <summary>Where an entry page begins in the order of keys, and where it lies.</summary>
internal readonly record struct Fence(ulong High, uint Page);

/// <summary>An entry page as it is read.</summary>
internal readonly ref struct EntryPage
{
    private readonly ReadOnlySpan<byte> _page;

    public EntryPage(ReadOnlySpan<byte> page)
    {
        _page = page;
        Count = BinaryPrimitives.ReadUInt16LittleEndian(page);
    }

    public int Count { get; }

    public IndexKey Key(int index) => new(High(index), BinaryPrimitives.ReadUInt64LittleEndian(_page[(4 + (8 * (Count + index)))..]));

    public ReadOnlySpan<byte> Payload(int index)
    {
        var begin = index == 0 ? 0 : End(index - 1);
        return _page.Slice(4 + (18 * Count) + begin, End(index) - begin);
    }

    /// <summary>The index of the key, or -1.</summary>
    public int Find(in IndexKey key)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (High(middle) < key.High)
                low = middle + 1;
            else
                high = middle;
        }

        for (; low < Count && High(low) == key.High; low++)
        {
            if (Key(low) == key)
                return low;
        }

        return -1;
    }

    private ulong High(int index) => BinaryPrimitives.ReadUInt64LittleEndian(_page[(4 + (8 * index))..]);

    private int End(int index) => BinaryPrimitives.ReadUInt16LittleEndian(_page[(4 + (16 * Count) + (2 * index))..]);
}

/// <summary>What an entry says about its key; positions are counted from the run's first.</summary>
internal readonly ref struct EntryView
{
    public EntryView(ReadOnlySpan<byte> payload)
    {
        var flags = payload[0];
        var at = 1;
        Kind = (RunFormat.EntryKind)(flags & 3);
        if (Kind == RunFormat.EntryKind.Id)
        {
            First = (uint)RunFormat.ReadVarint(payload, ref at);
            Last = First;
            Count = 1;
            return;
        }

        if (Kind == RunFormat.EntryKind.Stream)
        {
            var first = (long)RunFormat.ReadVarint(payload, ref at);
            Stream = new StreamEntry(first, first + (long)RunFormat.ReadVarint(payload, ref at), (flags & 4) != 0);
        }

        Form = (RunFormat.ListForm)((flags >> 3) & 3);
        Count = (uint)RunFormat.ReadVarint(payload, ref at);
        First = (uint)RunFormat.ReadVarint(payload, ref at);
        if (Form == RunFormat.ListForm.Short)
        {
            Differences = payload[at..];
            return;
        }

        Last = First + (uint)RunFormat.ReadVarint(payload, ref at);
        Page = (uint)RunFormat.ReadVarint(payload, ref at);
        Place = (uint)RunFormat.ReadVarint(payload, ref at);
    }

    public RunFormat.EntryKind Kind { get; }

    public StreamEntry Stream { get; }

    public RunFormat.ListForm Form { get; }

    /// <summary>How many positions there are.</summary>
    public uint Count { get; }

    /// <summary>The first position; that of an id.</summary>
    public uint First { get; }

    /// <summary>The last position; unknown for a short list.</summary>
    public uint Last { get; }

    /// <summary>The page of the leaf, or the first of the leaf pages.</summary>
    public uint Page { get; }

    /// <summary>The offset of the leaf in its page, or the number of leaf pages.</summary>
    public uint Place { get; }

    /// <summary>The differences of a short list.</summary>
    public ReadOnlySpan<byte> Differences { get; }

    /// <summary>The positions of a short list.</summary>
    public uint[] ShortList()
    {
        var positions = new uint[Count];
        DecodeShortList(positions);
        return positions;
    }

    public void DecodeShortList(Span<uint> into)
    {
        var at = 0;
        var position = First;
        into[0] = position;
        for (var i = 1; i < (int)Count; i++)
        {
            position += (uint)RunFormat.ReadVarint(Differences, ref at);
            into[i] = position;
        }
    }
}
