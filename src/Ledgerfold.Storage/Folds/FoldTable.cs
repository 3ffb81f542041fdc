using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Ledgerfold.Seams;
using Ledgerfold.Storage.Index;

namespace Ledgerfold.Storage.Folds;

/// <summary>
/// A table as it is read (<see cref="TableFormat"/>). The first key of every stretch is kept in memory, and filters and fences as far as
/// the budget allows; everything else is read and checked page by page. Immutable but for that; any thread.
/// </summary>
internal sealed class FoldTable : IDisposable
{
    private const int LargeReadPages = 64;

    private readonly IDiskFile _file;
    private readonly PageBudget _budget;
    private readonly TableFormat.Footer _footer;
    private readonly byte[][] _firstKeys;
    private readonly (uint Filter, uint Fences)[] _pages;
    private readonly byte[]?[] _filters;
    private readonly byte[]?[] _fences;
    private long _kept;
    private int _holders;

    private FoldTable(IDiskFile file, TableFormat.Footer footer, PageBudget budget)
    {
        _file = file;
        _footer = footer;
        _budget = budget;
        Name = TableFormat.NameOf(footer.Nonce);
        (_firstKeys, _pages) = ReadTops();
        _filters = new byte[]?[_pages.Length];
        _fences = new byte[]?[_pages.Length];
        Census = ReadCensus();
    }

    public string Name { get; }

    public ulong Nonce => _footer.Nonce;

    public long Bytes => (long)_footer.Pages * RunFormat.PageBytes;

    public long Entries => _footer.Entries;

    public int Stretches => _pages.Length;

    /// <summary>How many bytes the entries of each fold take.</summary>
    public IReadOnlyList<(uint Fold, long Bytes)> Census { get; }

    /// <summary>
    /// The numbers of folds that a merge found entries of missing, 0 for the catalogue of all: until they are dropped it is not merged
    /// again, so that nothing is lost unnoticed. Upkeep only.
    /// </summary>
    public HashSet<uint> Lost { get; } = [];

