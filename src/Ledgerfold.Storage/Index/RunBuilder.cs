using System.Buffers.Binary;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Writes a run: first all offsets, then the entries in the order of their keys, then <see cref="Finish"/>. What it writes has a temporary
/// name until then, so that a run exists whole or not at all. One thread.
/// </summary>
internal sealed class RunBuilder : IDisposable
{
    private const int WindowPages = 64;
    private const int FilterWindowPages = 16;
    private const int KeysPerPage = 128;
    private const int PayloadMax = 256;

    private readonly IDisk _disk;
    private readonly IDiskFile _file;
    private readonly Guid _storeId;
    private readonly IndexOptions _options;
    private readonly long _firstPosition;
    private readonly long _count;
    private readonly uint _filterBlocks;
    private readonly uint _filterPage;
    private readonly uint _bodyPage;

    private readonly PageSink _offsetSink;
    private readonly PageSink _filterSink;
    private readonly PageSink _sink;
    private readonly FilterWriter _filter;
    private readonly EntryPageWriter _entries;
    private readonly PostingListWriter _list;
    private readonly byte[] _content = new byte[RunFormat.ContentBytes];
    private readonly byte[] _payload = new byte[PayloadMax];
    private int _contentBytes;
    private long _syncedBytes;
    private bool _closed;

    /// <param name="disk">Where.</param>
    /// <param name="name">The name it gets in the end.</param>
    /// <param name="storeId">The store it belongs to.</param>
    /// <param name="positions">Its first position and how many there are.</param>
    /// <param name="keysMax">At most so many entries will come.</param>
    /// <param name="options">How often to sync.</param>
    public RunBuilder(
        IDisk disk, RunName name, Guid storeId, (long First, long Count) positions, long keysMax, IndexOptions options)
    {
        _disk = disk;
        Name = name;
        _storeId = storeId;
        _options = options;
        (_firstPosition, _count) = positions;
        _filterBlocks = RunFormat.FilterBlocksFor(keysMax);
        _filterPage = RunFormat.PagesFor(_count * 4);
        _bodyPage = _filterPage + ((_filterBlocks + RunFormat.FilterBlocksPerPage - 1) / RunFormat.FilterBlocksPerPage);
        _file = disk.Create(name.Temporary);
        _offsetSink = new PageSink(_file, name.Nonce, 0, FilterWindowPages);
        _filterSink = new PageSink(_file, name.Nonce, _filterPage, FilterWindowPages);
        _sink = new PageSink(_file, name.Nonce, _bodyPage, (int)Math.Clamp(keysMax / KeysPerPage, FilterWindowPages, WindowPages));
        _filter = new FilterWriter(_filterSink, _filterBlocks);
        _entries = new EntryPageWriter(_sink);
        _list = new PostingListWriter(_sink);
    }

    public RunName Name { get; }

    /// <summary>The list of the entry that comes next.</summary>
    public PostingListWriter List => _list;

    /// <summary>How many pages are done: the measure of the work.</summary>
    public long Pages => (long)_offsetSink.Next + _filterSink.Next + _sink.Next;

