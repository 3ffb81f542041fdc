using System.Numerics;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Room for many growing lists of numbers, each in one piece: blocks of 4, 8, 16, … numbers, cut from shared chunks of 256 KiB; what a
/// list leaves behind when it grows serves the next of that size. A list is named by a handle and its count alone. Not synchronised.
/// </summary>
internal sealed class PostingArena
{
    /// <summary>The numbers of the smallest block.</summary>
    public const int SmallestBlock = 4;

    private const int ChunkShift = 16;
    private const int ChunkItems = 1 << ChunkShift;
    private const int FirstChunkItems = 1024;
    private const uint None = uint.MaxValue;

    private readonly List<uint[]?> _chunks = [new uint[FirstChunkItems]];
    private readonly Stack<int> _vacant = new();
    private readonly uint[] _free = new uint[ChunkShift + 1];
    private int _chunk;
    private int _used;

    public PostingArena() => Array.Fill(_free, None);

    /// <summary>A new block for the smallest list.</summary>
    public uint Allocate() => Allocate(SmallestBlock);

    /// <summary>The first <paramref name="count"/> numbers of a list.</summary>
    public Span<uint> List(uint handle, int count) => _chunks[(int)(handle >> ChunkShift)].AsSpan((int)(handle & (ChunkItems - 1)), count);

    /// <summary>Where a list lies; good until the list grows.</summary>
    public (uint[] Items, int Start) Place(uint handle) => (_chunks[(int)(handle >> ChunkShift)]!, (int)(handle & (ChunkItems - 1)));

    /// <summary>Adds a number to a list that has <paramref name="count"/> of them (at least one block's worth was allocated).</summary>
    public void Add(ref uint handle, int count, uint item)
    {
        if (count >= SmallestBlock && BitOperations.IsPow2(count))
            Move(ref handle, count);
        _chunks[(int)(handle >> ChunkShift)]![(int)(handle & (ChunkItems - 1)) + count] = item;
    }

    private void Move(ref uint handle, int count)
    {
        var moved = Allocate(count * 2);
        List(handle, count).CopyTo(List(moved, count));
        Free(handle, count);
        handle = moved;
    }

    private uint Allocate(int items)
    {
        if (items > ChunkItems)
            return AllocateAlone(items);
        var size = BitOperations.Log2((uint)items);
        var handle = _free[size];
        if (handle != None)
        {
            _free[size] = List(handle, 1)[0];
            return handle;
        }

        if (_used + items > _chunks[_chunk]!.Length)
            MakeRoom(items);
        handle = ((uint)_chunk << ChunkShift) | (uint)_used;
        _used += items;
        return handle;
    }

    private void MakeRoom(int items)
    {
        var chunk = _chunks[_chunk]!;
        if (chunk.Length < ChunkItems)
        {
            var larger = chunk.Length;
            while (larger < _used + items && larger < ChunkItems)
                larger *= 2;
            Array.Resize(ref chunk, larger);
            _chunks[_chunk] = chunk;
            if (_used + items <= larger)
                return;
        }

        // What is left of the chunk goes to the free lists, so that a large block does not waste it.
        while (ChunkItems - _used >= SmallestBlock)
        {
            var rest = 1 << BitOperations.Log2((uint)(ChunkItems - _used));
            Free(((uint)_chunk << ChunkShift) | (uint)_used, rest);
            _used += rest;
        }

        _chunk = AddChunk(ChunkItems);
        _used = 0;
    }

    private uint AllocateAlone(int items) => (uint)AddChunk(items) << ChunkShift;

    private int AddChunk(int items)
    {
        var chunk = GC.AllocateUninitializedArray<uint>(items);
        if (_vacant.TryPop(out var place))
        {
            _chunks[place] = chunk;
            return place;
        }

        _chunks.Add(chunk);
        return _chunks.Count - 1;
    }

    private void Free(uint handle, int items)
    {
        if (items > ChunkItems)
        {
            var place = (int)(handle >> ChunkShift);
            _chunks[place] = null;
            _vacant.Push(place);
            return;
        }

        var size = BitOperations.Log2((uint)items);
        List(handle, 1)[0] = _free[size];
        _free[size] = handle;
    }
}
