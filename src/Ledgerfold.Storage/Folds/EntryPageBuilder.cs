using System.Buffers.Binary;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Fills one page of entries or fences, as <see cref="TableFormat"/> draws it.</summary>
internal sealed class EntryPageBuilder
{
    private const int HeaderBytes = 4;

    private readonly byte[] _entries = new byte[TableFormat.ContentBytes];
    private readonly List<ushort> _starts = [];
    private readonly byte[] _page = new byte[TableFormat.ContentBytes];
    private int _length;

    public int Count => _starts.Count;

    public static int BytesOf(int keyBytes, int payloadBytes) => 2 + 2 + 4 + keyBytes + payloadBytes;

    public bool Fits(int keyBytes, int payloadBytes) =>
        HeaderBytes + (2 * _starts.Count) + _length + BytesOf(keyBytes, payloadBytes) <= TableFormat.ContentBytes;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload, TableFormat.Form form, int valueBytes)
    {
        _starts.Add((ushort)_length);
        _length += RunFormat.WriteVarint(_entries.AsSpan(_length), (ulong)key.Length);
        _length += RunFormat.WriteVarint(_entries.AsSpan(_length), ((ulong)valueBytes << 2) | (uint)form);
        key.CopyTo(_entries.AsSpan(_length));
        _length += key.Length;
        payload.CopyTo(_entries.AsSpan(_length));
        _length += payload.Length;
    }

    /// <summary>The page's content; empties the builder.</summary>
    public ReadOnlySpan<byte> Take()
    {
        var bodyAt = HeaderBytes + (2 * _starts.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(_page, (ushort)_starts.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(_page.AsSpan(2), 0);
        for (var e = 0; e < _starts.Count; e++)
            BinaryPrimitives.WriteUInt16LittleEndian(_page.AsSpan(HeaderBytes + (2 * e)), (ushort)(bodyAt + _starts[e]));
        _entries.AsSpan(0, _length).CopyTo(_page.AsSpan(bodyAt));
        var content = _page.AsSpan(0, bodyAt + _length);
        _starts.Clear();
        _length = 0;
        return content;
    }
}