    /// <summary>Adds offsets of the positions in their order.</summary>
    public void AddOffsets(ReadOnlySpan<uint> offsets)
    {
        foreach (var offset in offsets)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_content.AsSpan(_contentBytes), offset);
            _contentBytes += 4;
            if (_contentBytes == RunFormat.ContentBytes)
                FlushContent(_offsetSink);
        }
    }

    public void AddId(in IndexKey key, uint position)
    {
        _payload[0] = (byte)RunFormat.EntryKind.Id;
        AddEntry(key, 1 + RunFormat.WriteVarint(_payload.AsSpan(1), position));
    }

    /// <summary>Adds the entry of a stream, whose positions are in <see cref="List"/>.</summary>
    public void AddStream(in IndexKey key, in StreamEntry stream)
    {
        var at = WriteStream(stream);
        FinishList(key, RunFormat.EntryKind.Stream, stream.Closed, at);
    }

    /// <summary>Adds the entry of a category, a type or a tag, whose positions are in <see cref="List"/>.</summary>
    public void AddLabel(in IndexKey key) => FinishList(key, RunFormat.EntryKind.Label, closed: false, 1);

    /// <summary>Adds an entry with a short list as it stands in another run, its positions moved up.</summary>
    public void AddShort(in IndexKey key, in EntryView entry, uint shift)
    {
        var at = entry.Kind == RunFormat.EntryKind.Stream ? WriteStream(entry.Stream) : 1;
        _payload[0] = (byte)((int)entry.Kind | (entry.Stream.Closed ? 4 : 0) | ((int)RunFormat.ListForm.Short << 3));
        at += RunFormat.WriteVarint(_payload.AsSpan(at), entry.Count);
        at += RunFormat.WriteVarint(_payload.AsSpan(at), entry.First + shift);
        entry.Differences.CopyTo(_payload.AsSpan(at));
        AddEntry(key, at + entry.Differences.Length);
    }

    /// <summary>Makes a good part of what was written durable, so that the sync in the end has little left and stalls nobody.</summary>
    public void SyncSome()
    {
        var written = _offsetSink.BytesWritten + _filterSink.BytesWritten + _sink.BytesWritten;
        if (written - _syncedBytes < _options.SyncEveryBytes)
            return;
        _syncedBytes = written;
        _file.Sync();
    }

    /// <summary>Ends the run: from here on it exists, durably and under its own name.</summary>
    public void Finish(IReadOnlyList<SegmentSummary> summaries, IEnumerable<ReadOnlyMemory<byte>> tail)
    {
        FlushContent(_offsetSink);
        _offsetSink.Flush();
        _entries.Flush();
        _list.Flush();
        _filter.Finish();
        var fences = _sink.Next;
        WriteFences();
        var summariesPage = _sink.Next;
        WriteSummaries(summaries);
        var tailPage = _sink.Next;
        var tailBytes = WriteTail(tail);
        new RunFormat.Footer
        {
            Pages = _sink.Next + 1,
            StoreId = _storeId,
            Name = Name,
            FirstPosition = _firstPosition,
            Count = _count,
            Keys = _entries.Keys,
            FilterPage = _filterPage,
            BodyPage = _bodyPage,
            FencesPage = fences,
            SummariesPage = summariesPage,
            TailPage = tailPage,
            FilterBlocks = _filterBlocks,
            FencesBytes = _entries.Fences.Count * RunFormat.FenceBytes,
            SummariesBytes = summaries.Count * SegmentSummary.Size,
            TailBytes = tailBytes,
        }.Write(_content);
        _sink.Add(_content);
        _sink.Flush();

        _file.Sync();
        _file.Dispose();
        _closed = true;
        _disk.Rename(Name.Temporary, Name.ToString());
        _disk.SyncDirectory();
    }

    /// <summary>Gives up what was not finished.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        _file.Dispose();
        _disk.Delete(Name.Temporary);
    }

    private int WriteStream(in StreamEntry stream)
    {
        var at = 1 + RunFormat.WriteVarint(_payload.AsSpan(1), (ulong)stream.FirstVersion);
        return at + RunFormat.WriteVarint(_payload.AsSpan(at), (ulong)(stream.LastVersion - stream.FirstVersion));
    }

    private void FinishList(in IndexKey key, RunFormat.EntryKind kind, bool closed, int at)
    {
        var (form, bytes) = _list.Finish(_payload.AsSpan(at));
        _payload[0] = (byte)((int)kind | (closed ? 4 : 0) | ((int)form << 3));
        AddEntry(key, at + bytes);
    }

    private void AddEntry(in IndexKey key, int payloadBytes)
    {
        _entries.Add(key, _payload.AsSpan(0, payloadBytes));
        _filter.Add(key);
    }

    private void WriteFences()
    {
        Span<byte> bytes = stackalloc byte[RunFormat.FenceBytes];
        for (var f = 0; f < _entries.Fences.Count; f++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, _entries.Fences[f].High);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], _entries.Fences[f].Page);
            AddContent(bytes);
        }

        FlushContent(_sink);
    }

    private void WriteSummaries(IReadOnlyList<SegmentSummary> summaries)
    {
        Span<byte> bytes = stackalloc byte[SegmentSummary.Size];
        foreach (var summary in summaries)
        {
            summary.Write(bytes);
            AddContent(bytes);
        }

        FlushContent(_sink);
    }

    private int WriteTail(IEnumerable<ReadOnlyMemory<byte>> tail)
    {
        var bytes = 0;
        foreach (var piece in tail)
        {
            AddContent(piece.Span);
            bytes += piece.Length;
        }

        FlushContent(_sink);
        return bytes;
    }

    private void AddContent(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = Math.Min(bytes.Length, RunFormat.ContentBytes - _contentBytes);
            bytes[..part].CopyTo(_content.AsSpan(_contentBytes));
            _contentBytes += part;
            bytes = bytes[part..];
            if (_contentBytes == RunFormat.ContentBytes)
                FlushContent(_sink);
        }
    }

    private void FlushContent(PageSink sink)
    {
        if (_contentBytes > 0)
            sink.Add(_content.AsSpan(0, _contentBytes));
        _contentBytes = 0;
        _content.AsSpan().Clear();
    }
}