    /// <summary>Opens a table.</summary>
    /// <exception cref="FoldsDamagedException">It is gone, or not what was written.</exception>
    public static FoldTable Open(IDisk disk, ulong nonce, Guid storeId, PageBudget budget)
    {
        var name = TableFormat.NameOf(nonce);
        IDiskFile file;
        try
        {
            file = disk.Open(name, writable: false);
        }
        catch (FileNotFoundException)
        {
            throw Damage.Of(name, "is gone");
        }

        try
        {
            return new FoldTable(file, ReadFooter(file, nonce, storeId), budget);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Finds what stands at a key; what is found lies in <paramref name="page"/>, a buffer of one page, or in an array of its own.
    /// </summary>
    public bool TryFind(scoped ReadOnlySpan<byte> key, scoped in IndexKey hash, Span<byte> page, out Found found)
    {
        found = default;
        var stretch = LastUpTo(key);
        if (stretch < 0 || !MightHold(stretch, hash, page))
            return false;
        var fences = FencesOf(stretch, page);
        ReadPage(fences.PageOf(Math.Max(0, fences.LastUpTo(key))), page);
        var entries = new EntryPageView(page);
        var at = entries.FirstFrom(key);
        if (at == entries.Count || !entries.Key(at).SequenceEqual(key))
            return false;
        var payload = entries.Payload(at, out var form, out var length);
        found = new Found(form == TableFormat.Form.Large ? ReadLarge(payload, length) : payload, form == TableFormat.Form.Removal);
        return true;
    }

    public EntryCursor Open(bool backward) => new TableCursor(this, backward);

    /// <summary>Whether any key may begin like this; the hash is that of the beginning, which ends an index value.</summary>
    public bool MightHoldValue(ReadOnlySpan<byte> start, scoped in IndexKey hash, Span<byte> page)
    {
        var stretch = LastUpTo(start);
        return (stretch >= 0 && MightHold(stretch, hash, page)) || FirstKeyOf(stretch + 1).StartsWith(start);
    }

    /// <summary>The first key of a stretch; empty behind the last.</summary>
    public ReadOnlySpan<byte> FirstKeyOf(int stretch) => stretch < _firstKeys.Length ? _firstKeys[stretch] : [];

    /// <summary>The last stretch whose first key is not above this one; -1 if all are.</summary>
    public int LastUpTo(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, _firstKeys.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_firstKeys[middle].AsSpan().SequenceCompareTo(key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>The fences of a stretch: kept, or read into the buffer.</summary>
    public EntryPageView FencesOf(int stretch, Span<byte> page) => new(Kept(_fences, stretch, _pages[stretch].Fences, page));

    /// <summary>The same, always read into the buffer.</summary>
    public void ReadFences(int stretch, Span<byte> page) => ReadPage(_pages[stretch].Fences, page);

    /// <summary>Reads a page and checks it.</summary>
    /// <exception cref="FoldsDamagedException">It is not what was written.</exception>
    /// <exception cref="TableUnreadableException">The disk fails there.</exception>
    public void ReadPage(uint page, Span<byte> into)
    {
        into = into[..RunFormat.PageBytes];
        if (Read(into, page) != into.Length || !RunFormat.IsSound(into, Nonce, page))
            throw Damage.Of(Name, $"is damaged at offset {RunFormat.OffsetOf(page)}");
    }

    public byte[] ReadLarge(ReadOnlySpan<byte> payload, int length)
    {
        var value = GC.AllocateUninitializedArray<byte>(length);
        var pages = new byte[Math.Min(LargeReadPages, (int)RunFormat.PagesFor(length)) * RunFormat.PageBytes];
        var page = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        for (var at = 0; at < length;)
        {
            var count = (int)Math.Min(LargeReadPages, RunFormat.PagesFor(length - at));
            var some = pages.AsSpan(0, count * RunFormat.PageBytes);
            var read = Read(some, page);
            for (var p = 0; p < count; p++, page++)
            {
                var one = some.Slice(p * RunFormat.PageBytes, RunFormat.PageBytes);
                if (read < (p + 1) * RunFormat.PageBytes || !RunFormat.IsSound(one, Nonce, page))
                    throw Damage.Of(Name, $"is damaged at offset {RunFormat.OffsetOf(page)}");
                var part = Math.Min(RunFormat.ContentBytes, length - at);
                one[..part].CopyTo(value.AsSpan(at));
                at += part;
            }
        }

        return value;
    }

    /// <summary>Counts one more version of the store that reads it.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Counts one less; true when that was the last.</summary>
    public bool Release() => Interlocked.Decrement(ref _holders) == 0;

    public void Dispose()
    {
        _budget.Return(Interlocked.Exchange(ref _kept, 0));
        _file.Dispose();
    }

    private static TableFormat.Footer ReadFooter(IDiskFile file, ulong nonce, Guid storeId)
    {
        var name = TableFormat.NameOf(nonce);
        var page = new byte[RunFormat.PageBytes];
        var pages = file.Length / RunFormat.PageBytes;
        if (pages is 0 or > uint.MaxValue || file.Read(page, (pages - 1) * RunFormat.PageBytes) != page.Length
            || !RunFormat.IsSound(page, nonce, (uint)(pages - 1)))
        {
            throw Damage.Of(name, "does not end as it was written");
        }

        if (TableFormat.Footer.VersionOf(page) is var version && version > TableFormat.Version)
            throw Damage.NewerFormat(name, version);
        var footer = TableFormat.Footer.Read(page);
        if (version == 0 || footer.Nonce != nonce || file.Length != (long)footer.Pages * RunFormat.PageBytes || footer.StoreId != storeId)
            throw Damage.Of(name, "belongs to another store");
        return footer;
    }

    private int Read(Span<byte> into, uint page)
    {
        try
        {
            return _file.Read(into, RunFormat.OffsetOf(page));
        }
        catch (IOException failure)
        {
            throw new TableUnreadableException(failure);
        }
    }

    private bool MightHold(int stretch, scoped in IndexKey hash, Span<byte> page)
    {
#if ZOO
        if (hash.Low % 50 == 0 && Zoo.Bug("fold-filter-says-no-to-a-key-it-holds"))
            return false;
#endif
        return TableFormat.IsMarked(hash, Kept(_filters, stretch, _pages[stretch].Filter, page));
    }

    private ReadOnlySpan<byte> Kept(byte[]?[] pages, int stretch, uint number, Span<byte> page)
    {
        if (Volatile.Read(ref pages[stretch]) is { } kept)
            return kept;
        if (!_budget.TryTake())
        {
            ReadPage(number, page);
            return page;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(RunFormat.PageBytes);
        try
        {
            ReadPage(number, bytes);
        }
        catch
        {
            _budget.Return(1);
            throw;
        }

        if (Interlocked.CompareExchange(ref pages[stretch], bytes, null) is null)
            Interlocked.Increment(ref _kept);
        else
            _budget.Return(1);
        return bytes;
    }

    private (byte[][] Keys, (uint Filter, uint Fences)[] Pages) ReadTops()
    {
        var bytes = ReadBytes(_footer.TopsPage, _footer.TopsBytes);
        var (keys, pages) = (new List<byte[]>(), new List<(uint, uint)>());
        for (var at = 0; at < bytes.Length;)
        {
            var top = bytes.AsSpan(at);
            pages.Add((BinaryPrimitives.ReadUInt32LittleEndian(top), BinaryPrimitives.ReadUInt32LittleEndian(top[4..])));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(top[8..]);
            keys.Add(bytes[(at + 10)..(at + 10 + length)]);
            at += 10 + length;
        }

        return ([.. keys], [.. pages]);
    }

    private (uint Fold, long Bytes)[] ReadCensus()
    {
        var bytes = ReadBytes(_footer.CensusPage, _footer.CensusBytes);
        var census = new (uint, long)[bytes.Length / TableFormat.CensusBytes];
        for (var c = 0; c < census.Length; c++)
        {
            var one = bytes.AsSpan(c * TableFormat.CensusBytes, TableFormat.CensusBytes);
            census[c] = (BinaryPrimitives.ReadUInt32LittleEndian(one), BinaryPrimitives.ReadInt64LittleEndian(one[4..]));
        }

        return census;
    }

    [SkipLocalsInit]
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
}
