using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// A run as it is read (<see cref="RunFormat"/>). Only the fences and the summaries are kept in memory, and as much of the filter as was
/// asked for while the budget allows; everything else is read and checked page by page. Immutable but for that; any thread.
/// </summary>
internal sealed class RunFile : IPostingSource, IDisposable
{
    private readonly IDiskFile _file;
    private readonly RunFormat.Footer _footer;
    private readonly ulong[] _fenceHighs;
    private readonly uint[] _fencePages;
    private byte[]?[]? _filter;
    private volatile bool _isDamaged;

    private RunFile(IDiskFile file, RunFormat.Footer footer)
    {
        _file = file;
        _footer = footer;
        FileName = footer.Name.ToString();
        (_fenceHighs, _fencePages) = ReadFences();
        Segments = ReadSummaries();
    }

    public RunName Name => _footer.Name;

    public string FileName { get; }

    public long FirstPosition => _footer.FirstPosition;

    public long LastPosition => _footer.FirstPosition + _footer.Count - 1;

    public long Count => _footer.Count;

    /// <summary>How many entries there are.</summary>
    public long Keys => _footer.Keys;

    public long FileBytes => RunFormat.OffsetOf(_footer.Pages);

    public long FilterBytes => (long)_footer.FilterBlocks * RunFormat.FilterBlockBytes;

    /// <summary>What it covers, in order.</summary>
    public IReadOnlyList<SegmentSummary> Segments { get; }

    public uint EntryPages => (uint)_fencePages.Length;

    /// <summary>Whether somebody met a page that is not what was written: the run must be built again from the log.</summary>
    public bool IsDamaged => _isDamaged;

    /// <summary>How many versions of the set hold it; guarded by the set.</summary>
    internal int Holders { get; set; }

    /// <summary>Opens a run; null and the problem when it cannot be used.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    public static RunFile? Open(IDisk disk, RunName name, Guid storeId, out IndexProblem? problem)
    {
        problem = null;
        var file = disk.Open(name.ToString(), writable: false);
        RunFile? run = null;
        try
        {
            problem = ReadFooter(file, name, storeId, out var footer);
            if (problem is null)
                run = new RunFile(file, footer);
        }
        catch (LedgerDamagedException damage)
        {
            problem = new IndexProblem(name.ToString(), IndexProblemKind.Damaged, damage.Message);
        }
        finally
        {
            if (run is null)
                file.Dispose();
        }

        return run;
    }

    /// <summary>Finds the entry of a key; what is found lies in <paramref name="page"/>, a buffer of one page.</summary>
    public bool TryFind(in IndexKey key, Span<byte> page, out EntryView entry)
    {
        entry = default;
        if (!MightHold(key))
            return false;
        for (var fence = FenceOf(key); fence >= 0; fence--)
        {
            ReadPage(_fencePages[fence], page);
            var entries = new EntryPage(page);
            var found = entries.Find(key);
            if (found >= 0)
            {
                entry = new EntryView(entries.Payload(found));
                return true;
            }

            if (_fenceHighs[fence] < key.High || entries.Key(0) < key)
                return false;
        }

        return false;
    }

    [SkipLocalsInit]
    public bool TryFindId(in IndexKey id, out long position)
    {
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        position = 0;
        if (!TryFind(id, page, out var entry) || entry.Kind != RunFormat.EntryKind.Id)
            return false;
        position = FirstPosition + entry.First;
        return true;
    }

    [SkipLocalsInit]
    public bool TryFindStream(in IndexKey stream, out StreamEntry found)
    {
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        found = default;
        if (!TryFind(stream, page, out var entry) || entry.Kind != RunFormat.EntryKind.Stream)
            return false;
        found = entry.Stream;
        return true;
    }

    [SkipLocalsInit]
    public PositionCursor? Open(in IndexKey key, bool backward)
    {
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        return TryFind(key, page, out var entry) ? Open(entry, backward) : null;
    }

    /// <summary>The positions of an entry.</summary>
    public PositionCursor Open(in EntryView entry, bool backward)
    {
        if (entry.Kind == RunFormat.EntryKind.Id)
            return new ListCursor([entry.First], 0, 1, FirstPosition, backward);
        if (entry.Form == RunFormat.ListForm.Short)
            return new ListCursor(entry.ShortList(), 0, (int)entry.Count, FirstPosition, backward);
        return new RunListCursor(this, entry, backward);
    }

