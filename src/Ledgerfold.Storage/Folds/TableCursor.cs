using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Walks the entries of a table, a page at a time.</summary>
internal sealed class TableCursor(FoldTable table, bool backward) : PageCursor
{
    private readonly byte[] _fencePage = new byte[RunFormat.PageBytes];
    private int _stretch;
    private int _fence;

    public override bool Seek(ReadOnlySpan<byte> bound)
    {
        LeaveEntry();
        _stretch = table.LastUpTo(bound);
        if (_stretch < 0)
            return !backward && Load(0, 0, 0);
        _fence = Math.Max(0, table.FencesOf(_stretch, _fencePage).LastUpTo(bound));
        if (!Load(_stretch, _fence, 0))
            return false;
        Entry = View.FirstFrom(bound);
        if (backward)
            return --Entry >= 0 || LoadBefore();
        return Entry < View.Count || LoadNext();
    }

    public override bool MoveNext()
    {
        LeaveEntry();
        if (backward)
            return --Entry >= 0 || LoadBefore();
        return ++Entry < View.Count || LoadNext();
    }

    protected override byte[] ReadLarge(ReadOnlySpan<byte> payload, int length) => table.ReadLarge(payload, length);

    private bool LoadNext() =>
        _fence + 1 < table.FencesOf(_stretch, _fencePage).Count ? Load(_stretch, _fence + 1, 0) : Load(_stretch + 1, 0, 0);

    private bool LoadBefore()
    {
        if (_fence > 0)
            return Load(_stretch, _fence - 1, int.MaxValue);
        return _stretch > 0 && Load(_stretch - 1, table.FencesOf(_stretch - 1, _fencePage).Count - 1, int.MaxValue);
    }

    private bool Load(int stretch, int fence, int entry)
    {
        if (stretch >= table.Stretches)
            return false;
        (_stretch, _fence) = (stretch, fence);
        table.ReadPage(table.FencesOf(stretch, _fencePage).PageOf(fence), Page);
        Entry = Math.Min(entry, View.Count - 1);
        return true;
    }
}
