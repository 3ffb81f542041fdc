namespace Ledgerfold.Storage.Index;

/// <summary>Walks all entries of a run in the order of their keys. One thread.</summary>
internal sealed class RunScan(RunFile run)
{
    private readonly byte[] _page = new byte[RunFormat.PageBytes];
    private uint _fence;
    private int _at = -1;
    private int _count;
    private IndexKey _key;

    public RunFile Run => run;

    public ref readonly IndexKey Key => ref _key;

    /// <summary>Everything about the current key, within the page that is being walked.</summary>
    public EntryView Entry => new(new EntryPage(_page).Payload(_at));

    public RunFormat.EntryKind Kind => Entry.Kind;

    /// <summary>What the entry of a stream says beside its positions.</summary>
    public StreamEntry Stream => Entry.Stream;

    /// <summary>Goes to the first, then to the next entry; false at the end.</summary>
    public bool MoveNext()
    {
        if (++_at == _count)
        {
            if (_fence == run.EntryPages)
                return false;
            _count = run.ReadEntries(_fence++, _page).Count;
            _at = 0;
        }

        _key = new EntryPage(_page).Key(_at);
        return true;
    }

    /// <summary>The position of an id, counted from the run's first; false for another kind.</summary>
    public bool TryGetId(out uint position)
    {
        var payload = new EntryPage(_page).Payload(_at);
        var at = 1;
        var isId = (payload[0] & 3) == (int)RunFormat.EntryKind.Id;
        position = isId ? (uint)RunFormat.ReadVarint(payload, ref at) : 0;
        return isId;
    }

    /// <summary>The positions of the current entry.</summary>
    public PositionCursor Positions(bool backward = false) => run.Open(Entry, backward);
}
