using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>Walks the entries of a table, a page at a time.</summary>
internal sealed class TableCursor(FoldTable table, bool backward) : EntryCursor
{
    private readonly byte[] _page = new byte[RunFormat.PageBytes];
    private readonly byte[] _fencePage = new byte[RunFormat.PageBytes];
    private int _stretch;
    private int _fence;
    private int _entry;
    private byte[]? _large;

    public override ReadOnlySpan<byte> Key => new EntryPageView(_page).Key(_entry);

    public override bool IsRemoval
    {
        get
        {
            new EntryPageView(_page).Payload(_entry, out var form, out _);
            return form == TableFormat.Form.Removal;
        }
    }

    public override ReadOnlySpan<byte> Value
    {
        get
        {
            var payload = new EntryPageView(_page).Payload(_entry, out var form, out var length);
            return form == TableFormat.Form.Large ? _large ??= table.ReadLarge(payload, length) : payload;
        }
    }

    public override bool Seek(ReadOnlySpan<byte> bound)
    {
        _large = null;
        _stretch = table.LastUpTo(bound);
        if (_stretch < 0)
            return !backward && Load(0, 0, 0);
        _fence = Math.Max(0, table.FencesOf(_stretch, _fencePage).LastUpTo(bound));
        if (!Load(_stretch, _fence, 0))
            return false;
        _entry = new EntryPageView(_page).FirstFrom(bound);
        if (backward)
            return --_entry >= 0 || LoadBefore();
        return _entry < new EntryPageView(_page).Count || LoadNext();
    }

    public override bool MoveNext()
    {
        _large = null;
        if (backward)
            return --_entry >= 0 || LoadBefore();
        return ++_entry < new EntryPageView(_page).Count || LoadNext();
    }

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
        table.ReadPage(table.FencesOf(stretch, _fencePage).PageOf(fence), _page);
        _entry = Math.Min(entry, new EntryPageView(_page).Count - 1);
        return true;
    }
}