    [SkipLocalsInit]
    public long CountOf(in IndexKey key)
    {
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        return TryFind(key, page, out var entry) ? entry.Count : 0;
    }

    /// <summary>Whether the filter lets a key pass: never falsely no, falsely yes at most once in a thousand.</summary>
    [SkipLocalsInit]
    public bool MightHold(in IndexKey key)
    {
#if ZOO
        if (key.Low % 100 == 0 && Zoo.Bug("filter-says-no-to-a-key-it-holds"))
            return false;
#endif
        var (page, block) = Math.DivRem(RunFormat.FilterBlockOf(key, _footer.FilterBlocks), (uint)RunFormat.FilterBlocksPerPage);
        var at = (int)block * RunFormat.FilterBlockBytes;
        var filter = Volatile.Read(ref _filter);
        if (filter is null)
        {
            Span<byte> once = stackalloc byte[RunFormat.PageBytes];
            ReadPage(_footer.FilterPage + page, once);
            return RunFormat.IsMarked(key, once.Slice(at, RunFormat.FilterBlockBytes));
        }

        var kept = Volatile.Read(ref filter[page]) ?? KeepFilterPage(filter, page);
        return RunFormat.IsMarked(key, kept.AsSpan(at, RunFormat.FilterBlockBytes));
    }

    /// <summary>Says whether the filter's pages stay in memory once they were read.</summary>
    public void KeepFilter(bool keep)
    {
        if (keep != Volatile.Read(ref _filter) is not null)
            Volatile.Write(ref _filter, keep ? new byte[]?[_footer.BodyPage - _footer.FilterPage] : null);
    }

    /// <summary>Reads a page of offsets, 1,023 of them from <c>page × 1,023</c> on.</summary>
    /// <param name="page">Which.</param>
    /// <param name="into">A buffer of one page.</param>
    /// <param name="position">The position that is looked for, for whoever must be told that it cannot be found.</param>
    public void ReadOffsets(uint page, Span<byte> into, long position = 0) => ReadPage(page, into, position);

    /// <summary>Reads the n-th entry page in the order of keys.</summary>
    public EntryPage ReadEntries(uint fence, Span<byte> into)
    {
        ReadPage(_fencePages[fence], into);
        return new EntryPage(into);
    }

    /// <summary>The bytes that the run's caller gave it.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> ReadTail()
    {
        var left = _footer.TailBytes;
        for (var page = _footer.TailPage; left > 0; page++)
        {
            var bytes = new byte[RunFormat.PageBytes];
            ReadPage(page, bytes);
            var part = Math.Min(left, RunFormat.ContentBytes);
            yield return bytes.AsMemory(0, part);
            left -= part;
        }
    }

    /// <summary>The same in one piece.</summary>
    public byte[] CopyTail()
    {
        var tail = new ArrayBufferWriter<byte>();
        foreach (var piece in ReadTail())
            tail.Write(piece.Span);
        return tail.WrittenSpan.ToArray();
    }

    /// <summary>Reads a page and checks it.</summary>
    /// <exception cref="LedgerDamagedException">It is not what was written.</exception>
    public void ReadPage(uint page, Span<byte> into, long position = 0)
    {
        into = into[..RunFormat.PageBytes];
        if (_file.Read(into, RunFormat.OffsetOf(page)) == into.Length && RunFormat.IsSound(into, Name.Nonce, page))
            return;
#if ZOO
        if (Zoo.Bug("index-pages-not-checked"))
            return;
#endif
        _isDamaged = true;
        throw new LedgerDamagedException(
            "The index is damaged here, until it is rebuilt from the log", FileName, RunFormat.OffsetOf(page),
            position == 0 ? FirstPosition : position);
    }

    /// <summary>Reads every page.</summary>
    /// <exception cref="LedgerDamagedException">One is not what was written.</exception>
    [SkipLocalsInit]
    public void Check()
    {
        Span<byte> bytes = stackalloc byte[RunFormat.PageBytes];
        for (var page = 0u; page < _footer.Pages; page++)
            ReadPage(page, bytes);
    }

