using System.Buffers.Binary;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Writes one list of positions after the other, each in the form that suits its length: short ones into their entry, middling ones
/// together with others into a shared page, long ones into pages of their own with a directory behind them. One thread.
/// </summary>
internal sealed class PostingListWriter(PageSink sink)
{
    // A block that is cut short because another is copied behind it holds at least so many.
    private const int PositionsMin = 64;
    private const int BlocksMax = RunFormat.ContentBytes / (RunFormat.LeafTableBytes + PositionsMin - 1);
    private const int BlockBytesMax = 5 * RunFormat.BlockPositions;

    // The block being filled.
    private readonly uint[] _positions = new uint[RunFormat.BlockPositions];
    private readonly byte[] _block = new byte[BlockBytesMax];
    private int _filled;

    // The leaf being filled.
    private readonly uint[] _firsts = new uint[BlocksMax + 1];
    private readonly ushort[] _ends = new ushort[BlocksMax + 1];
    private readonly byte[] _counts = new byte[BlocksMax + 1];
    private readonly byte[] _blocks = new byte[RunFormat.ContentBytes];
    private readonly byte[] _page = new byte[RunFormat.ContentBytes];
    private int _blockCount;
    private int _blocksBytes;

    // The list being written.
    private readonly List<uint> _directory = [];
    private uint _firstLeafPage;
    private uint _count;
    private uint _first;
    private uint _last;

    // The page that middling lists share.
    private readonly byte[] _shared = new byte[RunFormat.ContentBytes];
    private uint _sharedPage;
    private int _sharedBytes;

    /// <summary>Adds the next position.</summary>
    public void Add(uint position)
    {
        if (_filled == RunFormat.BlockPositions)
            EndBlock();
        Note(position, position, 1);
        _positions[_filled++] = position;
    }

    /// <summary>Adds a whole block as it is stored elsewhere, its bytes unchanged where that fits.</summary>
    public void AddBlock(uint first, int count, ReadOnlySpan<byte> differences)
    {
        if (count < PositionsMin || (_filled > 0 && _filled < PositionsMin))
        {
            var at = 0;
            Add(first);
            for (var i = 1; i < count; i++)
                Add(first += (uint)RunFormat.ReadVarint(differences, ref at));
            return;
        }

        EndBlock();
        var last = first;
        for (var at = 0; at < differences.Length;)
            last += (uint)RunFormat.ReadVarint(differences, ref at);
        Note(first, last, (uint)count);
        PutBlock(first, count, differences);
    }

    /// <summary>Ends the list and writes what its entry says about it behind the flags; answers the form and how many bytes.</summary>
    public (RunFormat.ListForm Form, int Bytes) Finish(Span<byte> payload)
    {
        var form = _blockCount == 0 && _directory.Count == 0 && _filled <= RunFormat.ShortListMax
            ? RunFormat.ListForm.Short
            : RunFormat.ListForm.Leaf;
        var at = RunFormat.WriteVarint(payload, _count);
        at += RunFormat.WriteVarint(payload[at..], _first);
        if (form == RunFormat.ListForm.Short)
        {
            for (var i = 1; i < _filled; i++)
                at += RunFormat.WriteVarint(payload[at..], _positions[i] - _positions[i - 1]);
        }
        else
        {
            EndBlock();
            form = _directory.Count == 0 ? RunFormat.ListForm.Leaf : RunFormat.ListForm.Pages;
            var (page, place) = form == RunFormat.ListForm.Leaf ? ShareLeaf() : EndPages();
            at += RunFormat.WriteVarint(payload[at..], _last - _first);
            at += RunFormat.WriteVarint(payload[at..], page);
            at += RunFormat.WriteVarint(payload[at..], place);
        }

        _filled = 0;
        _count = 0;
        _directory.Clear();
        return (form, at);
    }

    /// <summary>Writes the shared page.</summary>
    public void Flush()
    {
        if (_sharedBytes > 0)
            sink.Write(_sharedPage, _shared.AsSpan(0, _sharedBytes));
        _sharedBytes = 0;
    }

    private void Note(uint first, uint last, uint count)
    {
        if (_count == 0)
            _first = first;
        _last = last;
        _count += count;
    }

    private void EndBlock()
    {
        if (_filled == 0)
            return;
        var bytes = 0;
        for (var i = 1; i < _filled; i++)
            bytes += RunFormat.WriteVarint(_block.AsSpan(bytes), _positions[i] - _positions[i - 1]);
        PutBlock(_positions[0], _filled, _block.AsSpan(0, bytes));
        _filled = 0;
    }

