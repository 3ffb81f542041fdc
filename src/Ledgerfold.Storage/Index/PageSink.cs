using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Numbers the pages of a stretch of a file and writes them in large pieces. A page may be filled later than those numbered after it:
/// behind the window it is written by itself. One thread.
/// </summary>
internal sealed class PageSink(IDiskFile file, ulong nonce, uint firstPage, int windowPages)
{
    private readonly byte[] _window = new byte[windowPages * RunFormat.PageBytes];
    private readonly byte[] _late = new byte[RunFormat.PageBytes];
    private uint _windowStart = firstPage;

    /// <summary>The next page to be numbered.</summary>
    public uint Next { get; private set; } = firstPage;

    /// <summary>How many bytes have been given to the file.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Numbers a page.</summary>
    public uint Allocate() => Next++;

    /// <summary>Numbers a page and fills it.</summary>
    public uint Add(ReadOnlySpan<byte> content)
    {
        var page = Allocate();
        Write(page, content);
        return page;
    }

    /// <summary>Fills a numbered page; what the content leaves free is zero.</summary>
    public void Write(uint page, ReadOnlySpan<byte> content)
    {
        if (page < _windowStart)
        {
            Fill(_late, page, content);
            file.Write(_late, RunFormat.OffsetOf(page));
            BytesWritten += _late.Length;
            return;
        }

        while (page >= _windowStart + (uint)windowPages)
            FlushWindow(windowPages);
        Fill(_window.AsSpan((int)(page - _windowStart) * RunFormat.PageBytes, RunFormat.PageBytes), page, content);
    }

    /// <summary>Writes what is left; every numbered page has been filled.</summary>
    public void Flush() => FlushWindow((int)(Next - _windowStart));

    private void FlushWindow(int pages)
    {
        if (pages == 0)
            return;
        file.Write(_window.AsSpan(0, pages * RunFormat.PageBytes), RunFormat.OffsetOf(_windowStart));
        BytesWritten += (long)pages * RunFormat.PageBytes;
        _windowStart += (uint)pages;
    }

    private void Fill(Span<byte> page, uint number, ReadOnlySpan<byte> content)
    {
        content.CopyTo(page);
        page[content.Length..].Clear();
        RunFormat.Seal(page, nonce, number);
    }
}
