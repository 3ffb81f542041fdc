using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Whether the entries from one key up to another, empty for no end, may be left out because of a failure.</summary>
internal delegate bool MayLose(FoldTable table, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, IOException failure);

/// <summary>
/// Walks a whole table upward for a merge, each page read once and none kept. Pages that cannot be read are left out where that is allowed.
/// </summary>
internal sealed class TableScan(FoldTable table, MayLose mayLose) : PageCursor
{
    private readonly byte[] _fences = new byte[RunFormat.PageBytes];
    private int _stretch = -1;
    private int _fence;
    private int _fenceCount;

    private EntryPageView Fences => new(_fences);

    /// <summary>Goes to the first entry; a merge begins nowhere else.</summary>
    public override bool Seek(ReadOnlySpan<byte> bound) => bound.IsEmpty ? NextPage() : throw new NotSupportedException();

    public override bool MoveNext()
    {
        LeaveEntry();
        return ++Entry < View.Count || NextPage();
    }

    protected override byte[] ReadLarge(ReadOnlySpan<byte> payload, int length)
    {
        try
        {
            return table.ReadLarge(payload, length);
        }
        catch (IOException failure)
        {
            mayLose(table, Key, [.. Key, 0], failure); // to say so: a merge reads no values that may be lost
            throw;
        }
    }

    private bool NextPage()
    {
        Entry = 0;
        while (true)
        {
            if (++_fence < _fenceCount)
            {
                if (TryReadPage())
                    return true;
            }
            else if (++_stretch == table.Stretches)
            {
                return false;
            }
            else
            {
                _fence = -1;
                _fenceCount = TryReadFences() ? Fences.Count : 0;
            }
        }
    }

    private bool TryReadPage()
    {
        try
        {
            table.ReadPage(Fences.PageOf(_fence), Page);
            return true;
        }
        catch (IOException failure)
        {
            var to = _fence + 1 < _fenceCount ? Fences.Key(_fence + 1) : table.FirstKeyOf(_stretch + 1);
            if (mayLose(table, Fences.Key(_fence), to, failure))
                return false;
            throw;
        }
    }

    private bool TryReadFences()
    {
        try
        {
            table.ReadFences(_stretch, _fences);
            return true;
        }
        catch (IOException failure) when (mayLose(table, table.FirstKeyOf(_stretch), table.FirstKeyOf(_stretch + 1), failure))
        {
            return false;
        }
    }
}
