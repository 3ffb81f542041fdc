namespace Ledgerfold.Storage.Index;

/// <summary>
/// Rows by key: open addressing over slots of 8 bytes, rows beside it in the order they came. A slot's home is given by the key's leading
/// bits and probing only goes forward, so that the slots are almost in key order: growing is one sequential pass that looks at no row, and
/// sealing reads the rows in key order without sorting more than a few neighbours (<see cref="SortedRows{TRow}"/>).
/// Keys are keyed hashes; others work too, but slower. Not synchronised.
/// </summary>
internal sealed class KeyTable<TRow> where TRow : unmanaged, IKeyed
{
    private const int FirstBits = 6;
    private const int FirstTail = 32;

    private readonly ChunkedList<TRow> _rows = new();

    // The upper half of a slot is the upper half of the key's High, the lower half the row's number + 1; 0 is empty. Behind the 2^_bits
    // homes lies a tail for those that probe beyond the last one.
    private ulong[] _slots;
    private int _bits = FirstBits;

    /// <summary>An empty table that has room for so many rows, and grows beyond.</summary>
    public KeyTable(int expected = 0)
    {
        while (expected >= RowsMax)
            _bits++;
        _slots = new ulong[(1 << _bits) + FirstTail];
    }

    public int Count => _rows.Count;

    public ChunkedList<TRow> Rows => _rows;

    internal ReadOnlySpan<ulong> Slots => _slots;

    private long RowsMax => (1L << _bits) / 4 * 3;

    public ref TRow this[int row] => ref _rows[row];

    /// <summary>The row with this key, or -1.</summary>
    public int Find(in IndexKey key)
    {
        var slots = _slots;
        var mark = (uint)(key.High >> 32);
        for (var i = (int)(mark >> (32 - _bits)); i < slots.Length; i++)
        {
            var slot = slots[i];
            if (slot == 0)
                return -1;
            if ((uint)(slot >> 32) == mark && _rows[(int)(uint)slot - 1].Key == key)
                return (int)(uint)slot - 1;
        }

        return -1;
    }

    /// <summary>Adds a row whose key is not there yet, and answers its number: 0, 1, 2, ….</summary>
    public int Add(in TRow row)
    {
        if (_rows.Count >= RowsMax)
            Grow();
        _rows.Add(row);
        Place(((row.Key.High >> 32) << 32) | (uint)_rows.Count);
        return _rows.Count - 1;
    }

    private void Place(ulong slot)
    {
        var i = (int)((uint)(slot >> 32) >> (32 - _bits));
        while (i < _slots.Length && _slots[i] != 0)
            i++;
        if (i == _slots.Length)
            Array.Resize(ref _slots, i + Math.Max(FirstTail, i - (1 << _bits)));
        _slots[i] = slot;
    }

    private void Grow()
    {
        var old = _slots;
        _bits++;
        _slots = new ulong[(1 << _bits) + FirstTail];
        foreach (var slot in old)
        {
            if (slot != 0)
                Place(slot);
        }
    }
}

/// <summary>The numbers of a table's rows in the order of their keys; the table must not change meanwhile.</summary>
internal sealed class SortedRows<TRow>(KeyTable<TRow> table) where TRow : unmanaged, IKeyed
{
    private const int InsertionMax = 48;

    private (IndexKey Key, int Row)[] _cluster = new (IndexKey, int)[64];
    private int _count;
    private int _at = -1;
    private int _slot;

    /// <summary>The key of the current row.</summary>
    public ref readonly IndexKey Key => ref _cluster[_at].Key;

    /// <summary>The current row.</summary>
    public int Row => _cluster[_at].Row;

    /// <summary>Goes to the first, then to the next row; false at the end.</summary>
    public bool MoveNext() => ++_at < _count || NextCluster();

    // Slots without an empty one between them hold every key whose home is among them, and no other.
    private bool NextCluster()
    {
        _count = 0;
        _at = 0;
        var slots = table.Slots;
        while (_slot < slots.Length && slots[_slot] == 0)
            _slot++;
        for (; _slot < slots.Length && slots[_slot] != 0; _slot++)
        {
            if (_count == _cluster.Length)
                Array.Resize(ref _cluster, _count * 2);
            var row = (int)(uint)slots[_slot] - 1;
            _cluster[_count++] = (table[row].Key, row);
        }

        Sort();
        return _count > 0;
    }

    private void Sort()
    {
        if (_count > InsertionMax)
        {
            _cluster.AsSpan(0, _count).Sort(static (one, other) => one.Key.CompareTo(other.Key));
            return;
        }

        for (var i = 1; i < _count; i++)
        {
            var moving = _cluster[i];
            var to = i;
            for (; to > 0 && moving.Key < _cluster[to - 1].Key; to--)
                _cluster[to] = _cluster[to - 1];
            _cluster[to] = moving;
        }
    }
}
