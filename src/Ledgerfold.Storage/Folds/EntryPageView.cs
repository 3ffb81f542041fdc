using System.Buffers.Binary;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Reads a page of entries or fences, as <see cref="TableFormat"/> draws it.</summary>
internal readonly ref struct EntryPageView(ReadOnlySpan<byte> page)
{
    private readonly ReadOnlySpan<byte> _page = page;

    public int Count => BinaryPrimitives.ReadUInt16LittleEndian(_page);

    public ReadOnlySpan<byte> Key(int entry)
    {
        var at = Start(entry);
        var keyBytes = (int)RunFormat.ReadVarint(_page, ref at);
        RunFormat.ReadVarint(_page, ref at);
        return _page.Slice(at, keyBytes);
    }

    /// <summary>What stands behind the key: the value, or the page of a large one.</summary>
    public ReadOnlySpan<byte> Payload(int entry, out TableFormat.Form form, out int valueBytes)
    {
        var at = Start(entry);
        var keyBytes = (int)RunFormat.ReadVarint(_page, ref at);
        var packed = RunFormat.ReadVarint(_page, ref at);
        form = (TableFormat.Form)(packed & 3);
        valueBytes = (int)(packed >> 2);
        return _page.Slice(at + keyBytes, form switch
        {
            TableFormat.Form.Inline => valueBytes,
            TableFormat.Form.Large => sizeof(uint),
            _ => 0,
        });
    }

    public uint PageOf(int fence) => BinaryPrimitives.ReadUInt32LittleEndian(Payload(fence, out _, out _));

    /// <summary>The first entry whose key is not below this one; the count if all are.</summary>
    public int FirstFrom(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Key(middle).SequenceCompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>The last entry whose key is not above this one; -1 if all are.</summary>
    public int LastUpTo(ReadOnlySpan<byte> key)
    {
        var at = FirstFrom(key);
        return at < Count && Key(at).SequenceEqual(key) ? at : at - 1;
    }

    private int Start(int entry) => BinaryPrimitives.ReadUInt16LittleEndian(_page[(4 + (2 * entry))..]);
}
