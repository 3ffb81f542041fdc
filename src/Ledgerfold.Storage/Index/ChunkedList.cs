using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// A list that grows by chunks of about 128 KiB and never copies more than its first one, so that growing costs the same however long it
/// is. Not synchronised.
/// </summary>
internal sealed class ChunkedList<T> where T : unmanaged
{
    private const int ChunkBytes = 128 * 1024;
    private const int FirstItems = 64;

    private static readonly int s_shift = BitOperations.Log2((uint)(ChunkBytes / Unsafe.SizeOf<T>()));
    private static readonly int s_mask = (1 << s_shift) - 1;

    private T[][] _chunks = [new T[FirstItems]];
    private int _chunkCount = 1;

    public int Count { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[index >> s_shift][index & s_mask];
    }

    public void Add(in T item)
    {
        var at = Count & s_mask;
        var chunk = Count >> s_shift;
        if (chunk == _chunkCount)
            AddChunk();
        else if (at == _chunks[chunk].Length)
            Array.Resize(ref _chunks[chunk], at * 2);
        _chunks[chunk][at] = item;
        Count++;
    }

    /// <summary>The longest stretch from an index on that lies in one piece.</summary>
    public ReadOnlySpan<T> From(int index)
    {
        if (index >= Count)
            return default;
        var at = index & s_mask;
        return _chunks[index >> s_shift].AsSpan(at, Math.Min(Count - index, s_mask + 1 - at));
    }

    private void AddChunk()
    {
        if (_chunkCount == _chunks.Length)
            Array.Resize(ref _chunks, _chunkCount * 2);
        _chunks[_chunkCount++] = GC.AllocateUninitializedArray<T>(s_mask + 1);
    }
}
