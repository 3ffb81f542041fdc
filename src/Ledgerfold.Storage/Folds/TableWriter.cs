using System.Buffers.Binary;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// Writes a table from entries that come in the order of their keys, in one pass and with a few pages of memory. It is nothing until
/// <see cref="Finish"/> has returned. One thread.
/// </summary>
internal sealed class TableWriter : IDisposable
{
    private const int WindowPages = 64;
    private const long SyncEvery = 8L * 1024 * 1024;

    private readonly IDiskFile _file;
    private readonly PageSink _sink;
    private readonly Guid _storeId;
    private readonly EntryPageBuilder _entries = new();
    private readonly EntryPageBuilder _fences = new();
    private readonly byte[] _filter = new byte[TableFormat.ContentBytes];
    private readonly MemoryStream _tops = new();
    private readonly SortedDictionary<uint, long> _census = [];
    private readonly byte[] _pointer = new byte[sizeof(uint)];
    private byte[] _pageKey = [];
    private byte[] _stretchKey = [];
    private int _stretchKeys;
    private IndexKey _value; // what the last index entry was marked by
    private long _count;
    private long _synced;

    public TableWriter(IDisk disk, ulong nonce, Guid storeId)
    {
        Nonce = nonce;
        _storeId = storeId;
        _file = disk.Create(TableFormat.NameOf(nonce));
        _sink = new PageSink(_file, nonce, 0, WindowPages);
    }

    public ulong Nonce { get; }

    public long BytesWritten => _sink.BytesWritten;

    public long Entries => _count;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isRemoval)
    {
        var form = isRemoval ? TableFormat.Form.Removal
            : value.Length >= TableFormat.LargeFrom ? TableFormat.Form.Large
            : TableFormat.Form.Inline;
        ReadOnlySpan<byte> payload = value;
        if (form != TableFormat.Form.Inline)
            payload = form == TableFormat.Form.Large ? _pointer : [];
        if (_entries.Count > 0 && !_entries.Fits(key.Length, payload.Length))
            EndPage();
        if (form == TableFormat.Form.Large)
            BinaryPrimitives.WriteUInt32LittleEndian(_pointer, AddBytes(value));
        if (_entries.Count == 0)
            BeginPage(key);
        _entries.Add(key, payload, form, value.Length);
        Mark(key);
        _count++;
        if (FoldKeys.NumberOf(key) is var fold and not 0)
            _census[fold] = _census.GetValueOrDefault(fold) + key.Length + value.Length;
        if (_sink.BytesWritten - _synced >= SyncEvery)
        {
            _file.Sync(); // in pieces, so that the log's sync never waits for all of it
            _synced = _sink.BytesWritten;
        }
    }

    /// <summary>Writes what is left and makes the file durable; its name is not yet.</summary>
    public void Finish()
    {
        EndPage();
        EndStretch();
        var tops = AddBytes(_tops.ToArray());
        var census = new byte[_census.Count * TableFormat.CensusBytes];
        foreach (var (at, (fold, bytes)) in _census.Index())
        {
            BinaryPrimitives.WriteUInt32LittleEndian(census.AsSpan(at * TableFormat.CensusBytes), fold);
            BinaryPrimitives.WriteInt64LittleEndian(census.AsSpan((at * TableFormat.CensusBytes) + 4), bytes);
        }

        var footer = new TableFormat.Footer
        {
            StoreId = _storeId,
            Nonce = Nonce,
            Entries = _count,
            TopsPage = tops,
            TopsBytes = (int)_tops.Length,
            CensusPage = AddBytes(census),
            CensusBytes = census.Length,
            Pages = _sink.Next + 1,
        };
        var page = new byte[TableFormat.ContentBytes];
        footer.Write(page);
        _sink.Add(page);
        _sink.Flush();
        _file.Sync();
    }

    public void Dispose() => _file.Dispose();

    private void Mark(ReadOnlySpan<byte> key)
    {
        TableFormat.Mark(TableFormat.HashOf(key), _filter);
        _stretchKeys++;
        if (key[0] != FoldKeys.Index)
            return;
        var value = TableFormat.HashOf(key[..FoldKeys.ValueBytesOf(key)]);
        TableFormat.Mark(value, _filter);
        if (value != _value)
            _stretchKeys++;
        _value = value;
    }

    private void BeginPage(ReadOnlySpan<byte> key)
    {
        if (_stretchKeys >= TableFormat.StretchKeys || !_fences.Fits(key.Length, sizeof(uint)))
            EndStretch();
        _pageKey = key.ToArray();
        if (_stretchKeys == 0)
            _stretchKey = _pageKey;
    }

    private void EndPage()
    {
        if (_entries.Count == 0)
            return;
        Span<byte> page = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(page, _sink.Add(_entries.Take()));
        _fences.Add(_pageKey, page, TableFormat.Form.Inline, sizeof(uint));
    }

    private void EndStretch()
    {
        if (_stretchKeys == 0)
            return;
        Span<byte> top = stackalloc byte[10];
        BinaryPrimitives.WriteUInt32LittleEndian(top, _sink.Add(_filter));
        BinaryPrimitives.WriteUInt32LittleEndian(top[4..], _sink.Add(_fences.Take()));
        BinaryPrimitives.WriteUInt16LittleEndian(top[8..], (ushort)_stretchKey.Length);
        _tops.Write(top);
        _tops.Write(_stretchKey);
        _filter.AsSpan().Clear();
        _stretchKeys = 0;
    }

    private uint AddBytes(ReadOnlySpan<byte> bytes)
    {
        var first = _sink.Next;
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, TableFormat.ContentBytes)..])
            _sink.Add(bytes[..Math.Min(bytes.Length, TableFormat.ContentBytes)]);
        return first;
    }
}
