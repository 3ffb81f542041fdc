namespace Ledgerfold.Storage.Folds;

/// <summary>
/// The newest entries, in memory: a skip list in which every entry carries the sequence of its commit, so that a reader at a sequence sees
/// what stood there then, whatever is added meanwhile. Nothing in it moves or changes but the links, and a link is set after all it leads
/// to: one writer, any number of readers, no lock.
/// </summary>
/// <remarks>
/// A node is a few integers in a chunk: data chunk, offset, key bytes, value bytes (-1 for a removal), sequence (low, high), then the links
/// of its levels. It is named by its chunk and its place there; 0 is none. Keys ascend, sequences of one key descend, and of one key and
/// sequence what was added last stands first.
/// </remarks>
internal sealed class MemTable
{
    private const int LevelsMax = 12;
    private const int ChunkBits = 14;
    private const int ChunkInts = 1 << ChunkBits;
    private const int LinksAt = 6;
    private const int Head = LinksAt;
    private const int DataChunkMax = 1024 * 1024;

    // writer only
    private readonly int[] _before = new int[LevelsMax];
    private readonly int _dataChunkBytes;
    private int _nodeChunk;
    private int _nodeAt = Head + LinksAt + LevelsMax;
    private int _dataChunk = -1;
    private int _dataAt;
    private uint _dice = 0x9E3779B9;

    // grown by the writer, read by any thread
    private int[][] _nodes = [new int[ChunkInts]];
    private byte[][] _data = [];
    private int _levels = 1;
    private long _bytes;

    public MemTable(long bytesMax) => _dataChunkBytes = (int)Math.Clamp(bytesMax / 8, 4096, DataChunkMax);

    /// <summary>How much memory its entries take.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public bool IsEmpty => Volatile.Read(ref Link(Head, 0)) == 0;

    /// <summary>Adds an entry. Writer only; sequences never fall.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isRemoval, long sequence)
    {
        var level = DrawLevels();
        FindBefore(key, sequence);
        for (var l = _levels; l < level; l++)
            _before[l] = Head;
        if (level > _levels)
            Volatile.Write(ref _levels, level);
        var node = NewNode(key, value, isRemoval, sequence, level);
        for (var l = 0; l < level; l++)
            Link(node, l) = Link(_before[l], l);
        for (var l = 0; l < level; l++)
            Volatile.Write(ref Link(_before[l], l), node);
    }

    /// <summary>Finds what stands at a key at a sequence.</summary>
    public bool TryFind(scoped ReadOnlySpan<byte> key, long sequence, out Found found)
    {
        var node = FirstFrom(key, sequence);
        if (node == 0 || !KeyOf(node).SequenceEqual(key))
        {
            found = default;
            return false;
        }

        found = new Found(ValueOf(node), IsRemovalAt(node));
        return true;
    }

    public EntryCursor Open(long sequence, bool backward) => new Cursor(this, sequence, backward);

    private ref int Link(int node, int level) => ref _nodes[node >> ChunkBits][(node & (ChunkInts - 1)) + LinksAt + level];

    private ReadOnlySpan<int> FieldsOf(int node) => _nodes[node >> ChunkBits].AsSpan(node & (ChunkInts - 1), LinksAt);

    private ReadOnlySpan<byte> KeyOf(int node)
    {
        var fields = FieldsOf(node);
        return _data[fields[0]].AsSpan(fields[1], fields[2]);
    }

    private ReadOnlySpan<byte> ValueOf(int node)
    {
        var fields = FieldsOf(node);
        return fields[3] < 0 ? [] : _data[fields[0]].AsSpan(fields[1] + fields[2], fields[3]);
    }

    private bool IsRemovalAt(int node) => FieldsOf(node)[3] < 0;

    private long SequenceOf(int node)
    {
        var fields = FieldsOf(node);
        return ((long)fields[5] << 32) | (uint)fields[4];
    }

    /// <summary>The first node that does not stand before this key and sequence; 0 if there is none.</summary>
    private int FirstFrom(ReadOnlySpan<byte> key, long sequence)
    {
        var node = Head;
        for (var level = Volatile.Read(ref _levels) - 1; ; level--)
        {
            int next;
            while ((next = Volatile.Read(ref Link(node, level))) != 0 && StandsBefore(next, key, sequence))
                node = next;
            if (level == 0)
                return next;
        }
    }

    /// <summary>The last node whose key is below this one; 0 if there is none.</summary>
    private int LastBelow(ReadOnlySpan<byte> key)
    {
        var node = Head;
        for (var level = Volatile.Read(ref _levels) - 1; level >= 0; level--)
        {
            int next;
            while ((next = Volatile.Read(ref Link(node, level))) != 0 && KeyOf(next).SequenceCompareTo(key) < 0)
                node = next;
        }

        return node == Head ? 0 : node;
    }

