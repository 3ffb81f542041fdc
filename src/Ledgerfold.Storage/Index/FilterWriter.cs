namespace Ledgerfold.Storage.Index;

/// <summary>
/// Writes the filter while the keys come by in order: a key's block is given by its leading bits, so that one page is in the making at any
/// time, however large the filter. One thread.
/// </summary>
internal sealed class FilterWriter(PageSink sink, uint blocks)
{
    private readonly byte[] _page = new byte[RunFormat.ContentBytes];
    private readonly uint _pages = (blocks + RunFormat.FilterBlocksPerPage - 1) / RunFormat.FilterBlocksPerPage;
    private uint _written;

    public void Add(in IndexKey key)
    {
        var (page, block) = Math.DivRem(RunFormat.FilterBlockOf(key, blocks), (uint)RunFormat.FilterBlocksPerPage);
        WriteThrough(page);
        RunFormat.Mark(key, _page.AsSpan((int)block * RunFormat.FilterBlockBytes, RunFormat.FilterBlockBytes));
    }

    public void Finish()
    {
        WriteThrough(_pages);
        sink.Flush();
    }

    private void WriteThrough(uint page)
    {
        for (; _written < page; _written++)
        {
            sink.Add(_page);
            _page.AsSpan().Clear();
        }
    }
}