    public void Dispose() => _file.Dispose();

    private static IndexProblem? ReadFooter(IDiskFile file, RunName name, Guid storeId, out RunFormat.Footer footer)
    {
        footer = default;
        Span<byte> page = stackalloc byte[RunFormat.PageBytes];
        var pages = file.Length / RunFormat.PageBytes;
        var offset = (pages - 1) * RunFormat.PageBytes;
        if (pages is 0 or > uint.MaxValue || file.Read(page, offset) != page.Length
            || !RunFormat.IsSound(page, name.Nonce, (uint)(pages - 1)))
            return Problem(IndexProblemKind.Damaged, "the footer is not what was written");
        var version = RunFormat.Footer.VersionOf(page);
        if (version > RunFormat.Version)
            return Problem(IndexProblemKind.NewerFormat, $"format {version}, this version reads {RunFormat.Version}");
        footer = RunFormat.Footer.Read(page);
        if (version == 0 || footer.Name != name || file.Length != RunFormat.OffsetOf(footer.Pages))
            return Problem(IndexProblemKind.Damaged, "the footer is that of another file");
        return footer.StoreId == storeId ? null : Problem(IndexProblemKind.ForeignStore, $"it belongs to store {footer.StoreId}");

        IndexProblem Problem(IndexProblemKind kind, string message) => new(name.ToString(), kind, message);
    }

    private (ulong[] Highs, uint[] Pages) ReadFences()
    {
        var bytes = ReadBytes(_footer.FencesPage, _footer.FencesBytes);
        var highs = new ulong[bytes.Length / RunFormat.FenceBytes];
        var pages = new uint[highs.Length];
        for (var f = 0; f < highs.Length; f++)
        {
            highs[f] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(f * RunFormat.FenceBytes));
            pages[f] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((f * RunFormat.FenceBytes) + 8));
        }

        return (highs, pages);
    }

    private SegmentSummary[] ReadSummaries()
    {
        var bytes = ReadBytes(_footer.SummariesPage, _footer.SummariesBytes);
        var summaries = new SegmentSummary[bytes.Length / SegmentSummary.Size];
        for (var s = 0; s < summaries.Length; s++)
            summaries[s] = SegmentSummary.Read(bytes.AsSpan(s * SegmentSummary.Size));
        return summaries;
    }

    private byte[] ReadBytes(uint page, int count)
    {
        var bytes = new byte[count];
        Span<byte> one = stackalloc byte[RunFormat.PageBytes];
        for (var at = 0; at < count; at += RunFormat.ContentBytes, page++)
        {
            ReadPage(page, one);
            one[..Math.Min(RunFormat.ContentBytes, count - at)].CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    private byte[] KeepFilterPage(byte[]?[] filter, uint page)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(RunFormat.PageBytes);
        ReadPage(_footer.FilterPage + page, bytes);
        Volatile.Write(ref filter[page], bytes);
        return bytes;
    }

    // The last page whose first key does not begin above the key; keys are spread evenly, so that it is near its share of the pages.
    private int FenceOf(in IndexKey key)
    {
        const int Near = 512;
        var highs = _fenceHighs;
        var guess = (int)Math.BigMul(key.High, (ulong)highs.Length, out _);
        var low = guess > Near && highs[guess - Near] <= key.High ? guess - Near : 0;
        var high = guess + Near < highs.Length && highs[guess + Near] > key.High ? guess + Near : highs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (highs[middle] <= key.High)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }
}

/// <summary>A file of the index that is not used.</summary>
/// <param name="File">Its name.</param>
/// <param name="Kind">Why.</param>
/// <param name="Message">Why, for people.</param>
internal sealed record IndexProblem(string File, IndexProblemKind Kind, string Message);

/// <summary>Why a file of the index is not used.</summary>
internal enum IndexProblemKind
{
    /// <summary>It is not what was written; it is deleted and built again.</summary>
    Damaged,

    /// <summary>It belongs to another store; it is left alone.</summary>
    ForeignStore,

    /// <summary>A newer version wrote it; it is left alone.</summary>
    NewerFormat,
}
