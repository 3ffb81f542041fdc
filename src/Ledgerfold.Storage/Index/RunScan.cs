namespace Ledgerfold.Storage.Index;

/// <summary>Walks all entries of a run in the order of their keys. One thread.</summary>
internal sealed class RunScan(RunFile run)
{
    private readonly byte[] _page = new byte[RunFormat.PageBytes];
    private uint _fence;
    private int _at = -1;
    private int _count;

    public RunFile Run => run;

    public IndexKey Key { get; private set; }

    public EntryView Entry => new EntryPage(_page).Entry(_at);

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

        Key = new EntryPage(_page).Key(_at);
        return true;
    }

    /// <summary>The positions of the current entry.</summary>
    public PositionCursor Positions(bool backward = false) => run.Open(Entry, backward);
}
