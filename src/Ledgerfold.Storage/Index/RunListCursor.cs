using System.Buffers.Binary;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Walks a list of a run that is longer than its entry: jumps by the directory to a leaf, by the leaf's table to a block.
/// </summary>
internal sealed class RunListCursor : PositionCursor
{
    private const int NoPage = -1;

    private readonly RunFile _run;
    private readonly bool _backward;
    private readonly uint _first;
    private readonly uint _last;
    private readonly uint _count;
    private readonly uint _page;
    private readonly int _leaves;
    private readonly int _leafOffset;

    private readonly byte[] _leafBytes = new byte[RunFormat.PageBytes];
    private readonly uint[] _block = new uint[RunFormat.BlockPositions];
    private byte[]? _directory;
    private int _directoryPage = NoPage;
    private int _leaf = NoPage;
    private int _blockIndex;
    private int _blockCount;
    private int _at;

    public RunListCursor(RunFile run, in EntryView entry, bool backward)
    {
        _run = run;
        _backward = backward;
        _first = entry.First;
        _last = entry.Last;
        _count = entry.Count;
        _page = entry.Page;
        _leaves = entry.Form == RunFormat.ListForm.Pages ? (int)entry.Place : 1;
        _leafOffset = entry.Form == RunFormat.ListForm.Pages ? 0 : (int)entry.Place;
    }

    public override long Count => _count;

    private LeafView Leaf => new(_leafBytes.AsSpan(_leafOffset));

    public override void Seek(long coordinate)
    {
        if (Current >= coordinate)
            return;
        Current = _backward ? SeekDown(coordinate) : SeekUp(coordinate);
    }

    private long SeekUp(long coordinate)
    {
        var target = Math.Max(coordinate - _run.FirstPosition, _first);
        if (target > _last)
            return End;
        var position = (uint)target;
        if (_blockCount == 0 || _block[_blockCount - 1] < position)
        {
            FindBlock(position);
            if (_block[_blockCount - 1] < position)
                NextBlock();
            _at = 0;
        }

        while (_at < _blockCount && _block[_at] < position)
            _at++;
        return _run.FirstPosition + _block[_at];
    }

    private long SeekDown(long coordinate)
    {
        var target = Math.Min(-coordinate - _run.FirstPosition, _last);
        if (target < _first)
            return End;
        var position = (uint)target;
        if (_blockCount == 0 || _block[0] > position)
        {
            FindBlock(position);
            _at = _blockCount - 1;
        }

        while (_block[_at] > position)
            _at--;
        return -(_run.FirstPosition + _block[_at]);
    }

    // The last block that begins at or before the position, which is within the list.
    private void FindBlock(uint position)
    {
        var leaf = FindLeaf(position);
        if (leaf != _leaf)
            LoadLeaf(leaf);
        DecodeBlock(Leaf.FindBlock(position));
    }

    private void NextBlock()
    {
        if (_blockIndex + 1 < Leaf.Blocks)
        {
            DecodeBlock(_blockIndex + 1);
            return;
        }

        LoadLeaf(_leaf + 1);
        DecodeBlock(0);
    }

    private void LoadLeaf(int leaf)
    {
        _run.ReadPage(_page + (uint)leaf, _leafBytes);
        _leaf = leaf;
    }

    private void DecodeBlock(int block)
    {
        _blockIndex = block;
        _blockCount = Leaf.Decode(block, _block);
    }

    private int FindLeaf(uint position)
    {
        if (_leaf != NoPage && IsIn(_leaf, position))
            return _leaf;
        int low = 1, high = _leaves;
        if (_leaf != NoPage)
            (low, high) = _backward ? (1, _leaf) : (_leaf + 1, _leaves);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (FirstOf(middle) <= position)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private bool IsIn(int leaf, uint position) =>
        (leaf == 0 || FirstOf(leaf) <= position) && (leaf == _leaves - 1 || position < FirstOf(leaf + 1));

    private uint FirstOf(int leaf)
    {
        var (page, index) = Math.DivRem(leaf, RunFormat.OffsetsPerPage);
        if (page != _directoryPage)
        {
            _directory ??= new byte[RunFormat.PageBytes];
            _run.ReadPage(_page + (uint)_leaves + (uint)page, _directory);
            _directoryPage = page;
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(_directory.AsSpan(4 * index));
    }
}
