using System.Buffers.Binary;
using Ledgerfold.Seams;

namespace Ledgerfold.Storage.Index;

/// <summary>
/// Makes one run of several adjacent ones, in small steps and in little memory: keys come from all inputs in order, blocks of long lists
/// are copied as they are. Given up at any time, it leaves the inputs as they were. One thread.
/// </summary>
internal sealed class RunMerge : IDisposable
{
    private readonly RunFile[] _inputs;
    private readonly RunScan[] _scans;
    private readonly uint[] _shifts;
    private readonly bool[] _ended;
    private readonly int[] _equal;
    private readonly RunBuilder _builder;
    private readonly int _stepPages;
    private readonly IEnumerator<bool> _work;
    private readonly byte[] _page = new byte[RunFormat.PageBytes];
    private readonly uint[] _offsets = new uint[RunFormat.OffsetsPerPage];
    private readonly uint[] _positions = new uint[RunFormat.ShortListMax];
    private int _equalCount;
    private long _due;

    /// <param name="disk">Where.</param>
    /// <param name="inputs">The runs, oldest first; whoever merges keeps them open.</param>
    /// <param name="nonce">That of the new run.</param>
    /// <param name="storeId">The store.</param>
    /// <param name="options">The size of a step.</param>
    public RunMerge(IDisk disk, RunFile[] inputs, ulong nonce, Guid storeId, IndexOptions options)
    {
        _inputs = inputs;
        _scans = [.. inputs.Select(static input => new RunScan(input))];
        _shifts = [.. inputs.Select(input => (uint)(input.FirstPosition - inputs[0].FirstPosition))];
        _ended = new bool[inputs.Length];
        _equal = new int[inputs.Length];
        _stepPages = options.MergeStepPages;
        _due = _stepPages;
        var name = new RunName(inputs[0].Name.FirstSegment, inputs[^1].Name.LastSegment, nonce);
        var positions = (inputs[0].FirstPosition, inputs.Sum(static input => input.Count));
        _builder = new RunBuilder(disk, name, storeId, positions, inputs.Sum(static input => input.Keys), options);
        _due += _builder.Pages;
        _work = Work().GetEnumerator();
    }

    public IReadOnlyList<RunFile> Inputs => _inputs;

    public RunName Name => _builder.Name;

    public long Count => _inputs.Sum(static input => input.Count);

    /// <summary>Does a little; false once the new run exists.</summary>
    public bool Step() => _work.MoveNext();

    public void Dispose()
    {
        _work.Dispose();
        _builder.Dispose();
    }

    private IEnumerable<bool> Work()
    {
        foreach (var input in _inputs)
        {
            for (var page = 0u; page < RunFormat.PagesFor(input.Count * 4); page++)
            {
                CopyOffsets(input, page);
                if (IsDue())
                    yield return true;
            }
        }

        for (var s = 0; s < _scans.Length; s++)
            _ended[s] = !_scans[s].MoveNext();
        while (FindNext())
        {
            if (!TryCopyWhole())
            {
                for (var e = 0; e < _equalCount; e++)
                {
                    for (var leaf = 0; CopyLeaf(_equal[e], leaf); leaf++)
                    {
                        if (IsDue())
                            yield return true;
                    }
                }

                EndList();
            }

            MovePast();
            if (IsDue())
                yield return true;
        }

        _builder.Finish([.. _inputs.SelectMany(static input => input.Segments)], _inputs[^1].ReadTail());
    }

    private bool IsDue()
    {
        if (_builder.Pages < _due)
            return false;
        _due = _builder.Pages + _stepPages;
        _builder.SyncSome();
        return true;
    }

    private void CopyOffsets(RunFile input, uint page)
    {
        input.ReadOffsets(page, _page);
        var count = (int)Math.Min(RunFormat.OffsetsPerPage, input.Count - (page * RunFormat.OffsetsPerPage));
        for (var i = 0; i < count; i++)
            _offsets[i] = BinaryPrimitives.ReadUInt32LittleEndian(_page.AsSpan(4 * i));
        _builder.AddOffsets(_offsets.AsSpan(0, count));
    }

    // The inputs that stand at the smallest key, oldest first.
    private bool FindNext()
    {
        _equalCount = 0;
        for (var s = 0; s < _scans.Length; s++)
        {
            if (_ended[s])
                continue;
            ref readonly var key = ref _scans[s].Key;
            if (_equalCount > 0)
            {
                ref readonly var least = ref _scans[_equal[0]].Key;
                if (least < key)
                    continue;
                if (key < least)
                    _equalCount = 0;
            }

            _equal[_equalCount++] = s;
        }

        return _equalCount > 0;
    }

    private void MovePast()
    {
        for (var e = 0; e < _equalCount; e++)
            _ended[_equal[e]] = !_scans[_equal[e]].MoveNext();
    }

    // Most keys are ids, or stand in one input with a short list.
    private bool TryCopyWhole()
    {
        var scan = _scans[_equal[0]];
        if (scan.TryGetId(out var position))
        {
            _builder.AddId(scan.Key, position + _shifts[_equal[0]]);
            return true;
        }

        if (_equalCount > 1)
            return false;
        var entry = scan.Entry;
        if (entry.Form != RunFormat.ListForm.Short)
            return false;
        _builder.AddShort(scan.Key, entry, _shifts[_equal[0]]);
        return true;
    }

    // Copies the n-th leaf of an input's list; false when there is none.
    private bool CopyLeaf(int input, int leaf)
    {
        var entry = _scans[input].Entry;
        var shift = _shifts[input];
        var leaves = entry.Form == RunFormat.ListForm.Pages ? (int)entry.Place : 1;
        if (leaf >= leaves)
            return false;
        if (entry.Form == RunFormat.ListForm.Short)
        {
            entry.DecodeShortList(_positions);
            var count = (int)entry.Count;
#if ZOO
            if (count > 1 && Zoo.Bug("merge-drops-the-last-posting"))
                count--;
#endif
            foreach (var position in _positions.AsSpan(0, count))
                _builder.List.Add(position + shift);
            return true;
        }

        _inputs[input].ReadPage(entry.Page + (uint)leaf, _page);
        var view = new LeafView(_page.AsSpan(entry.Form == RunFormat.ListForm.Leaf ? (int)entry.Place : 0));
        for (var block = 0; block < view.Blocks; block++)
            _builder.List.AddBlock(view.First(block) + shift, view.Count(block), view.Differences(block));
        return true;
    }

    private void EndList()
    {
        var oldest = _scans[_equal[0]];
        var newest = _scans[_equal[_equalCount - 1]];
        if (oldest.Kind == RunFormat.EntryKind.Stream)
            _builder.AddStream(oldest.Key, newest.Stream with { FirstVersion = oldest.Stream.FirstVersion });
        else
            _builder.AddLabel(oldest.Key);
    }
}