    private void PutBlock(uint first, int count, ReadOnlySpan<byte> differences)
    {
        if (2 + ((_blockCount + 1) * RunFormat.LeafTableBytes) + _blocksBytes + differences.Length > RunFormat.ContentBytes)
            EndLeafPage();
        differences.CopyTo(_blocks.AsSpan(_blocksBytes));
        _blocksBytes += differences.Length;
        _firsts[_blockCount] = first;
        _counts[_blockCount] = (byte)(count - 1);
        _ends[_blockCount] = (ushort)_blocksBytes;
        _blockCount++;
    }

    // Nothing else takes a page while a long list is written, so that its pages follow one another.
    private void EndLeafPage()
    {
        _directory.Add(_firsts[0]);
        var page = sink.Add(_page.AsSpan(0, WriteLeaf(_page)));
        if (_directory.Count == 1)
            _firstLeafPage = page;
    }

    private (uint Page, uint Leaves) EndPages()
    {
        EndLeafPage();
        for (var d = 0; d < _directory.Count; d += RunFormat.OffsetsPerPage)
        {
            var firsts = Math.Min(RunFormat.OffsetsPerPage, _directory.Count - d);
            for (var i = 0; i < firsts; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(_page.AsSpan(4 * i), _directory[d + i]);
            sink.Add(_page.AsSpan(0, 4 * firsts));
        }

        return (_firstLeafPage, (uint)_directory.Count);
    }

    private (uint Page, uint Offset) ShareLeaf()
    {
        var bytes = 2 + (_blockCount * RunFormat.LeafTableBytes) + _blocksBytes;
        if (_sharedBytes + bytes > RunFormat.ContentBytes)
            Flush();
        if (_sharedBytes == 0)
            _sharedPage = sink.Allocate();
        var offset = _sharedBytes;
        _sharedBytes += WriteLeaf(_shared.AsSpan(offset));
        return (_sharedPage, (uint)offset);
    }

    private int WriteLeaf(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(into, (ushort)_blockCount);
        var at = 2;
        for (var b = 0; b < _blockCount; b++, at += RunFormat.LeafTableBytes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(into[at..], _firsts[b]);
            BinaryPrimitives.WriteUInt16LittleEndian(into[(at + 4)..], _ends[b]);
            into[at + 6] = _counts[b];
        }

        _blocks.AsSpan(0, _blocksBytes).CopyTo(into[at..]);
        at += _blocksBytes;
        _blockCount = 0;
        _blocksBytes = 0;
        return at;
    }
}

/// <summary>A leaf as it is read: blocks of positions, and where each begins.</summary>
internal readonly ref struct LeafView
{
    private readonly ReadOnlySpan<byte> _table;
    private readonly ReadOnlySpan<byte> _blocks;

    public LeafView(ReadOnlySpan<byte> leaf)
    {
        Blocks = BinaryPrimitives.ReadUInt16LittleEndian(leaf);
        _table = leaf.Slice(2, Blocks * RunFormat.LeafTableBytes);
        _blocks = leaf[(2 + _table.Length)..];
    }

    public int Blocks { get; }

    public uint First(int block) => BinaryPrimitives.ReadUInt32LittleEndian(_table[(block * RunFormat.LeafTableBytes)..]);

    public int Count(int block) => _table[(block * RunFormat.LeafTableBytes) + 6] + 1;

    public ReadOnlySpan<byte> Differences(int block)
    {
        var begin = block == 0 ? 0 : End(block - 1);
        return _blocks[begin..End(block)];
    }

    /// <summary>The last block that begins at or before a position; the first one when none does.</summary>
    public int FindBlock(uint position)
    {
        int low = 1, high = Blocks;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (First(middle) <= position)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>The positions of a block; answers how many.</summary>
    public int Decode(int block, Span<uint> into)
    {
        var differences = Differences(block);
        var count = Count(block);
        var position = First(block);
        into[0] = position;
        var at = 0;
        for (var i = 1; i < count; i++)
        {
            position += (uint)RunFormat.ReadVarint(differences, ref at);
            into[i] = position;
        }

        return count;
    }

    private int End(int block) => BinaryPrimitives.ReadUInt16LittleEndian(_table[((block * RunFormat.LeafTableBytes) + 4)..]);
}