    private void FindBefore(ReadOnlySpan<byte> key, long sequence)
    {
        var node = Head;
        for (var level = _levels - 1; level >= 0; level--)
        {
            int next;
            while ((next = Link(node, level)) != 0 && StandsBefore(next, key, sequence))
                node = next;
            _before[level] = node;
        }
    }

    private bool StandsBefore(int node, ReadOnlySpan<byte> key, long sequence)
    {
        var order = KeyOf(node).SequenceCompareTo(key);
        return order < 0 || (order == 0 && SequenceOf(node) > sequence);
    }

    private int DrawLevels()
    {
        _dice ^= _dice << 13;
        _dice ^= _dice >> 17;
        _dice ^= _dice << 5;
        var level = 1;
        for (var bits = _dice; level < LevelsMax && (bits & 3) == 0; bits >>= 2)
            level++;
        return level;
    }

    private int NewNode(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isRemoval, long sequence, int levels)
    {
        if (_nodeAt + LinksAt + levels > ChunkInts)
        {
            _nodes = [.. _nodes, new int[ChunkInts]];
            _nodeChunk++;
            _nodeAt = 0;
        }

        var (chunk, offset) = Store(key, value);
        var node = (_nodeChunk << ChunkBits) | _nodeAt;
        var fields = _nodes[_nodeChunk].AsSpan(_nodeAt, LinksAt);
        fields[0] = chunk;
        fields[1] = offset;
        fields[2] = key.Length;
        fields[3] = isRemoval ? -1 : value.Length;
        fields[4] = (int)sequence;
        fields[5] = (int)(sequence >> 32);
        _nodeAt += LinksAt + levels;
        Volatile.Write(ref _bytes, _bytes + key.Length + value.Length + ((LinksAt + levels) * sizeof(int)));
        return node;
    }

    private (int Chunk, int Offset) Store(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var length = key.Length + value.Length;
        var isLarge = length > _dataChunkBytes / 2;
        if (isLarge || _dataChunk < 0 || _dataAt + length > _data[_dataChunk].Length)
        {
            _data = [.. _data, GC.AllocateUninitializedArray<byte>(isLarge ? length : _dataChunkBytes)];
            if (isLarge)
            {
                key.CopyTo(_data[^1]);
                value.CopyTo(_data[^1].AsSpan(key.Length));
                return (_data.Length - 1, 0);
            }

            _dataChunk = _data.Length - 1;
            _dataAt = 0;
        }

        var into = _data[_dataChunk].AsSpan(_dataAt, length);
        key.CopyTo(into);
        value.CopyTo(into[key.Length..]);
        _dataAt += length;
        return (_dataChunk, _dataAt - length);
    }

    /// <summary>Shows of every key what stands there at a sequence.</summary>
    private sealed class Cursor(MemTable table, long sequence, bool backward) : EntryCursor
    {
        private int _node;

        public override ReadOnlySpan<byte> Key => table.KeyOf(_node);

        public override bool IsRemoval => table.IsRemovalAt(_node);

        public override ReadOnlySpan<byte> Value => table.ValueOf(_node);

        public override bool Seek(ReadOnlySpan<byte> bound) =>
            backward ? SettleBelow(bound) : Settle(table.FirstFrom(bound, long.MaxValue));

        public override bool MoveNext()
        {
            if (backward)
                return SettleBelow(Key);
            var key = Key;
            var next = _node;
            do
            {
                next = Volatile.Read(ref table.Link(next, 0));
            }
            while (next != 0 && table.KeyOf(next).SequenceEqual(key));
            return Settle(next);
        }

        /// <summary>Upward from a node to the first that was there at the sequence.</summary>
        private bool Settle(int node)
        {
            while (node != 0 && table.SequenceOf(node) > sequence)
                node = Volatile.Read(ref table.Link(node, 0));
            _node = node;
            return node != 0;
        }

        /// <summary>Downward to the first key below the bound that was there at the sequence.</summary>
        private bool SettleBelow(ReadOnlySpan<byte> bound)
        {
            while (true)
            {
                var node = table.LastBelow(bound);
                if (node == 0)
                {
                    _node = 0;
                    return false;
                }

                bound = table.KeyOf(node);
                _node = table.FirstFrom(bound, sequence);
                if (_node != 0 && table.KeyOf(_node).SequenceEqual(bound))
                    return true;
            }
        }
    }
}
