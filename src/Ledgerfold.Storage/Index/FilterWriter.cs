namespace Ledgerfold.Storage.Index;

/// <summary>
/// Writes the filter while the keys come by in order: a key's block is given by its leading bits, so that one page is in the making at any
/// time, however large the filter. One thread.
/// </summary>
internal sealed class FilterWriter(PageSink sink, uint blocks)
{
    private readonly byte[] _page = new byte[RunFormat.ContentBytes];
    private uint _firstBlock;

    public void Add(in IndexKey key)
    {
        var block = RunFormat.FilterBlockOf(key, blocks) - _firstBlock;
        for (; block >= RunFormat.FilterBlocksPerPage; block -= RunFormat.FilterBlocksPerPage)
            WritePage();
        RunFormat.Mark(key, _page.AsSpan((int)block * RunFormat.FilterBlockBytes, RunFormat.FilterBlockBytes));
    }

    public void Finish()
    {
        while (_firstBlock < blocks)
            WritePage();
        sink.Flush();
    }

    private void WritePage()
    {
        sink.Add(_page);
        _page.AsSpan().Clear();
        _firstBlock += RunFormat.FilterBlocksPerPage;
    }
}
